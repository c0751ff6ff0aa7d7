/* SPDX-License-Identifier: MIT */
/* A project is read by a thread, then taken in by the session, which takes several turns of the
 * main loop. */
#include "base/few-settings.h"
#include "document/few-document-private.h"
#include <glib/gi18n.h>

static void
end_loading (FewDocument *self)
{
  g_clear_pointer (&self->loading, g_free);
  few_session_set_waiting (self->session, FALSE);
}

/* A draft that another program has open is opened as a copy. */
static void
opened_cb (FewDocument *self)
{
  g_signal_handlers_disconnect_by_func (self->session, opened_cb, self);
  g_autoptr (GAsyncResult) loaded = g_steal_pointer (&self->loaded);
  FewLoading *loading = few_loading_of (loaded);
  if (loading->lock >= 0)
    self->home =
        few_place_new_locked (loading->path, few_loading_steal_lock (loading), &loading->stamp);
  self->opening = FALSE;
  few_unwritten_forget (&self->unwritten);
  self->touched = FALSE;
  if (loading->is_classifier)
    few_document_edited (self); /* its project has no file yet */
  g_clear_pointer (&self->loading, g_free);
  g_signal_emit_by_name (self, "changed");
  if (self->recovering)
    few_session_say (self->session,
                     _ ("This project was brought back: Fewshot had not been closed properly."));
  end_loading (self);
}

/* It is not this document's before the session has all of it: until then the loading has its lock.
 */
static void
take_project (FewDocument *self, FewProject *project, GAsyncResult *result, const char *path)
{
  g_autofree char *folder = few_draft_is (path) ? NULL : g_path_get_dirname (path);
  g_autofree char *device = few_settings_device ();
  few_place_leave (&self->home);
  g_clear_handle_id (&self->timer, g_source_remove);
  self->keep_copy = project->repaired;
  self->opening = TRUE;
  g_set_object (&self->loaded, result);
  g_signal_connect_swapped (self->session, "opened", G_CALLBACK (opened_cb), self);
  few_session_open_project (self->session, project, folder, device);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  FewDocument *self = FEW_DOCUMENT (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (FewProject) project = few_loading_finish (result, &error);
  FewLoading *loading = few_loading_of (result);
  if (!self->session)
    return;
  if (project && few_examples_is_fresh (self->examples))
    {
      take_project (self, project, result, loading->path);
      return;
    }
  g_autofree char *text =
      project ? g_strdup (_ ("This window has a project by now. Open the other one again."))
              : few_loading_describe_failure (loading, error);
  few_session_say (self->session, text);
  end_loading (self);
}

void
few_document_open (FewDocument *self, const char *path)
{
  g_return_if_fail (few_document_is_fresh (self));
  g_autoptr (GError) error = NULL;
  if (!few_loading_begin (self, path, loaded_cb, &error))
    {
      few_session_say (self->session, error->message);
      return;
    }
  self->loading = g_strdup (path);
  self->recovering = FALSE;
  few_session_set_waiting (self->session, TRUE);
}

void
few_document_recover (FewDocument *self, const char *draft)
{
  g_return_if_fail (FEW_IS_DOCUMENT (self));
  few_document_open (self, draft);
  self->recovering = TRUE;
}
