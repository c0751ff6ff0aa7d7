/* SPDX-License-Identifier: MIT */
/* Keeps what the disk and a fetch say of one model, and puts it into words. */
#include "models/few-model-item.h"
#include "base/few-percent.h"
#include "models/few-suggestion.h"
#include <glib/gi18n.h>
#include <math.h>

struct _FewModelItem
{
  GObject parent;
  FewCatalogueEntry *entry;
  char *models_folder, *folder;
  FewShelf shelf;
  gboolean suggested;
  guint64 bytes; /* on disk */
  guint pull;
  FewPullState state;
  guint64 done, total;
  double rate, seconds_left;
  char *error;
};

G_DEFINE_FINAL_TYPE (FewModelItem, few_model_item, G_TYPE_OBJECT)

static guint changed_signal;

static void
changed (FewModelItem *self)
{
  g_signal_emit (self, changed_signal, 0);
}

FewCatalogueEntry *
few_model_item_get_entry (FewModelItem *self)
{
  g_return_val_if_fail (FEW_IS_MODEL_ITEM (self), NULL);
  return self->entry;
}

FewModelState
few_model_item_get_state (FewModelItem *self)
{
  g_return_val_if_fail (FEW_IS_MODEL_ITEM (self), FEW_MODEL_ABSENT);
  if (self->pull && self->state == FEW_PULL_PAUSED)
    return FEW_MODEL_PAUSED;
  if (self->pull)
    return FEW_MODEL_BUSY;
  if (self->shelf == FEW_SHELF_HERE || self->shelf == FEW_SHELF_FOUND)
    return FEW_MODEL_READY;
  if (self->error)
    return FEW_MODEL_FAILED;
  return self->shelf == FEW_SHELF_PARTIAL ? FEW_MODEL_PARTIAL : FEW_MODEL_ABSENT;
}

gboolean
few_model_item_is_own (FewModelItem *self)
{
  g_return_val_if_fail (FEW_IS_MODEL_ITEM (self), FALSE);
  return self->shelf == FEW_SHELF_HERE || self->shelf == FEW_SHELF_PARTIAL;
}

const char *
few_model_item_get_folder (FewModelItem *self)
{
  g_return_val_if_fail (FEW_IS_MODEL_ITEM (self), NULL);
  return self->folder;
}

double
few_model_item_get_fraction (FewModelItem *self)
{
  g_return_val_if_fail (FEW_IS_MODEL_ITEM (self), 0);
  return self->total ? (double) self->done / (double) self->total : -1;
}

/* ---- words */

static char *
describe_progress (FewModelItem *self)
{
  g_autofree char *done = g_format_size (self->done);
  g_autofree char *total = g_format_size (self->total);
  if (!isfinite (self->rate) || self->rate <= 0) /* Translators: bytes fetched, bytes in all */
    return g_strdup_printf (_ ("%s of %s"), done, total);
  g_autofree char *rate = g_format_size ((guint64) self->rate);
  /* Translators: bytes fetched, bytes in all, bytes a second, seconds left */
  if (self->seconds_left < 90)
    return g_strdup_printf (_ ("%s of %s, %s a second, %.0f s left"), done, total, rate,
                            self->seconds_left);
  /* Translators: bytes fetched, bytes in all, bytes a second, minutes left */
  return g_strdup_printf (_ ("%s of %s, %s a second, %.0f min left"), done, total, rate,
                          ceil (self->seconds_left / 60));
}

char *
few_model_item_describe_state (FewModelItem *self)
{
  g_return_val_if_fail (FEW_IS_MODEL_ITEM (self), NULL);
  g_autofree char *bytes = g_format_size (self->bytes);
  switch (few_model_item_get_state (self))
    {
    case FEW_MODEL_READY:
      return g_strdup (self->shelf == FEW_SHELF_FOUND
                           ? _ ("Found in the cache of Hugging Face’s own tools")
                           : _ ("On this computer"));
    case FEW_MODEL_PARTIAL: /* Translators: bytes */
      return g_strdup_printf (_ ("Begun: %s are here"), bytes);
    case FEW_MODEL_FAILED:
      return g_strdup (self->error);
    case FEW_MODEL_PAUSED:
      {
        g_autofree char *progress = describe_progress (self);
        return g_strdup_printf (_ ("Paused: %s"), progress);
      }
    case FEW_MODEL_BUSY:
      if (self->state == FEW_PULL_WAITING)
        return g_strdup (_ ("Another window fetches this model"));
      /* Translators: why the last attempt failed */
      if (self->state == FEW_PULL_RETRYING && self->error)
        return g_strdup_printf (_ ("%s Trying again…"), self->error);
      return self->state == FEW_PULL_VERIFYING ? g_strdup (_ ("Checking…"))
                                               : describe_progress (self);
    default:
      return g_strdup ("");
    }
}

static const char *
find_use (const char *use)
{
  static const struct
  {
    const char *key, *text;
  } uses[] = {
    { "first", N_ ("A good first choice: quick, and knows most everyday things") },
    { "detail", N_ ("Sees finer detail; four times as slow as ViT-B/32") },
    { "best", N_ ("The most accurate for everyday use; wants a fast computer") },
    { "finest", N_ ("The most accurate of all; slow without a graphics card") },
    { "published", N_ ("The one that most published comparisons use") },
    { "laptop", N_ ("The quickest: for the processor of a laptop") },
    { "quick", N_ ("Quick on a processor, and more accurate than ViT-B/32") },
    { "languages", N_ ("Understands class names in many languages") },
    { "strong", N_ ("Accurate for its size; English class names") },
    { "species", N_ ("Plants, animals and fungi, by common or scientific names") },
    { "open", N_ ("Trained on open data (LAION-2B) by an open project") },
    { "pictures", N_ ("Knows pictures alone: learns from examples, reads no class names") },
  };
  for (guint i = 0; i < G_N_ELEMENTS (uses); i++)
    if (g_str_equal (uses[i].key, use))
      return _ (uses[i].text);
  return "";
}

char *
few_model_item_describe_use (FewModelItem *self)
{
  g_return_val_if_fail (FEW_IS_MODEL_ITEM (self), NULL);
  const char *use = find_use (self->entry->use);
  if (!self->suggested)
    return g_strdup (use);
  const char *suggested = _ ("Recommended for this computer");
  return *use ? g_strdup_printf ("%s · %s", suggested, use) : g_strdup (suggested);
}

static void
add_fact (GString *text, const char *fact)
{
  if (*fact)
    g_string_append_printf (text, "%s%s", text->len ? " · " : "", fact);
}

/* How much there is to fetch. */
static void
add_size (GString *text, FewModelItem *self)
{
  const FewCatalogueEntry *e = self->entry;
  gboolean here = few_model_item_get_state (self) == FEW_MODEL_READY && self->bytes;
  gboolean known = here || (e->n_files && e->files[e->n_files - 1].bytes);
  guint64 size = here ? self->bytes : e->about;
  g_autofree char *bytes = g_format_size (size);
  g_autofree char *about = g_strdup_printf ("%s%s", known ? "" : "≈ ", bytes);
  if (size)
    add_fact (text, about);
}

static void
add_languages (GString *text, const char *languages)
{
  if (g_str_equal (languages, "many"))
    add_fact (text, _ ("class names in many languages"));
  else if (g_str_equal (languages, "en"))
    add_fact (text, _ ("class names in English"));
}

static void
add_accuracy (GString *text, const FewCatalogueEntry *e)
{
  if (e->accuracy <= 0)
    return;
  g_autofree char *share = few_percent (e->accuracy / 100, 1);
  g_autofree char *fact = NULL;
  if (g_str_equal (e->measure, "linear"))
    /* Translators: a share, then who published it */
    fact = g_strdup_printf (_ ("%s of ImageNet once it has learned from all its pictures (%s)"),
                            share, e->source);
  else if (g_str_equal (e->measure, "species"))
    /* Translators: a share, then who published it */
    fact = g_strdup_printf (_ ("%s of ten sets of species by names alone (%s)"), share, e->source);
  else
    /* Translators: a share, then who published it */
    fact = g_strdup_printf (_ ("%s of ImageNet by names alone (%s)"), share, e->source);
  add_fact (text, fact);
}

static void
add_fit (GString *text, const FewCatalogueEntry *e)
{
  FewComputer computer;
  few_computer_look (&computer);
  double rate = few_computer_rate (&computer, e);
  g_autofree char *memory = g_format_size (e->memory);
  /* Translators: bytes of memory */
  g_autofree char *needs = g_strdup_printf (_ ("needs %s of memory"), memory);
  g_autofree char *speed = rate < 1
                               ? g_strdup_printf (_ ("≈ %.1f s a picture"), 1 / MAX (rate, 1e-9))
                               : g_strdup_printf (_ ("≈ %.0f pictures a second"), rate);
  add_fact (text, needs);
  if (rate > 0)
    add_fact (text, speed);
  static const char *const fits[] = {
    [FEW_FIT_WELL] = N_ ("runs comfortably on this computer"),
    [FEW_FIT_SLOWLY] = N_ ("runs on this computer, slowly"),
    [FEW_FIT_NOT] = N_ ("needs more memory than this computer has"),
  };
  add_fact (text, _ (fits[few_computer_fit (&computer, e)]));
}

char *
few_model_item_describe_facts (FewModelItem *self)
{
  g_return_val_if_fail (FEW_IS_MODEL_ITEM (self), NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  const FewCatalogueEntry *e = self->entry;
  add_size (text, self);
  add_fact (text, e->publisher);
  add_fact (text, e->licence);
  add_languages (text, e->languages);
  add_accuracy (text, e);
  if (e->memory)
    add_fit (text, e);
  return g_strdup (text->str);
}

/* ---- for FewModels */

guint
few_model_item_get_pull (FewModelItem *self)
{
  g_return_val_if_fail (FEW_IS_MODEL_ITEM (self), 0);
  return self->pull;
}

void
few_model_item_set_pull (FewModelItem *self, guint id)
{
  g_return_if_fail (FEW_IS_MODEL_ITEM (self));
  self->pull = id;
  self->state = FEW_PULL_RUNNING;
  g_clear_pointer (&self->error, g_free);
  changed (self);
}

void
few_model_item_suggest (FewModelItem *self)
{
  g_return_if_fail (FEW_IS_MODEL_ITEM (self));
  self->suggested = TRUE;
}

void
few_model_item_refresh (FewModelItem *self)
{
  g_return_if_fail (FEW_IS_MODEL_ITEM (self));
  g_clear_pointer (&self->folder, g_free);
  self->shelf = few_shelf_find (self->models_folder, self->entry, &self->folder, &self->bytes);
  changed (self);
}

void
few_model_item_take_status (FewModelItem *self, const FewPullStatus *s)
{
  g_return_if_fail (FEW_IS_MODEL_ITEM (self));
  self->state = s->state;
  self->done = s->done;
  self->total = s->total;
  self->rate = s->rate;
  self->seconds_left = s->seconds_left;
  g_clear_pointer (&self->error, g_free);
  if (s->error && !g_error_matches (s->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->error = g_strdup (s->error->message);
  if (s->state == FEW_PULL_DONE || s->state == FEW_PULL_FAILED)
    {
      self->pull = 0;
      few_model_item_refresh (self);
    }
  else
    changed (self);
}

/* ---- life */

static void
few_model_item_finalize (GObject *object)
{
  FewModelItem *self = FEW_MODEL_ITEM (object);
  few_catalogue_entry_unref (self->entry);
  g_free (self->models_folder);
  g_free (self->folder);
  g_free (self->error);
  G_OBJECT_CLASS (few_model_item_parent_class)->finalize (object);
}

static void
few_model_item_class_init (FewModelItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_model_item_finalize;
  changed_signal = g_signal_new ("changed", FEW_TYPE_MODEL_ITEM, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
few_model_item_init (FewModelItem *self)
{
}

FewModelItem *
few_model_item_new (FewCatalogueEntry *entry, const char *models_folder)
{
  FewModelItem *self = g_object_new (FEW_TYPE_MODEL_ITEM, NULL);
  self->entry = few_catalogue_entry_ref (entry);
  self->models_folder = g_strdup (models_folder);
  few_model_item_refresh (self);
  return self;
}
