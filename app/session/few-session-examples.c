/* SPDX-License-Identifier: MIT */
/* Classes and pictures: names, prompts, moves, removal, features and files that are gone. */
#include "base/few-list.h"
#include "session/few-session-private.h"
#include <glib/gi18n.h>

/* The pictures that pass, in their order; free with g_ptr_array_unref. */
static GPtrArray *
pictures_where (FewSession *self, gboolean (*passes) (FewPicture *picture, gconstpointer data),
                gconstpointer data)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->pictures)); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
      if (passes (picture, data))
        g_ptr_array_add (found, g_steal_pointer (&picture));
    }
  return found;
}

/* ---- features */

void
few_session_encode (FewSession *self, GPtrArray *pictures)
{
  if (pictures->len == 0)
    return;
  g_autofree guint32 *ids = g_new (guint32, pictures->len);
  g_autofree const char **paths = g_new (const char *, pictures->len);
  g_autofree const char **hashes = g_new (const char *, pictures->len);
  for (guint i = 0; i < pictures->len; i++)
    {
      ids[i] = few_picture_get_id (pictures->pdata[i]);
      paths[i] = few_picture_get_path (pictures->pdata[i]);
      hashes[i] = few_picture_get_hash (pictures->pdata[i]);
    }
  self->encoding_jobs++;
  few_worker_encode (self->worker, pictures->len, ids, paths, hashes);
}

static void
mark_duplicate (FewPicture *extra, FewPicture *kept)
{
  g_autofree char *reason = g_strdup_printf (
      _ ("%s is the same picture as %s in “%s” and is left out."), few_picture_get_name (extra),
      few_picture_get_name (kept), few_class_get_name (few_picture_get_class (kept)));
  few_picture_set_state (extra, FEW_PICTURE_DUPLICATE, reason);
}

void
few_session_picture_done (FewSession *self, const FewEvent *event)
{
  FewPicture *picture = g_hash_table_lookup (self->all_pictures, GUINT_TO_POINTER (event->id));
  if (!picture)
    return; /* another project was opened meanwhile */
  gboolean here = g_hash_table_contains (self->by_id, GUINT_TO_POINTER (event->id));
  if (event->error)
    {
      if (here)
        g_ptr_array_add (self->refused, g_strdup (event->error->message));
      few_picture_set_missing (picture,
                               !g_file_test (few_picture_get_path (picture), G_FILE_TEST_EXISTS));
      few_picture_set_state (picture, FEW_PICTURE_REFUSED, event->error->message);
      return;
    }
  few_picture_set_hash (picture, event->hash);
  few_picture_set_missing (picture, event->missing);
  few_session_touch_pictures (self);
  /* Pictures finish in any order; of equal ones the first in the project stays. */
  FewPicture *kept = g_hash_table_lookup (self->by_hash, few_picture_get_hash (picture));
  FewPicture *extra = NULL;
  if (here && kept && kept != picture)
    {
      extra = few_picture_get_id (kept) < few_picture_get_id (picture) ? picture : kept;
      kept = extra == picture ? kept : picture;
      mark_duplicate (extra, kept);
      g_ptr_array_add (self->refused, g_strdup (few_picture_get_reason (extra)));
    }
  if (extra == picture)
    return;
  if (here)
    g_hash_table_replace (self->by_hash, (char *) few_picture_get_hash (picture), picture);
  few_picture_set_state (picture, FEW_PICTURE_READY, NULL);
}

/* After pictures came or went: of equal ones the first in the project takes part. */
static void
settle_duplicates (FewSession *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->pictures));
  g_hash_table_remove_all (self->by_hash);
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < n; i++)
      {
        g_autoptr (FewPicture) picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
        const char *hash = few_picture_get_hash (picture);
        FewPictureState state = few_picture_get_state (picture);
        if (!hash || (state != FEW_PICTURE_READY && state != FEW_PICTURE_DUPLICATE))
          continue;
        FewPicture *kept = g_hash_table_lookup (self->by_hash, hash);
        if (pass == 0)
          {
            if (!kept || few_picture_get_id (picture) < few_picture_get_id (kept))
              g_hash_table_replace (self->by_hash, (char *) hash, picture);
          }
        else if (kept == picture && state == FEW_PICTURE_DUPLICATE)
          few_picture_set_state (picture, FEW_PICTURE_READY, NULL);
        else if (kept != picture && state == FEW_PICTURE_READY)
          mark_duplicate (picture, kept);
      }
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
      g_hash_table_insert (
          counts, klass,
          GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, klass)) + 1));
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
  settle_duplicates (self);
  recount (self);
  few_session_update_stale (self);
  g_signal_emit (self, few_session_signals[FEW_SESSION_CHANGED], 0);
  few_session_queue_refresh (self);
}

/* ---- files that are gone */

static gboolean
is_missing (FewPicture *picture, gconstpointer unused)
{
  return few_picture_is_missing (picture) && few_picture_get_hash (picture);
}

static GPtrArray *
missing_pictures (FewSession *self)
{
  return pictures_where (self, is_missing, NULL);
}

guint
few_session_count_missing (FewSession *self)
{
  g_autoptr (GPtrArray) missing = missing_pictures (self);
  return missing->len;
}

void
few_session_locate (FewSession *self, const char *folder)
{
  g_autoptr (GPtrArray) missing = missing_pictures (self);
  g_autofree const char **hashes = g_new (const char *, missing->len + 1);
  const char *folders[] = { folder, NULL };
  for (guint i = 0; i < missing->len; i++)
    hashes[i] = few_picture_get_hash (missing->pdata[i]);
  if (missing->len)
    few_worker_locate (self->worker, ++self->next_ticket, folders, hashes, missing->len);
}

void
few_session_located (FewSession *self, const FewEvent *event)
{
  g_autoptr (GPtrArray) missing = missing_pictures (self), again = g_ptr_array_new ();
  g_autoptr (GHashTable) places = g_hash_table_new (g_str_hash, g_str_equal);
  g_signal_emit (self, few_session_signals[FEW_SESSION_PROGRESS], 0, 0, 0);
  for (guint i = 0; i < event->found->len; i++)
    {
      const FewFound *found = event->found->pdata[i];
      g_hash_table_insert (places, found->class_name, found->path);
    }
  for (guint i = 0; i < missing->len; i++)
    {
      FewPicture *picture = missing->pdata[i];
      const char *path = g_hash_table_lookup (places, few_picture_get_hash (picture));
      if (!path)
        continue;
      few_picture_set_path (picture, path);
      few_picture_set_missing (picture, FALSE);
      few_picture_set_state (picture, FEW_PICTURE_WAITING, NULL);
      g_ptr_array_add (again, picture);
    }
  if (again->len)
    {
      g_autofree char *text = g_strdup_printf (
          ngettext ("%u moved picture found again", "%u moved pictures found again", again->len),
          again->len);
      few_session_touch_pictures (self);
      few_session_encode (self, again);
      few_session_changed (self);
      few_session_did (self, _ ("Find Moved Pictures"), FEW_EDIT_ONE);
      few_session_say (self, text);
    }
  else
    g_signal_emit (self, few_session_signals[FEW_SESSION_CHANGED], 0);
}

void
few_session_encoded (FewSession *self)
{
  if (self->folder && !self->looked && few_session_count_missing (self) > 0)
    few_session_locate (self, self->folder);
  self->looked = TRUE;
}

static gboolean
is_waiting (FewPicture *picture, gconstpointer unused)
{
  return few_picture_get_state (picture) == FEW_PICTURE_WAITING;
}

void
few_session_cancel_import (FewSession *self)
{
  few_worker_cancel_encoding (self->worker);
  g_autoptr (GPtrArray) waiting = pictures_where (self, is_waiting, NULL);
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

/* ---- classes */

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

FewClass *
few_session_ensure_class (FewSession *self, const char *name)
{
  FewClass *known = find_class (self, name);
  if (known)
    return known;
  FewClass *klass = few_class_new (++self->next_class_id, name);
  g_hash_table_insert (self->all_classes, GUINT_TO_POINTER (self->next_class_id), klass);
  few_session_touch_classes (self);
  g_list_store_append (self->classes, klass);
  return klass;
}

FewClass *
few_session_add_class (FewSession *self, const char *name)
{
  FewClass *klass = few_session_ensure_class (self, name);
  few_session_changed (self);
  few_session_did (self, _ ("Add Class"), FEW_EDIT_ONE);
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
      few_session_touch_classes (self);
      few_session_changed (self);
      few_session_did (self, _ ("Rename Class"), FEW_EDIT_ONE);
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
  few_session_touch_classes (self);
  few_session_changed (self);
  few_session_did (self, _ ("Change Prompt"), FEW_EDIT_ONE);
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
  few_session_did (self, _ ("Change Prompt"), FEW_EDIT_ONE);
}

/* ---- pictures */

void
few_session_move (FewSession *self, GPtrArray *pictures, FewClass *klass)
{
  for (guint i = 0; i < pictures->len; i++)
    few_picture_set_class (pictures->pdata[i], klass);
  few_session_touch_pictures (self);
  few_session_changed (self);
  g_autofree char *title = g_strdup_printf (
      ngettext ("Move %u Picture", "Move %u Pictures", pictures->len), pictures->len);
  few_session_did (self, title, FEW_EDIT_ONE);
}

void
few_session_set_excluded (FewSession *self, GPtrArray *pictures, gboolean excluded)
{
  for (guint i = 0; i < pictures->len; i++)
    few_picture_set_excluded (pictures->pdata[i], excluded);
  few_session_touch_pictures (self);
  few_session_changed (self);
  g_autofree char *title = g_strdup_printf (
      excluded ? ngettext ("Exclude %u Picture", "Exclude %u Pictures", pictures->len)
               : ngettext ("Include %u Picture", "Include %u Pictures", pictures->len),
      pictures->len);
  few_session_did (self, title, FEW_EDIT_ONE);
}

static gboolean
is_not_among (FewPicture *picture, gconstpointer set)
{
  return !g_hash_table_contains ((GHashTable *) set, picture);
}

static gboolean
is_of_class (FewPicture *picture, gconstpointer klass)
{
  return few_picture_get_class (picture) == klass;
}

static void
take_out (FewSession *self, GPtrArray *pictures)
{
  g_autoptr (GHashTable) out = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < pictures->len; i++)
    {
      g_hash_table_add (out, pictures->pdata[i]);
      g_hash_table_remove (self->by_id, GUINT_TO_POINTER (few_picture_get_id (pictures->pdata[i])));
    }
  few_list_become (self->pictures, pictures_where (self, is_not_among, out));
  few_session_touch_pictures (self);
}

void
few_session_remove_pictures (FewSession *self, GPtrArray *pictures)
{
  take_out (self, pictures);
  few_session_changed (self);
  g_autofree char *title = g_strdup_printf (
      ngettext ("Remove %u Picture", "Remove %u Pictures", pictures->len), pictures->len);
  few_session_did (self, title, FEW_EDIT_ONE);
}

void
few_session_remove_class (FewSession *self, FewClass *klass)
{
  guint position;
  if (!g_list_store_find (self->classes, klass, &position))
    return;
  g_autoptr (GPtrArray) pictures = pictures_where (self, is_of_class, klass);
  g_list_store_remove (self->classes, position);
  few_session_touch_classes (self);
  take_out (self, pictures);
  few_session_changed (self);
  few_session_did (self, _ ("Remove Class"), FEW_EDIT_ONE);
}
