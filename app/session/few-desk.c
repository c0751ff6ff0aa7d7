/* SPDX-License-Identifier: MIT */
/* The worker and its model, as the objects of a session see them. */
#include "session/few-desk.h"
#include <glib/gi18n.h>

struct _FewDesk
{
  GObject parent;
  FewWorker *worker;
  guint next_ticket;
  FewModelInfo model; /* a copy: the worker's own may go when another model is opened */
  gboolean has_model;
  gboolean opening;
  gboolean told_unkept;
  char *asked;
};

enum { PROP_MODEL = 1, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

enum { EVENT, MESSAGE, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewDesk, few_desk, G_TYPE_OBJECT)

static void
notify_model (FewDesk *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODEL]);
}

/* ---- what the worker says */

static void
copy_model (FewDesk *self, const FewModelInfo *model)
{
  self->model = *model;
  self->model.name = g_intern_string (model->name);
  self->model.device = g_intern_string (model->device);
  self->model.architecture = g_intern_string (model->architecture);
  self->model.folder = g_intern_string (model->folder);
  self->model.sha256 = g_intern_string (model->sha256);
  self->model.fingerprint = g_intern_string (model->fingerprint);
  self->has_model = TRUE;
}

static void
leave_gpu (FewDesk *self, const FewEvent *event)
{
  g_autofree char *text =
      g_strdup_printf (_ ("The CPU is used instead of the GPU: %s"), event->error->message);
  self->model.device = g_intern_string (event->model->device);
  self->model.precision = event->model->precision;
  few_desk_say (self, text);
}

/* Once: it is so with every picture, and everything else works. */
static void
tell_unkept (FewDesk *self, const char *reason)
{
  g_autofree char *text = g_strdup_printf (
      /* Translators: %s is a sentence, such as "/home/…: Permission denied." */
      _ ("What the model sees in pictures cannot be kept, and is worked out anew each time: %s"),
      reason);
  if (!self->told_unkept)
    few_desk_say (self, text);
  self->told_unkept = TRUE;
}

/* Others hear of a model before it is notified, so that nobody is shown what was of the old one. */
static void
worker_event_cb (gpointer user, const FewEvent *event)
{
  FewDesk *self = user;
  if (event->kind == FEW_EVENT_MODEL)
    self->opening = FALSE;
  if (event->kind == FEW_EVENT_MODEL && event->error)
    few_desk_say (self, event->error->message);
  else if (event->kind == FEW_EVENT_MODEL)
    copy_model (self, event->model);
  else if (event->kind == FEW_EVENT_NOTICE)
    leave_gpu (self, event);
  else if (event->kind == FEW_EVENT_IDLE && event->unkept)
    tell_unkept (self, event->unkept);
  g_signal_emit (self, signals[EVENT], 0, event);
  if (event->kind == FEW_EVENT_MODEL || event->kind == FEW_EVENT_NOTICE)
    notify_model (self);
}

/* ---- life */

static void
few_desk_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_pointer (value, (gpointer) few_desk_get_model (FEW_DESK (object)));
}

static void
few_desk_finalize (GObject *object)
{
  FewDesk *self = FEW_DESK (object);
  few_worker_free (self->worker);
  g_free (self->asked);
  G_OBJECT_CLASS (few_desk_parent_class)->finalize (object);
}

static void
few_desk_class_init (FewDeskClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = few_desk_get_property;
  G_OBJECT_CLASS (klass)->finalize = few_desk_finalize;
  properties[PROP_MODEL] =
      g_param_spec_pointer ("model", NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);
  signals[EVENT] = g_signal_new ("event", FEW_TYPE_DESK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[MESSAGE] = g_signal_new ("message", FEW_TYPE_DESK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
few_desk_init (FewDesk *self)
{
  self->worker = few_worker_new (NULL, worker_event_cb, self);
}

FewDesk *
few_desk_new (void)
{
  return g_object_new (FEW_TYPE_DESK, NULL);
}

FewWorker *
few_desk_get_worker (FewDesk *self)
{
  g_return_val_if_fail (FEW_IS_DESK (self), NULL);
  return self->worker;
}

guint
few_desk_take_ticket (FewDesk *self)
{
  g_return_val_if_fail (FEW_IS_DESK (self), 0);
  return ++self->next_ticket;
}

void
few_desk_say (FewDesk *self, const char *text)
{
  g_return_if_fail (FEW_IS_DESK (self));
  g_return_if_fail (text != NULL);
  g_signal_emit (self, signals[MESSAGE], 0, text);
}

/* ---- the model */

void
few_desk_open_model (FewDesk *self, const char *folder, const char *device)
{
  g_return_if_fail (FEW_IS_DESK (self));
  g_return_if_fail (folder != NULL && device != NULL);
  g_free (self->asked);
  self->asked = g_strdup (folder);
  few_worker_open_model (self->worker, folder, device);
  self->opening = TRUE;
  notify_model (self);
}

const FewModelInfo *
few_desk_get_model (FewDesk *self)
{
  g_return_val_if_fail (FEW_IS_DESK (self), NULL);
  return self->has_model ? &self->model : NULL;
}

gboolean
few_desk_is_opening (FewDesk *self)
{
  g_return_val_if_fail (FEW_IS_DESK (self), FALSE);
  return self->opening;
}

const char *
few_desk_get_asked (FewDesk *self)
{
  g_return_val_if_fail (FEW_IS_DESK (self), NULL);
  return self->asked;
}
