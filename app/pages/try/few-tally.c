/* SPDX-License-Identifier: MIT */
/* One pass over what is tried; the most frequent class comes first. */
#include "pages/try/few-tally.h"
#include "base/few-percent.h"
#include <glib/gi18n.h>
#include <gtk/gtk.h>

typedef enum { KIND_ALL, KIND_CLASS, KIND_NONE, KIND_UNREADABLE } Kind;

typedef struct
{
  Kind kind;
  FewClass *klass; /* owned; of KIND_CLASS */
  guint count;
} Entry;

typedef struct
{
  guint answered; /* with or without a class */
  guint refused;  /* of them, those that are none of the classes */
  guint unreadable;
} Counts;

struct _FewTally
{
  GObject parent;
  FewTrials *trials;
  GArray *entries; /* Entry */
  GtkStringList *words;
  Counts counts;
  gboolean several; /* answers are any number of labels */
};

G_DEFINE_FINAL_TYPE (FewTally, few_tally, G_TYPE_OBJECT)

static void
clear_entry (gpointer data)
{
  g_clear_object (&((Entry *) data)->klass);
}

static char *
describe_entry (const FewTally *self, const Entry *entry)
{
  const char *const names[] = { [KIND_ALL] = _ ("All"),
                                [KIND_NONE] = self->several ? _ ("No Label") : _ ("None of These"),
                                [KIND_UNREADABLE] = _ ("Unreadable") };
  const char *name =
      entry->kind == KIND_CLASS ? few_class_get_name (entry->klass) : names[entry->kind];
  return g_strdup_printf ("%s · %u", name, entry->count);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *first = a;
  const Entry *second = b;
  if (first->kind != second->kind)
    return first->kind < second->kind ? -1 : 1;
  if (first->count != second->count)
    return first->count > second->count ? -1 : 1;
  if (first->kind != KIND_CLASS)
    return 0;
  return g_utf8_collate (few_class_get_name (first->klass), few_class_get_name (second->klass));
}

static void
count_class (GHashTable *classes, FewClass *klass)
{
  guint before = GPOINTER_TO_UINT (g_hash_table_lookup (classes, klass));
  g_hash_table_insert (classes, klass, GUINT_TO_POINTER (before + 1));
}

/* FewClass → how many, as a pointer. */
static GHashTable *
count_trials (FewTally *self, guint n)
{
  GListModel *list = few_trials_get_list (self->trials);
  GHashTable *classes = g_hash_table_new (NULL, NULL);
  self->counts = (Counts) { 0 };
  self->several = FALSE;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (list, i);
      FewClass *klass = few_trial_get_class (trial);
      gboolean answered = few_trial_get_snapshot (trial, NULL) != NULL;
      self->counts.answered += answered;
      self->counts.refused += answered && !klass;
      self->counts.unreadable += few_trial_get_reason (trial) != NULL;
      const GPtrArray *labels = few_trial_get_labels (trial);
      self->several |= labels != NULL;
      for (guint k = 0; labels && k < labels->len; k++)
        count_class (classes, labels->pdata[k]);
      if (klass && !labels)
        count_class (classes, klass);
    }
  return classes;
}

static void
add_entry (GArray *entries, Kind kind, FewClass *klass, guint count)
{
  Entry entry = { kind, klass ? g_object_ref (klass) : NULL, count };
  g_array_append_val (entries, entry);
}

static GArray *
create_entries (FewTally *self)
{
  guint n = g_list_model_get_n_items (few_trials_get_list (self->trials));
  g_autoptr (GHashTable) classes = count_trials (self, n);
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  GHashTableIter iter;
  gpointer klass, count;
  g_array_set_clear_func (entries, clear_entry);
  add_entry (entries, KIND_ALL, NULL, n);
  g_hash_table_iter_init (&iter, classes);
  while (g_hash_table_iter_next (&iter, &klass, &count))
    add_entry (entries, KIND_CLASS, klass, GPOINTER_TO_UINT (count));
  if (self->counts.refused > 0)
    add_entry (entries, KIND_NONE, NULL, self->counts.refused);
  if (self->counts.unreadable > 0)
    add_entry (entries, KIND_UNREADABLE, NULL, self->counts.unreadable);
  g_array_sort (entries, compare_entries);
  return entries;
}

static guint
find_entry (const GArray *entries, const Entry *wanted)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);
      if (entry->kind == wanted->kind && entry->klass == wanted->klass)
        return i;
    }
  return 0;
}

/* All at once, unless nothing is other than it was. */
static void
write_words (FewTally *self)
{
  guint before = g_list_model_get_n_items (G_LIST_MODEL (self->words));
  gboolean same = before == self->entries->len;
  g_auto (GStrv) words = g_new0 (char *, self->entries->len + 1);
  for (guint i = 0; i < self->entries->len; i++)
    {
      words[i] = describe_entry (self, &g_array_index (self->entries, Entry, i));
      same = same && g_str_equal (words[i], gtk_string_list_get_string (self->words, i));
    }
  if (!same)
    gtk_string_list_splice (self->words, 0, before, (const char *const *) words);
}

guint
few_tally_count (FewTally *self, guint position)
{
  g_return_val_if_fail (FEW_IS_TALLY (self), 0);
  g_autoptr (GArray) before = self->entries;
  self->entries = create_entries (self);
  write_words (self);
  return position < before->len
             ? find_entry (self->entries, &g_array_index (before, Entry, position))
             : 0;
}

GListModel *
few_tally_get_entries (FewTally *self)
{
  g_return_val_if_fail (FEW_IS_TALLY (self), NULL);
  return G_LIST_MODEL (self->words);
}

char *
few_tally_words (FewTally *self)
{
  g_return_val_if_fail (FEW_IS_TALLY (self), NULL);
  const Counts *counts = &self->counts;
  guint n = g_list_model_get_n_items (few_trials_get_list (self->trials));
  g_autoptr (GString) text = g_string_new (NULL);
  g_string_append_printf (text, ngettext ("%u picture", "%u pictures", n), n);
  g_autofree char *share = few_percent ((double) counts->refused / counts->answered, 0);
  if (counts->answered > 0)
    /* Translators: how many, a percentage */
    g_string_append_printf (
        text, self->several ? _ (" · %u without a label (%s)") : _ (" · %u none of these (%s)"),
        counts->refused, share);
  if (counts->unreadable > 0)
    /* Translators: how many */
    g_string_append_printf (text, _ (" · %u unreadable"), counts->unreadable);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
few_tally_holds (FewTally *self, guint position, FewTrial *trial)
{
  g_return_val_if_fail (FEW_IS_TALLY (self) && FEW_IS_TRIAL (trial), FALSE);
  if (position >= self->entries->len)
    return TRUE;
  const Entry *entry = &g_array_index (self->entries, Entry, position);
  switch (entry->kind)
    {
    case KIND_CLASS:
      return few_trial_has_class (trial, entry->klass);
    case KIND_NONE:
      return few_trial_get_snapshot (trial, NULL) && !few_trial_get_class (trial);
    case KIND_UNREADABLE:
      return few_trial_get_reason (trial) != NULL;
    case KIND_ALL:
    default:
      return TRUE;
    }
}

static void
few_tally_finalize (GObject *object)
{
  FewTally *self = FEW_TALLY (object);
  g_array_unref (self->entries);
  g_object_unref (self->words);
  g_clear_object (&self->trials);
  G_OBJECT_CLASS (few_tally_parent_class)->finalize (object);
}

static void
few_tally_class_init (FewTallyClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_tally_finalize;
}

static void
few_tally_init (FewTally *self)
{
  self->words = gtk_string_list_new (NULL);
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->entries, clear_entry);
}

FewTally *
few_tally_new (FewTrials *trials)
{
  g_return_val_if_fail (FEW_IS_TRIALS (trials), NULL);
  FewTally *self = g_object_new (FEW_TYPE_TALLY, NULL);
  self->trials = g_object_ref (trials);
  few_tally_count (self, 0);
  return self;
}

/* ---- how sure an answer is */

GListModel *
few_sure_names (void)
{
  const char *const names[] = { _ ("Any Probability"),
                                /* xgettext:no-c-format */
                                _ ("Below 50 %"),
                                /* xgettext:no-c-format */
                                _ ("Below 80 %"),
                                /* xgettext:no-c-format */
                                _ ("80 % and Above"), NULL };
  return G_LIST_MODEL (gtk_string_list_new (names));
}

gboolean
few_sure_holds (guint range, FewTrial *trial)
{
  static const float ends[][2] = { { 0, 1 }, { 0, .5f }, { 0, .8f }, { .8f, 2 } };
  float probability = few_trial_get_probability (trial);
  return range == 0 || range >= G_N_ELEMENTS (ends)
         || (probability >= ends[range][0] && probability < ends[range][1]);
}
