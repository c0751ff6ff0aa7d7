/* SPDX-License-Identifier: MIT */
/* Classes and pictures: names, prompts, moves, removal, features, and all of it as a project. */
#include "session/few-examples.h"
#include "base/few-heap.h"
#include "base/few-turns.h"
#include "session/few-duplicates.h"
#include "session/few-reading.h"
#include "session/few-refusals.h"
#include <glib/gi18n.h>

struct _FewExamples
{
  GObject parent;
  FewDesk *desk;
  FewGallery *gallery;
  FewDuplicates *duplicates;
  char *template_text;
  FewRefusals *refused;
  guint encoding_jobs;
  GQueue readings; /* FewReading *: of these jobs, those that the worker does not have yet */
  gboolean unsettled; /* of equal pictures another may take part since */
};

enum { PROP_TEMPLATE_TEXT = 1, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

enum { CONTENT, CHANGED, READING, PROGRESS, REPLACED, ENCODED, DID, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewExamples, few_examples, G_TYPE_OBJECT)

/* ---- what is told */

void
few_examples_changed (FewExamples *self)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  few_duplicates_settle (self->duplicates, few_gallery_get_order (self->gallery));
  self->unsettled = FALSE;
  few_examples_grew (self);
}

/* All but these stayed. */
static void
tell_exchange (FewExamples *self, GPtrArray *gone, GPtrArray *came)
{
  if (self->unsettled)
    {
      few_examples_changed (self);
      return;
    }
  few_duplicates_exchange (self->duplicates, gone, came);
  few_examples_grew (self);
}

void
few_examples_grew (FewExamples *self)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  few_gallery_tell_counts (self->gallery);
  few_refusals_settle (self->refused);
  g_signal_emit (self, signals[CONTENT], 0);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
few_examples_did (FewExamples *self, const char *title)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  g_signal_emit (self, signals[DID], 0, title, (guint) FEW_EDIT_ONE);
}

void
few_examples_report_progress (FewExamples *self, guint done, guint total)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  g_signal_emit (self, signals[PROGRESS], 0, done, total);
}

/* ---- what there is */

GListModel *
few_examples_get_classes (FewExamples *self)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), NULL);
  return few_gallery_get_classes (self->gallery);
}

GListModel *
few_examples_get_pictures (FewExamples *self)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), NULL);
  return few_gallery_get_pictures (self->gallery);
}

FewPicture *
few_examples_get_picture (FewExamples *self, guint id)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), NULL);
  return few_gallery_get_picture (self->gallery, id);
}

gboolean
few_examples_is_fresh (FewExamples *self)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), FALSE);
  return few_gallery_is_fresh (self->gallery);
}

/* ---- features */

/* Those first that were asked for first. */
static void
read_some (gpointer user)
{
  FewExamples *self = user;
  FewReading *reading = g_queue_peek_head (&self->readings);
  if (!reading)
    return;
  g_autoptr (GPtrArray) some = few_reading_copy (reading);
  g_signal_emit (self, signals[READING], 0, some);
  if (few_reading_send (reading, few_desk_get_worker (self->desk)))
    few_reading_free (g_queue_pop_head (&self->readings));
  if (!g_queue_is_empty (&self->readings))
    few_turns_add (self, read_some);
}

void
few_examples_encode (FewExamples *self, GPtrArray *pictures)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self) && pictures != NULL);
  if (pictures->len == 0)
    return;
  self->encoding_jobs++;
  g_queue_push_tail (&self->readings, few_reading_new (pictures));
  if (self->readings.length == 1)
    read_some (self);
}

/* One that a project brought back has been read before: it stays, to be read another time. */
static gboolean
was_never_read (FewPicture *picture, gconstpointer unused)
{
  return few_picture_get_state (picture) == FEW_PICTURE_WAITING && !few_picture_get_hash (picture);
}

void
few_examples_cancel_encoding (FewExamples *self)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  few_worker_cancel_encoding (few_desk_get_worker (self->desk));
  while (!g_queue_is_empty (&self->readings)) /* the worker ends the others */
    {
      few_reading_free (g_queue_pop_head (&self->readings));
      few_worker_encode (few_desk_get_worker (self->desk), 0, NULL, NULL, NULL);
    }
  g_autoptr (GPtrArray) waiting = few_gallery_where (self->gallery, was_never_read, NULL);
  few_examples_remove_pictures (self, waiting);
}

/* A picture that was taken out meanwhile keeps its feature for undo; it is nobody's duplicate. */
static void
take_picture (FewExamples *self, const FewEvent *event)
{
  FewPicture *picture = few_gallery_recall_picture (self->gallery, event->id);
  if (!picture)
    return; /* another project was opened meanwhile */
  gboolean here = few_examples_get_picture (self, event->id) != NULL;
  few_picture_set_missing (picture, event->missing);
  if (event->error)
    {
      few_picture_set_state (picture, FEW_PICTURE_REFUSED, event->error->message);
      if (here)
        few_refusals_replace (self->refused, event->error->message, event->id);
      self->unsettled = TRUE;
      return;
    }
  if (few_picture_set_hash (picture, event->sha256))
    {
      self->unsettled = TRUE;
      g_signal_emit (self, signals[REPLACED], 0);
    }
  few_gallery_touch_hash (self->gallery, picture);
  FewPicture *extra = here ? few_duplicates_meet (self->duplicates, picture) : NULL;
  const char *reason = extra ? few_picture_get_reason (extra) : NULL;
  few_refusals_drop (self->refused, event->id);
  if (extra)
    few_refusals_replace (self->refused, reason, few_picture_get_id (extra));
  if (extra != picture)
    few_picture_set_state (picture, FEW_PICTURE_READY, NULL);
}

static void
end_encoding (FewExamples *self, const FewEvent *event)
{
  if (event->error && !g_error_matches (event->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    few_desk_say (self->desk, event->error->message);
  self->encoding_jobs -= self->encoding_jobs > 0;
  if (self->encoding_jobs == 0)
    few_examples_report_progress (self, 0, 0);
  if (self->unsettled || event->error)
    few_examples_changed (self);
  else
    few_examples_grew (self);
  if (self->encoding_jobs == 0)
    {
      g_signal_emit (self, signals[ENCODED], 0);
      few_heap_give_back ();
    }
}

static void
examples_event_cb (FewExamples *self, const FewEvent *event)
{
  if (event->kind == FEW_EVENT_PICTURE)
    take_picture (self, event);
  else if (event->kind == FEW_EVENT_PROGRESS)
    few_examples_report_progress (self, event->done, event->total);
  else if (event->kind == FEW_EVENT_IDLE)
    end_encoding (self, event);
}

/* ---- files that were refused */

void
few_examples_refuse (FewExamples *self, const char *sentence, guint first, guint last)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self) && sentence != NULL);
  few_refusals_add (self->refused, sentence, first, last);
}

void
few_examples_tell_refused (FewExamples *self)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  g_signal_emit (self, signals[CHANGED], 0);
}

GPtrArray *
few_examples_get_refused (FewExamples *self)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), NULL);
  return few_refusals_get_told (self->refused);
}

void
few_examples_clear_refused (FewExamples *self)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  few_refusals_clear (self->refused);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- classes */

FewClass *
few_examples_ensure_class (FewExamples *self, const char *name)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  return few_gallery_ensure_class (self->gallery, name);
}

FewClass *
few_examples_add_class (FewExamples *self, const char *name)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), NULL);
  FewClass *known = few_gallery_find_class (self->gallery, name);
  if (known)
    return known;
  FewClass *klass = few_examples_ensure_class (self, name);
  few_examples_changed (self);
  few_examples_did (self, _ ("Add Class"));
  return klass;
}

gboolean
few_examples_rename_class (FewExamples *self, FewClass *klass, const char *name)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), FALSE);
  g_return_val_if_fail (FEW_IS_CLASS (klass) && name != NULL, FALSE);
  FewClass *other = few_gallery_find_class (self->gallery, name);
  if (!*name || (other && other != klass))
    return FALSE;
  if (other == klass)
    return TRUE;
  few_class_set_name (klass, name);
  few_gallery_touch_classes (self->gallery);
  few_examples_changed (self);
  few_examples_did (self, _ ("Rename Class"));
  return TRUE;
}

void
few_examples_set_prompt (FewExamples *self, FewClass *klass, const char *prompt)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  g_return_if_fail (FEW_IS_CLASS (klass));
  const char *old = few_class_get_prompt (klass);
  if (g_strcmp0 (old ? old : "", prompt ? prompt : "") == 0)
    return;
  few_class_set_prompt (klass, prompt);
  few_gallery_touch_classes (self->gallery);
  few_examples_changed (self);
  few_examples_did (self, _ ("Change Prompt"));
}

const char *
few_examples_get_template (FewExamples *self)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), NULL);
  return self->template_text;
}

static void
put_template (FewExamples *self, const char *template_text)
{
  if (g_str_equal (self->template_text, template_text))
    return;
  g_free (self->template_text);
  self->template_text = g_strdup (template_text);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEMPLATE_TEXT]);
}

void
few_examples_set_template (FewExamples *self, const char *template_text)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  g_return_if_fail (template_text != NULL);
  if (g_str_equal (self->template_text, template_text))
    return;
  put_template (self, template_text);
  few_examples_changed (self);
  few_examples_did (self, _ ("Change Prompt"));
}

/* ---- pictures */

FewGallery *
few_examples_get_gallery (FewExamples *self)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), NULL);
  return self->gallery;
}

void
few_examples_remove_pictures (FewExamples *self, GPtrArray *pictures)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self) && pictures != NULL);
  g_autoptr (GPtrArray) here = few_gallery_list_there (self->gallery, pictures);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  if (here->len == 0)
    return; /* a list that follows some turns later shows them still */
  few_gallery_take_out (self->gallery, here);
  tell_exchange (self, here, none);
  g_autofree char *title =
      g_strdup_printf (ngettext ("Remove %u Picture", "Remove %u Pictures", here->len), here->len);
  few_examples_did (self, title);
}

/* ---- for those who take pictures in or find them again */

FewPicture *
few_examples_make_picture (FewExamples *self, const char *path, FewClass *klass)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (self), NULL);
  return few_gallery_make_picture (self->gallery, path, klass);
}

void
few_examples_append (FewExamples *self, GPtrArray *pictures)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  few_gallery_append (self->gallery, pictures);
}

/* ---- the project */

void
few_examples_record (FewExamples *self, FewProject *project)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  g_return_if_fail (project != NULL);
  few_gallery_record_classes (self->gallery, project);
  g_free (project->template_text);
  project->template_text = g_strdup (self->template_text);
}

/* Of those that came, what has no feature yet. */
static void
encode_waiting (FewExamples *self, const GPtrArray *came)
{
  g_autoptr (GPtrArray) waiting = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < came->len; i++)
    if (few_picture_get_state (came->pdata[i]) == FEW_PICTURE_WAITING)
      g_ptr_array_add (waiting, g_object_ref (came->pdata[i]));
  few_examples_encode (self, waiting);
}

void
few_examples_restore (FewExamples *self, const FewProject *project, const GArray *pieces)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self));
  g_return_if_fail (project != NULL && pieces != NULL);
  g_autoptr (GPtrArray) came = g_ptr_array_new ();
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();
  if (g_str_equal (self->template_text, project->template_text)
      && few_gallery_says (self->gallery, project, pieces))
    return; /* the step was about something else */
  gboolean part = few_gallery_restore (self->gallery, project, pieces, came, gone);
  put_template (self, project->template_text);
  encode_waiting (self, came);
  if (part)
    tell_exchange (self, gone, came);
  else
    few_examples_changed (self);
}

void
few_examples_filled (FewExamples *self, const char *template_text)
{
  g_return_if_fail (FEW_IS_EXAMPLES (self) && template_text != NULL);
  put_template (self, template_text);
  few_examples_grew (self);
}

/* ---- life */

static void
few_examples_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_string (value, FEW_EXAMPLES (object)->template_text);
}

static void
few_examples_finalize (GObject *object)
{
  FewExamples *self = FEW_EXAMPLES (object);
  g_queue_clear_full (&self->readings, few_reading_free);
  few_duplicates_free (self->duplicates);
  few_gallery_free (self->gallery);
  few_refusals_free (self->refused);
  g_object_unref (self->desk);
  g_free (self->template_text);
  G_OBJECT_CLASS (few_examples_parent_class)->finalize (object);
}

static guint
add_signal (const char *name, guint n, ...)
{
  va_list types;
  va_start (types, n);
  guint id = g_signal_new_valist (name, FEW_TYPE_EXAMPLES, G_SIGNAL_RUN_LAST, NULL, NULL, NULL,
                                  NULL, G_TYPE_NONE, n, types);
  va_end (types);
  return id;
}

static void
few_examples_class_init (FewExamplesClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = few_examples_get_property;
  G_OBJECT_CLASS (klass)->finalize = few_examples_finalize;
  properties[PROP_TEMPLATE_TEXT] = g_param_spec_string ("template-text", NULL, NULL, NULL,
                                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);
  signals[CONTENT] = add_signal ("content", 0);
  signals[CHANGED] = add_signal ("changed", 0);
  signals[READING] = add_signal ("reading", 1, G_TYPE_PTR_ARRAY);
  signals[REPLACED] = add_signal ("replaced", 0);
  signals[PROGRESS] = add_signal ("progress", 2, G_TYPE_UINT, G_TYPE_UINT);
  signals[ENCODED] = add_signal ("encoded", 0);
  signals[DID] = add_signal ("did", 2, G_TYPE_STRING, G_TYPE_UINT);
}

static gboolean
is_there (guint id, gboolean left_out, gpointer examples)
{
  FewPicture *picture = few_examples_get_picture (examples, id);
  return picture && (!left_out || few_picture_get_reason (picture));
}

static void
few_examples_init (FewExamples *self)
{
  self->gallery = few_gallery_new ();
  self->duplicates = few_duplicates_new ();
  self->refused = few_refusals_new (is_there, self);
  self->template_text = g_strdup ("a photo of a {}.");
}

FewExamples *
few_examples_new (FewDesk *desk)
{
  g_return_val_if_fail (FEW_IS_DESK (desk), NULL);
  FewExamples *self = g_object_new (FEW_TYPE_EXAMPLES, NULL);
  self->desk = g_object_ref (desk);
  g_signal_connect_object (desk, "event", G_CALLBACK (examples_event_cb), self, G_CONNECT_SWAPPED);
  return self;
}
