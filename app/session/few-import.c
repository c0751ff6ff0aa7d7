/* SPDX-License-Identifier: MIT */
/* From what a scan found to pictures in the project, one drop after the other. */
#include "session/few-import.h"
#include <glib/gi18n.h>

static const gint64 SLICE = 3000; /* µs */
enum { BATCH = 32 };              /* a grid may make a tile for each at once */

struct _FewImport
{
  GObject parent;
  FewDesk *desk;
  FewExamples *examples;
  GHashTable *tickets; /* of scans → FewClass (owned) or NULL */
  GQueue drops;        /* Drop *, what scans found */
  guint adding;        /* the idle that adds */
};

enum { IMPORTED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewImport, few_import, G_TYPE_OBJECT)

typedef struct
{
  FewClass *into; /* or NULL: each folder's own */
  GPtrArray *found;
  guint at;
  GPtrArray *added;    /* FewPicture */
  GHashTable *known;   /* paths, owned; NULL until it is this drop's turn */
  GHashTable *touched; /* FewClass */
} Drop;

static void
drop_free (gpointer data)
{
  Drop *drop = data;
  g_clear_object (&drop->into);
  g_ptr_array_unref (drop->found);
  g_ptr_array_unref (drop->added);
  g_clear_pointer (&drop->known, g_hash_table_unref);
  g_hash_table_unref (drop->touched);
  g_free (drop);
}

/* ---- adding */

/* A new picture, or NULL when the file is none or known. */
static FewPicture *
take_found (FewImport *self, Drop *drop, const FewFound *found)
{
  if (!found->picture)
    {
      g_autofree char *name = g_filename_display_name (found->path);
      few_examples_refuse (self->examples, g_strdup_printf (_ ("%s is not a picture file."), name));
      return NULL;
    }
  if (!g_hash_table_add (drop->known, g_strdup (found->path)))
    return NULL;
  FewClass *klass =
      drop->into ? drop->into : few_examples_ensure_class (self->examples, found->class_name);
  g_hash_table_add (drop->touched, klass);
  return few_examples_make_picture (self->examples, found->path, klass);
}

static void
finish_drop (FewImport *self, Drop *drop)
{
  GPtrArray *added = drop->added;
  if (added->len == 0)
    {
      few_examples_report_progress (self->examples, 0, 0);
      few_desk_say (self->desk, few_examples_get_refused (self->examples)->len
                                    ? _ ("No new pictures in there; see the list of refused files.")
                                    : _ ("No new pictures in there."));
      return;
    }
  few_examples_encode (self->examples, added);
  few_examples_changed (self->examples);
  /* Translators: what undo would undo: pictures were added */
  g_autofree char *title =
      g_strdup_printf (ngettext ("Add %u Picture", "Add %u Pictures", added->len), added->len);
  few_examples_did (self->examples, title);
  g_signal_emit (self, signals[IMPORTED], 0, g_hash_table_size (drop->touched), added->len);
}

static GHashTable *
list_known_paths (FewImport *self)
{
  GHashTable *known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GListModel *pictures = few_examples_get_pictures (self->examples);
  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      g_hash_table_add (known, g_strdup (few_picture_get_path (picture)));
    }
  return known;
}

static gboolean
is_there (FewImport *self, FewClass *klass)
{
  GListModel *classes = few_examples_get_classes (self->examples);
  return g_list_store_find (G_LIST_STORE (classes), klass, NULL);
}

static void
add_slice (FewImport *self, Drop *drop)
{
  gint64 until = g_get_monotonic_time () + SLICE;
  g_autoptr (GPtrArray) batch = g_ptr_array_new ();
  if (!drop->known) /* now, after the drops before it */
    drop->known = list_known_paths (self);
  if (drop->into && !is_there (self, drop->into))
    g_clear_object (&drop->into); /* it was removed meanwhile */
  for (; drop->at < drop->found->len && batch->len < BATCH && g_get_monotonic_time () < until;
       drop->at++)
    {
      FewPicture *picture = take_found (self, drop, drop->found->pdata[drop->at]);
      if (!picture)
        continue;
      g_ptr_array_add (batch, picture);
      g_ptr_array_add (drop->added, picture);
    }
  few_examples_append (self->examples, batch);
}

static gboolean
add_drops_cb (gpointer user)
{
  FewImport *self = user;
  Drop *drop = g_queue_peek_head (&self->drops);
  add_slice (self, drop);
  if (drop->at < drop->found->len)
    return G_SOURCE_CONTINUE;
  g_queue_pop_head (&self->drops);
  finish_drop (self, drop);
  drop_free (drop);
  if (!g_queue_is_empty (&self->drops))
    return G_SOURCE_CONTINUE;
  self->adding = 0;
  return G_SOURCE_REMOVE;
}

/* ---- scanning */

static void
import_event_cb (FewImport *self, const FewEvent *event)
{
  gpointer ticket = GUINT_TO_POINTER (event->id);
  if (event->kind != FEW_EVENT_SCANNED || !g_hash_table_contains (self->tickets, ticket))
    return;
  FewClass *into = g_hash_table_lookup (self->tickets, ticket);
  Drop *drop = g_new0 (Drop, 1);
  drop->into = into ? g_object_ref (into) : NULL;
  drop->found = g_ptr_array_ref (event->found);
  drop->added = g_ptr_array_new_with_free_func (g_object_unref);
  drop->touched = g_hash_table_new (NULL, NULL);
  g_hash_table_remove (self->tickets, ticket);
  g_queue_push_tail (&self->drops, drop);
  if (!self->adding)
    self->adding = g_idle_add (add_drops_cb, self);
}

void
few_import_begin (FewImport *self, const char *const *paths, FewClass *into)
{
  g_return_if_fail (FEW_IS_IMPORT (self));
  g_return_if_fail (paths != NULL);
  guint ticket = few_desk_take_ticket (self->desk);
  g_hash_table_insert (self->tickets, GUINT_TO_POINTER (ticket), into ? g_object_ref (into) : NULL);
  few_worker_scan (few_desk_get_worker (self->desk), ticket, paths,
                   into ? few_class_get_name (into) : NULL);
}

gboolean
few_import_is_adding (FewImport *self)
{
  g_return_val_if_fail (FEW_IS_IMPORT (self), FALSE);
  return !g_queue_is_empty (&self->drops);
}

/* ---- life */

static void
few_import_finalize (GObject *object)
{
  FewImport *self = FEW_IMPORT (object);
  g_clear_handle_id (&self->adding, g_source_remove);
  g_queue_clear_full (&self->drops, drop_free);
  g_hash_table_unref (self->tickets);
  g_object_unref (self->examples);
  g_object_unref (self->desk);
  G_OBJECT_CLASS (few_import_parent_class)->finalize (object);
}

static void
few_import_class_init (FewImportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_import_finalize;
  signals[IMPORTED] = g_signal_new ("imported", FEW_TYPE_IMPORT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
}

static void
unref_class (gpointer klass)
{
  g_clear_object ((GObject **) &klass);
}

static void
few_import_init (FewImport *self)
{
  self->tickets = g_hash_table_new_full (NULL, NULL, NULL, unref_class);
}

FewImport *
few_import_new (FewDesk *desk, FewExamples *examples)
{
  g_return_val_if_fail (FEW_IS_DESK (desk) && FEW_IS_EXAMPLES (examples), NULL);
  FewImport *self = g_object_new (FEW_TYPE_IMPORT, NULL);
  self->desk = g_object_ref (desk);
  self->examples = g_object_ref (examples);
  g_signal_connect_object (desk, "event", G_CALLBACK (import_event_cb), self, G_CONNECT_SWAPPED);
  return self;
}
