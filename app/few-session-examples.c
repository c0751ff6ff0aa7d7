/* Classes and pictures: import, names, moves, removal and its undo. */
#include "few-session-private.h"
#include <glib/gi18n.h>

void
few_session_picture_done (FewSession *self, const FewEvent *event)
{
  FewPicture *picture = g_hash_table_lookup (self->by_id, GUINT_TO_POINTER (event->id));
  if (!picture)
    return; /* removed while it waited */
  if (event->error)
    {
      g_ptr_array_add (self->refused, g_strdup (event->error->message));
      few_picture_set_state (picture, FEW_PICTURE_REFUSED, event->error->message);
      return;
    }
  few_picture_set_hash (picture, event->hash);
  /* Pictures finish in any order; of equal ones the first in the project stays. */
  FewPicture *kept = g_hash_table_lookup (self->by_hash, few_picture_get_hash (picture)), *extra = NULL;
  if (kept && kept != picture)
    {
      extra = few_picture_get_id (kept) < few_picture_get_id (picture) ? picture : kept;
      kept = extra == picture ? kept : picture;
      g_autofree char *reason = g_strdup_printf (_("%s is the same picture as %s in “%s” and is left out."), few_picture_get_name (extra),
                                                 few_picture_get_name (kept), few_class_get_name (few_picture_get_class (kept)));
      few_picture_set_state (extra, FEW_PICTURE_DUPLICATE, reason);
      g_ptr_array_add (self->refused, g_strdup (reason));
    }
  if (extra == picture)
    return;
  g_hash_table_replace (self->by_hash, (char *) few_picture_get_hash (picture), picture);
  few_picture_set_state (picture, FEW_PICTURE_READY, NULL);
}

static FewClass *
find_class (FewSession *self, const char *name)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->classes)); i++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (G_LIST_MODEL (self->classes), i);
      if (g_str_equal (few_class_get_name (klass), name))
        return klass; /* the store keeps it */
    }
  return NULL;
}

static void
recount (FewSession *self)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (NULL, NULL);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->pictures));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
      FewClass *klass = few_picture_get_class (picture);
      g_hash_table_insert (counts, klass, GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, klass)) + 1));
    }
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->classes)); i++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (G_LIST_MODEL (self->classes), i);
      few_class_set_count (klass, GPOINTER_TO_UINT (g_hash_table_lookup (counts, klass)));
    }
}

void
few_session_changed (FewSession *self)
{
  recount (self);
  self->stale = self->runs->len > 0;
  g_signal_emit (self, few_session_signals[FEW_SESSION_CHANGED], 0);
  few_session_queue_refresh (self);
}

/* The class of that name, made when there is none. */
static FewClass *
ensure_class (FewSession *self, const char *name)
{
  FewClass *known = find_class (self, name);
  if (known)
    return known;
  g_autoptr (FewClass) klass = few_class_new (name);
  g_list_store_append (self->classes, klass);
  return klass; /* the store keeps it */
}

/* ---- what a scan found, added in slices that leave the frames alone */

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
  if (!few_is_picture_name (found->path) && !g_file_test (found->path, G_FILE_TEST_IS_DIR))
    {
      g_autofree char *name = g_filename_display_name (found->path);
      g_ptr_array_add (self->refused, g_strdup_printf (_("%s is not a picture file."), name));
      return NULL;
    }
  if (!g_hash_table_add (import->known, g_strdup (found->path)))
    return NULL;
  FewClass *klass = import->into ? import->into : ensure_class (self, found->class_name);
  g_hash_table_add (import->touched, klass);
  FewPicture *picture = few_picture_new (++self->next_id, found->path, klass);
  g_hash_table_insert (self->by_id, GUINT_TO_POINTER (few_picture_get_id (picture)), picture);
  return picture;
}

static void
finish_import (FewSession *self, Import *import)
{
  GPtrArray *added = import->added;
  if (added->len == 0)
    {
      g_signal_emit (self, few_session_signals[FEW_SESSION_PROGRESS], 0, 0, 0);
      few_session_say (self, self->refused->len ? _("No new pictures in there; see the list of refused files.") : _("No new pictures in there."));
      return;
    }
  g_autofree guint32 *ids = g_new (guint32, added->len);
  g_autofree const char **paths = g_new (const char *, added->len);
  for (guint i = 0; i < added->len; i++)
    ids[i] = few_picture_get_id (added->pdata[i]), paths[i] = few_picture_get_path (added->pdata[i]);
  self->encoding_jobs++;
  few_worker_encode (self->worker, added->len, ids, paths);
  few_session_changed (self);
  g_signal_emit (self, few_session_signals[FEW_SESSION_IMPORTED], 0, g_hash_table_size (import->touched), added->len);
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
  for (; import->at < import->found->len && batch->len < BATCH && g_get_monotonic_time () < until; import->at++)
    {
      FewPicture *picture = take_found (self, import, import->found->pdata[import->at]);
      if (!picture)
        continue;
      g_ptr_array_add (batch, picture);
      g_ptr_array_add (import->added, picture);
    }
  g_list_store_splice (self->pictures, g_list_model_get_n_items (G_LIST_MODEL (self->pictures)), 0, batch->pdata, batch->len);
  if (import->at < import->found->len)
    return G_SOURCE_CONTINUE;
  finish_import (self, import);
  import_free (g_queue_pop_head (&self->imports));
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
  if (into && g_list_store_find (self->classes, into, NULL)) /* it may have been removed meanwhile */
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
  g_hash_table_insert (self->tickets, GUINT_TO_POINTER (++self->next_ticket), into ? g_object_ref (into) : NULL);
  few_worker_scan (self->worker, self->next_ticket, paths, into ? few_class_get_name (into) : NULL);
}

void
few_session_cancel_import (FewSession *self)
{
  few_worker_cancel_encoding (self->worker);
  g_autoptr (GPtrArray) waiting = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->pictures)); i++)
    {
      FewPicture *picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
      if (few_picture_get_state (picture) == FEW_PICTURE_WAITING)
        g_ptr_array_add (waiting, picture);
      else
        g_object_unref (picture);
    }
  if (waiting->len)
    few_session_remove_pictures (self, waiting);
}

GPtrArray *
few_session_get_refused (FewSession *self)
{
  return self->refused;
}

void
few_session_clear_refused (FewSession *self)
{
  g_ptr_array_set_size (self->refused, 0);
  g_signal_emit (self, few_session_signals[FEW_SESSION_CHANGED], 0);
}

FewClass *
few_session_add_class (FewSession *self, const char *name)
{
  FewClass *klass = ensure_class (self, name);
  few_session_changed (self);
  return klass;
}

gboolean
few_session_rename_class (FewSession *self, FewClass *klass, const char *name)
{
  FewClass *other = find_class (self, name);
  if (!*name || (other && other != klass))
    return FALSE;
  if (other != klass)
    {
      few_class_set_name (klass, name);
      few_session_changed (self);
    }
  return TRUE;
}

void
few_session_set_prompt (FewSession *self, FewClass *klass, const char *prompt)
{
  const char *old = few_class_get_prompt (klass);
  if (g_strcmp0 (old ? old : "", prompt ? prompt : "") == 0)
    return;
  few_class_set_prompt (klass, prompt);
  few_session_changed (self);
}

const char *
few_session_get_template (FewSession *self)
{
  return self->template_text;
}

void
few_session_set_template (FewSession *self, const char *template_text)
{
  if (g_str_equal (self->template_text, template_text))
    return;
  g_free (self->template_text);
  self->template_text = g_strdup (template_text);
  few_session_changed (self);
}

void
few_session_move (FewSession *self, GPtrArray *pictures, FewClass *klass)
{
  for (guint i = 0; i < pictures->len; i++)
    few_picture_set_class (pictures->pdata[i], klass);
  few_session_changed (self);
}

/* Replaces the whole store: one items-changed instead of thousands. */
static void
keep_pictures (FewSession *self, GHashTable *out)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->pictures));
  for (guint i = 0; i < n; i++)
    {
      FewPicture *picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
      if (!g_hash_table_contains (out, picture))
        g_ptr_array_add (kept, picture);
      else
        g_object_unref (picture);
    }
  g_list_store_splice (self->pictures, 0, n, kept->pdata, kept->len);
}

static void
forget (FewSession *self, FewPicture *picture)
{
  guint32 id = few_picture_get_id (picture);
  const char *hash = few_picture_get_hash (picture);
  g_hash_table_remove (self->by_id, GUINT_TO_POINTER (id));
  if (hash && g_hash_table_lookup (self->by_hash, hash) == picture)
    g_hash_table_remove (self->by_hash, hash);
}

void
few_session_remove_pictures (FewSession *self, GPtrArray *pictures)
{
  g_autoptr (GHashTable) out = g_hash_table_new (NULL, NULL);
  g_clear_pointer (&self->removed_pictures, g_ptr_array_unref);
  g_clear_object (&self->removed_class);
  self->removed_pictures = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < pictures->len; i++)
    {
      g_hash_table_add (out, pictures->pdata[i]);
      g_ptr_array_add (self->removed_pictures, g_object_ref (pictures->pdata[i]));
      forget (self, pictures->pdata[i]);
    }
  keep_pictures (self, out);
  few_session_changed (self);
}

void
few_session_remove_class (FewSession *self, FewClass *klass)
{
  guint position;
  if (!g_list_store_find (self->classes, klass, &position))
    return;
  g_autoptr (FewClass) held = g_object_ref (klass);
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->pictures)); i++)
    {
      FewPicture *picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
      if (few_picture_get_class (picture) == klass)
        g_ptr_array_add (pictures, picture);
      else
        g_object_unref (picture);
    }
  g_list_store_remove (self->classes, position);
  few_session_remove_pictures (self, pictures);
  self->removed_class = g_steal_pointer (&held);
  self->removed_position = position;
}

void
few_session_undo_remove (FewSession *self)
{
  g_autoptr (GPtrArray) pictures = g_steal_pointer (&self->removed_pictures);
  if (!pictures)
    return;
  if (self->removed_class)
    g_list_store_insert (self->classes, MIN (self->removed_position, g_list_model_get_n_items (G_LIST_MODEL (self->classes))), self->removed_class);
  g_clear_object (&self->removed_class);
  for (guint i = 0; i < pictures->len; i++)
    {
      FewPicture *picture = pictures->pdata[i];
      g_hash_table_insert (self->by_id, GUINT_TO_POINTER (few_picture_get_id (picture)), picture);
      if (few_picture_get_state (picture) == FEW_PICTURE_READY)
        g_hash_table_insert (self->by_hash, (char *) few_picture_get_hash (picture), picture);
    }
  g_list_store_splice (self->pictures, g_list_model_get_n_items (G_LIST_MODEL (self->pictures)), 0, pictures->pdata, pictures->len);
  few_session_changed (self);
}
