/* SPDX-License-Identifier: MIT */
/* Drops: what a scan found is added in slices that leave the frames alone. */
#include "session/few-session-private.h"
#include <glib/gi18n.h>

static const gint64 SLICE = 3000; /* µs */
enum { BATCH = 32 };              /* a grid may make a tile for each at once */

typedef struct
{
  FewClass *into; /* or NULL: each folder's own */
  GPtrArray *found;
  guint at;
  GPtrArray *added;            /* FewPicture */
  GHashTable *known, *touched; /* paths, owned; FewClass */
} Import;

static void
import_free (gpointer data)
{
  Import *import = data;
  g_clear_object (&import->into);
  g_ptr_array_unref (import->found);
  g_ptr_array_unref (import->added);
  g_clear_pointer (&import->known, g_hash_table_unref);
  g_hash_table_unref (import->touched);
  g_free (import);
}

void
few_session_drop_imports (FewSession *self)
{
  g_clear_handle_id (&self->adding, g_source_remove);
  g_queue_clear_full (&self->imports, import_free);
}

/* A new picture, or NULL when the file is none or known. */
static FewPicture *
take_found (FewSession *self, Import *import, const FewFound *found)
{
  if (!found->picture)
    {
      g_autofree char *name = g_filename_display_name (found->path);
      g_ptr_array_add (self->refused, g_strdup_printf (_ ("%s is not a picture file."), name));
      return NULL;
    }
  if (!g_hash_table_add (import->known, g_strdup (found->path)))
    return NULL;
  FewClass *klass =
      import->into ? import->into : few_session_ensure_class (self, found->class_name);
  g_hash_table_add (import->touched, klass);
  FewPicture *picture = few_picture_new (++self->next_id, found->path, klass);
  g_hash_table_insert (self->by_id, GUINT_TO_POINTER (few_picture_get_id (picture)), picture);
  g_hash_table_insert (self->all_pictures, GUINT_TO_POINTER (few_picture_get_id (picture)),
                       g_object_ref (picture));
  return picture;
}

static void
finish_import (FewSession *self, Import *import)
{
  GPtrArray *added = import->added;
  if (added->len == 0)
    {
      g_signal_emit (self, few_session_signals[FEW_SESSION_PROGRESS], 0, 0, 0);
      few_session_say (self, self->refused->len
                                 ? _ ("No new pictures in there; see the list of refused files.")
                                 : _ ("No new pictures in there."));
      return;
    }
  few_session_encode (self, added);
  few_session_touch_classes (self);
  few_session_changed (self);
  /* Translators: what undo would undo: pictures were added */
  g_autofree char *title =
      g_strdup_printf (ngettext ("Add %u Picture", "Add %u Pictures", added->len), added->len);
  few_session_did (self, title, FEW_EDIT_ONE);
  g_signal_emit (self, few_session_signals[FEW_SESSION_IMPORTED], 0,
                 g_hash_table_size (import->touched), added->len);
}

static GHashTable *
known_paths (FewSession *self)
{
  GHashTable *known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->pictures)); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
      g_hash_table_add (known, g_strdup (few_picture_get_path (picture)));
    }
  return known;
}

static gboolean
add_slice (gpointer user)
{
  FewSession *self = user;
  Import *import = g_queue_peek_head (&self->imports);
  gint64 until = g_get_monotonic_time () + SLICE;
  g_autoptr (GPtrArray) batch = g_ptr_array_new ();
  if (!import->known) /* now, after the imports before it */
    import->known = known_paths (self);
  for (; import->at < import->found->len && batch->len < BATCH && g_get_monotonic_time () < until;
       import->at++)
    {
      FewPicture *picture = take_found (self, import, import->found->pdata[import->at]);
      if (!picture)
        continue;
      g_ptr_array_add (batch, picture);
      g_ptr_array_add (import->added, picture);
    }
  g_list_store_splice (self->pictures, g_list_model_get_n_items (G_LIST_MODEL (self->pictures)), 0,
                       batch->pdata, batch->len);
  few_session_touch_classes (self);
  if (import->at < import->found->len)
    return G_SOURCE_CONTINUE;
  g_queue_pop_head (&self->imports);
  finish_import (self, import);
  import_free (import);
  if (!g_queue_is_empty (&self->imports))
    return G_SOURCE_CONTINUE;
  self->adding = 0;
  return G_SOURCE_REMOVE;
}

void
few_session_scanned (FewSession *self, const FewEvent *event)
{
  FewClass *into = g_hash_table_lookup (self->tickets, GUINT_TO_POINTER (event->id));
  Import *import = g_new0 (Import, 1);
  /* it may have been removed meanwhile */
  if (into && g_list_store_find (self->classes, into, NULL))
    import->into = g_object_ref (into);
  import->found = g_ptr_array_ref (event->found);
  import->added = g_ptr_array_new_with_free_func (g_object_unref);
  import->touched = g_hash_table_new (NULL, NULL);
  g_hash_table_remove (self->tickets, GUINT_TO_POINTER (event->id));
  g_queue_push_tail (&self->imports, import);
  if (!self->adding)
    self->adding = g_idle_add (add_slice, self);
}

void
few_session_import (FewSession *self, const char *const *paths, FewClass *into)
{
  g_hash_table_insert (self->tickets, GUINT_TO_POINTER (++self->next_ticket),
                       into ? g_object_ref (into) : NULL);
  few_worker_scan (self->worker, self->next_ticket, paths, into ? few_class_get_name (into) : NULL);
}
