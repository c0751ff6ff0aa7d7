/* SPDX-License-Identifier: MIT */
/* Saving by itself, opening, closing. The states of a document and what happens in each of them:
 * see app/DESIGN.md. */
#include "document/few-document-private.h"
#include "base/few-turns.h"
#include "document/few-saving.h"
#include <glib/gi18n.h>
#include <glib/gstdio.h>

/* ms from a change to its being written, in three seconds; and from a failure to the next try */
enum { DELAY = 2000, RETRY = 5000 };

enum { PROP_PROBLEM = 1, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

enum { CHANGED, CONFLICT, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewDocument, few_document, G_TYPE_OBJECT)

static void saved_cb (GObject *source, GAsyncResult *result, gpointer user);
static void go_on (FewDocument *self, gboolean written);

static gboolean
is_empty (FewDocument *self)
{
  return few_gallery_is_empty (few_examples_get_gallery (self->examples));
}

static void
set_problem (FewDocument *self, const char *problem)
{
  if (g_strcmp0 (self->problem, problem) == 0)
    return;
  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

static const char *
get_file (FewDocument *self)
{
  return self->home && !self->home->draft ? self->home->path : NULL;
}

/* ---- writing */

static FewPlace *
get_place (FewDocument *self)
{
  FewPlace *const places[] = {
    [TARGET_HOME] = self->home, [TARGET_SAVE_AS] = self->save_as, [TARGET_FALLBACK] = self->fallback
  };
  return places[self->target];
}

/* Once it is ready: a large project takes several turns. */
static void
write_project (gpointer user)
{
  FewDocument *self = user;
  if (!self->session)
    return; /* it was disposed of meanwhile */
  if (few_session_prepare (self->session))
    {
      few_turns_add (self, write_project);
      return;
    }
  FewPlace *place = get_place (self);
  self->saving = place != NULL;
  if (!place) /* it was let go of meanwhile */
    {
      go_on (self, TRUE);
      return;
    }
  gboolean file = self->target == TARGET_HOME && !place->draft;
  few_unwritten_begin (&self->unwritten);
  few_saving_begin (self, few_session_get_project (self->session), place->path,
                    file ? &place->stamp : NULL, file && self->keep_copy, saved_cb);
}

static void
begin_saving (FewDocument *self, Target target)
{
  self->target = target;
  self->saving = TRUE;
  write_project (self);
}

static void
save_fallback (FewDocument *self)
{
  if (!self->fallback)
    self->fallback = few_place_new_draft ();
  begin_saving (self, TARGET_FALLBACK);
}

static void
save_home (FewDocument *self)
{
  if (!self->home)
    self->home = few_place_new_draft ();
  begin_saving (self, TARGET_HOME);
}

/* Unless something is being written: that is followed by whatever is not on disk then. */
static void
save (FewDocument *self)
{
  if (self->saving)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->save_as)
    begin_saving (self, TARGET_SAVE_AS);
  else if (self->conflict)
    save_fallback (self);
  else
    save_home (self);
}

static gboolean
due_cb (gpointer user)
{
  FewDocument *self = user;
  self->timer = 0;
  save (self);
  return G_SOURCE_REMOVE;
}

static void
finish_closing (FewDocument *self)
{
  FewClosedFunc closed = self->closed;
  self->closed = NULL;
  if (!closed)
    return;
  if (!self->problem)
    (is_empty (self) ? few_place_leave_and_remove : few_place_leave) (&self->home);
  else if (!self->timer && (!self->conflict || self->unwritten.newer))
    self->timer = g_timeout_add (RETRY, due_cb, self);
  closed (self->closed_user, self->problem, self->fallback && !self->unwritten.newer);
}

static void
take_written (FewDocument *self, const FewStamp *stamp)
{
  few_unwritten_succeed (&self->unwritten, self->target != TARGET_FALLBACK);
  if (self->target == TARGET_FALLBACK)
    {
      self->fallback->stamp = *stamp;
      return;
    }
  if (self->target == TARGET_SAVE_AS)
    {
      /* what it was kept in goes only now that the new file is on disk */
      few_place_leave_and_remove (&self->home);
      self->home = g_steal_pointer (&self->save_as);
    }
  self->home->stamp = *stamp;
  self->keep_copy = FALSE;
  self->conflict = FALSE;
  few_place_leave_and_remove (&self->fallback);
  set_problem (self, NULL);
  if (self->target == TARGET_SAVE_AS)
    g_signal_emit (self, signals[CHANGED], 0);
}

static void
take_failure (FewDocument *self, const GError *error)
{
  few_unwritten_fail (&self->unwritten);
  if (self->target == TARGET_SAVE_AS)
    {
      few_place_leave (&self->save_as);
      few_session_say (self->session, error->message);
      return;
    }
  if (self->target == TARGET_FALLBACK)
    {
      if (!self->fallback->stamp.exists) /* an older draft stays: it is better than none */
        few_place_leave (&self->fallback);
      return;
    }
  set_problem (self, error->message);
  self->conflict = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG);
  if (self->conflict)
    g_signal_emit (self, signals[CONFLICT], 0, get_file (self));
}

/* A draft beside the file that has everything is followed by the next try of the file alone; in a
 * conflict by what the person decides. */
static guint
get_wait (FewDocument *self, gboolean written)
{
  gboolean failed = !written && self->target != TARGET_SAVE_AS;
  gboolean later = failed || !self->unwritten.newer;
  return later ? RETRY : few_unwritten_get_delay (&self->unwritten, DELAY);
}

/* What comes after a saving. */
static void
go_on (FewDocument *self, gboolean written)
{
  gboolean failed = self->problem && self->target != TARGET_SAVE_AS;
  gboolean awaited = failed ? written && self->unwritten.newer : self->unwritten.dirty;
  gboolean decided = !self->conflict || !written || self->unwritten.newer;
  if (self->save_as)
    save (self);
  else if (failed && self->target == TARGET_HOME && get_file (self) && self->unwritten.newer)
    save_fallback (self);
  else if (self->closed && !awaited)
    finish_closing (self);
  else if (self->closed)
    save (self);
  else if (self->unwritten.dirty && !self->timer && decided)
    self->timer = g_timeout_add (get_wait (self, written), due_cb, self);
}

/* It was let go of while it was written. */
static void
drop_draft (FewDocument *self, GAsyncResult *result)
{
  if (self->target == TARGET_FALLBACK)
    g_unlink (few_saving_get_path (result));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  FewDocument *self = FEW_DOCUMENT (source);
  g_autoptr (GError) error = NULL;
  FewStamp stamp;
  gboolean written = few_saving_finish (result, &stamp, &error);
  self->saving = FALSE;
  if (!self->session)
    return; /* it was disposed of meanwhile */
  gboolean let_go = !get_place (self);
  if (let_go)
    drop_draft (self, result);
  else if (written)
    take_written (self, &stamp);
  else
    take_failure (self, error);
  go_on (self, written || let_go);
}

/* What is new does not wait for the next try of what is in a draft already. */
static void
note_change (FewDocument *self)
{
  gboolean first = few_unwritten_note (&self->unwritten);
  if (self->saving)
    return;
  if (first)
    g_clear_handle_id (&self->timer, g_source_remove);
  if (!self->timer)
    self->timer = g_timeout_add (few_unwritten_get_delay (&self->unwritten, DELAY), due_cb, self);
}

void
few_document_edited (FewDocument *self)
{
  if (self->opening || (!self->home && is_empty (self)))
    return;
  self->touched = TRUE;
  note_change (self);
}

/* Hashes of pictures and the like go along with what a person has changed. */
static void
learned_cb (FewDocument *self)
{
  if (self->touched && !self->opening)
    note_change (self);
}

/* ---- life */

static void
few_document_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_string (value, FEW_DOCUMENT (object)->problem);
}

static void
few_document_dispose (GObject *object)
{
  FewDocument *self = FEW_DOCUMENT (object);
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->session)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  g_clear_object (&self->loaded);
  few_place_leave (&self->home);
  few_place_leave (&self->save_as);
  few_place_abandon (&self->fallback);
  g_clear_pointer (&self->loading, g_free);
  g_clear_pointer (&self->problem, g_free);
  G_OBJECT_CLASS (few_document_parent_class)->dispose (object);
}

static void
few_document_class_init (FewDocumentClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = few_document_get_property;
  G_OBJECT_CLASS (klass)->dispose = few_document_dispose;
  properties[PROP_PROBLEM] =
      g_param_spec_string ("problem", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);
  signals[CHANGED] = g_signal_new ("changed", FEW_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[CONFLICT] = g_signal_new ("conflict", FEW_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
few_document_init (FewDocument *self)
{
}

FewDocument *
few_document_new (FewSession *session)
{
  g_return_val_if_fail (FEW_IS_SESSION (session), NULL);
  FewDocument *self = g_object_new (FEW_TYPE_DOCUMENT, NULL);
  self->session = g_object_ref (session);
  self->examples = few_session_get_examples (session);
  g_signal_connect_swapped (session, "edited", G_CALLBACK (few_document_edited), self);
  g_signal_connect_swapped (session, "learned", G_CALLBACK (learned_cb), self);
  return self;
}

const char *
few_document_get_path (FewDocument *self)
{
  g_return_val_if_fail (FEW_IS_DOCUMENT (self), NULL);
  return get_file (self);
}

const char *
few_document_get_problem (FewDocument *self)
{
  g_return_val_if_fail (FEW_IS_DOCUMENT (self), NULL);
  return self->problem;
}

char *
few_document_get_title (FewDocument *self)
{
  g_return_val_if_fail (FEW_IS_DOCUMENT (self), NULL);
  const char *file = get_file (self);
  return file ? few_place_title_of (file) : g_strdup (_ ("Untitled"));
}

gboolean
few_document_is_at (FewDocument *self, const char *path)
{
  g_return_val_if_fail (FEW_IS_DOCUMENT (self), FALSE);
  return few_stamp_is_one_file (self->loading, path)
         || (self->home && few_stamp_is_one_file (self->home->path, path))
         || (self->save_as && few_stamp_is_one_file (self->save_as->path, path));
}

gboolean
few_document_is_fresh (FewDocument *self)
{
  g_return_val_if_fail (FEW_IS_DOCUMENT (self), FALSE);
  return !get_file (self) && !self->loading && few_examples_is_fresh (self->examples);
}

gboolean
few_document_is_dirty (FewDocument *self)
{
  g_return_val_if_fail (FEW_IS_DOCUMENT (self), FALSE);
  return self->unwritten.dirty || self->saving || self->save_as;
}

/* ---- saving elsewhere */

void
few_document_save_as (FewDocument *self, const char *path)
{
  g_return_if_fail (FEW_IS_DOCUMENT (self));
  g_return_if_fail (path);
  if (few_stamp_is_one_file (get_file (self), path))
    {
      few_document_keep_mine (self);
      return;
    }
  if (self->save_as)
    {
      few_session_say (self->session, _ ("The project is being saved. Try again in a moment."));
      return;
    }
  g_autoptr (GError) error = NULL;
  self->save_as = few_place_new_file (path, &error);
  if (self->save_as)
    save (self);
  else
    few_session_say (self->session, error->message);
}

void
few_document_keep_mine (FewDocument *self)
{
  g_return_if_fail (FEW_IS_DOCUMENT (self));
  g_return_if_fail (get_file (self));
  self->home->stamp = few_stamp_of (self->home->path);
  self->conflict = FALSE;
  few_unwritten_note (&self->unwritten);
  save (self);
}

void
few_document_let_go (FewDocument *self)
{
  g_return_if_fail (FEW_IS_DOCUMENT (self));
  g_clear_handle_id (&self->timer, g_source_remove);
  few_place_leave_and_remove (&self->fallback);
  few_place_leave (&self->home);
  few_unwritten_forget (&self->unwritten);
  self->touched = FALSE;
  self->conflict = FALSE;
  set_problem (self, NULL);
}

/* ---- closing */

void
few_document_close (FewDocument *self, FewClosedFunc done, gpointer user)
{
  g_return_if_fail (FEW_IS_DOCUMENT (self));
  g_return_if_fail (done);
  self->closed = done;
  self->closed_user = user;
  g_clear_handle_id (&self->timer, g_source_remove);
  if (few_document_is_dirty (self))
    save (self); /* or what is being saved is followed by that: go_on () does the rest */
  else
    finish_closing (self);
}
