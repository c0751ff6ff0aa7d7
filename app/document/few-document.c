/* SPDX-License-Identifier: MIT */
/* Saving by itself, opening, closing. */
#include "document/few-document.h"
#include "base/few-settings.h"
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

/* ms from a change to its being written: three seconds with the writing itself */
enum { DELAY = 2000 };

struct _FewDocument
{
  GObject parent;
  FewSession *session;
  FewExamples *examples; /* the session's */
  char *path;  /* of the person's file, or NULL */
  char *draft; /* of the draft, or NULL */
  int lock;    /* of the draft */
  guint timer;
  gboolean dirty, saving, failed, loading, opening;
  void (*closed) (gpointer user);
  gpointer closed_user;
};

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewDocument, few_document, G_TYPE_OBJECT)

static void save (FewDocument *self);

static gboolean
is_empty (FewDocument *self)
{
  return g_list_model_get_n_items (few_examples_get_classes (self->examples)) == 0;
}

static void
drop_draft (FewDocument *self, gboolean remove)
{
  if (!self->draft)
    return;
  if (remove)
    g_unlink (self->draft);
  few_draft_unlock (self->draft, self->lock);
  self->lock = -1;
  g_clear_pointer (&self->draft, g_free);
}

/* ---- writing */

typedef struct
{
  FewProject *project;
  char *path;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;
  few_project_unref (job->project);
  g_free (job->path);
  g_free (job);
}

static void
write_project (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Job *job = data;
  GError *error = NULL;
  if (few_project_save (job->project, job->path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
finish_closing (FewDocument *self)
{
  void (*closed) (gpointer) = self->closed;
  self->closed = NULL;
  if (!closed)
    return;
  drop_draft (self, is_empty (self));
  closed (self->closed_user);
}

static gboolean
due (gpointer user)
{
  FewDocument *self = user;
  self->timer = 0;
  save (self);
  return G_SOURCE_REMOVE;
}

static void
written (GObject *source, GAsyncResult *result, gpointer user)
{
  FewDocument *self = FEW_DOCUMENT (source);
  g_autoptr (GError) error = NULL;
  const Job *job = g_task_get_task_data (G_TASK (result));
  self->saving = FALSE;
  if (few_draft_is (job->path) && g_strcmp0 (job->path, self->draft) != 0)
    g_unlink (job->path); /* the project got a file of its own while its draft was written */
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      self->dirty = TRUE;
      if (!self->failed) /* once: it is tried again with the next change */
        few_session_say (self->session, error->message);
      self->failed = TRUE;
      finish_closing (self);
      return;
    }
  self->failed = FALSE;
  if (self->dirty && self->closed)
    save (self);
  else if (self->dirty && !self->timer)
    self->timer = g_timeout_add (DELAY, due, self);
  else
    finish_closing (self);
}

static void
save (FewDocument *self)
{
  if (self->saving)
    return; /* dirty: written again when that is done */
  if (!self->path && !self->draft)
    {
      self->draft = few_draft_new_path ();
      self->lock = few_draft_lock (self->draft);
    }
  Job *job = g_new0 (Job, 1);
  job->project = few_session_get_project (self->session);
  job->path = g_strdup (self->path ? self->path : self->draft);
  self->dirty = FALSE;
  self->saving = TRUE;
  g_autoptr (GTask) task = g_task_new (self, NULL, written, NULL);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, write_project);
}

/* From the first change that is not on disk, not from the last: a hand that never rests loses no
 * more than one that does. */
static void
edited_cb (FewDocument *self)
{
  if (self->opening || (!self->path && !self->draft && is_empty (self)))
    return;
  self->dirty = TRUE;
  if (!self->timer && !self->saving)
    self->timer = g_timeout_add (DELAY, due, self);
}

/* ---- life */

static void
few_document_dispose (GObject *object)
{
  FewDocument *self = FEW_DOCUMENT (object);
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->session)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  drop_draft (self, FALSE);
  G_OBJECT_CLASS (few_document_parent_class)->dispose (object);
}

static void
few_document_finalize (GObject *object)
{
  g_free (FEW_DOCUMENT (object)->path);
  G_OBJECT_CLASS (few_document_parent_class)->finalize (object);
}

static void
few_document_class_init (FewDocumentClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_document_dispose;
  G_OBJECT_CLASS (klass)->finalize = few_document_finalize;
  signals[CHANGED] = g_signal_new ("changed", FEW_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
few_document_init (FewDocument *self)
{
  self->lock = -1;
}

FewDocument *
few_document_new (FewSession *session)
{
  FewDocument *self = g_object_new (FEW_TYPE_DOCUMENT, NULL);
  self->session = g_object_ref (session);
  self->examples = few_session_get_examples (session);
  g_signal_connect_swapped (session, "edited", G_CALLBACK (edited_cb), self);
  return self;
}

const char *
few_document_get_path (FewDocument *self)
{
  return self->path;
}

char *
few_document_title_of (const char *path)
{
  char *name = g_filename_display_basename (path);
  if (g_str_has_suffix (name, ".fewshot"))
    name[strlen (name) - strlen (".fewshot")] = 0;
  return name;
}

char *
few_document_get_title (FewDocument *self)
{
  return self->path ? few_document_title_of (self->path) : g_strdup (_ ("Untitled"));
}

gboolean
few_document_is_fresh (FewDocument *self)
{
  return !self->path && !self->loading && few_examples_is_fresh (self->examples);
}

gboolean
few_document_is_dirty (FewDocument *self)
{
  return self->dirty || self->saving;
}

/* ---- opening */

static void
load_project (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  FewProject *project = few_project_load (data, &error);
  if (project)
    g_task_return_pointer (task, project, (GDestroyNotify) few_project_unref);
  else
    g_task_return_error (task, error);
}

static void
loaded (GObject *source, GAsyncResult *result, gpointer user)
{
  FewDocument *self = FEW_DOCUMENT (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (FewProject) project = g_task_propagate_pointer (G_TASK (result), &error);
  const char *path = g_task_get_task_data (G_TASK (result));
  self->loading = FALSE;
  if (!self->session)
    return;
  if (!project)
    {
      few_session_say (self->session, error->message);
      return;
    }
  drop_draft (self, FALSE);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_pointer (&self->path, g_free);
  if (few_draft_is (path))
    {
      self->draft = g_strdup (path);
      self->lock = few_draft_lock (path);
      if (self->lock < 0)
        g_clear_pointer (&self->draft, g_free); /* another program has it open: this is a copy */
    }
  else
    self->path = g_strdup (path);
  g_autofree char *folder = self->path ? g_path_get_dirname (path) : NULL;
  g_autofree char *device = few_settings_device ();
  self->opening = TRUE;
  few_session_open_project (self->session, project, folder, device);
  self->opening = FALSE;
  self->dirty = FALSE;
  g_signal_emit (self, signals[CHANGED], 0);
}

void
few_document_open (FewDocument *self, const char *path)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, loaded, NULL);
  g_task_set_task_data (task, g_strdup (path), g_free);
  self->loading = TRUE;
  g_task_run_in_thread (task, load_project);
}

void
few_document_save_as (FewDocument *self, const char *path)
{
  drop_draft (self, TRUE);
  g_free (self->path);
  self->path = g_strdup (path);
  g_clear_handle_id (&self->timer, g_source_remove);
  self->dirty = TRUE;
  save (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
few_document_close (FewDocument *self, void (*done) (gpointer user), gpointer user)
{
  self->closed = done;
  self->closed_user = user;
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->saving)
    return; /* written () goes on */
  if (self->dirty)
    save (self);
  else
    finish_closing (self);
}
