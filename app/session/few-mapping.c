/* SPDX-License-Identifier: MIT */
/* One question at a time: a newer one ends that before it, whose answer is not waited for. */
#include "session/few-mapping.h"

struct _FewMapping
{
  GObject parent;
  FewDesk *desk;
  FewView *view;
  FewMapKind kind;
  gboolean wanted;
  gboolean stale; /* the map, if there is one, is not of the snapshot in view and of the kind */
  gboolean old;   /* it is of a snapshot before that in view */
  guint ticket;   /* of the question on its way; 0: none is */
  guint done, total;
  FewMap *map;
};

enum { CHANGED, PROGRESS, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewMapping, few_mapping, G_TYPE_OBJECT)

static void
put_off (FewMapping *self)
{
  if (!self->ticket)
    return;
  few_worker_stop_mapping (few_desk_get_worker (self->desk));
  self->ticket = 0;
  self->stale = TRUE;
  g_signal_emit (self, signals[PROGRESS], 0);
}

static void
ask (FewMapping *self)
{
  FewSnapshot *snapshot = few_view_get_snapshot (self->view);
  if (!self->wanted || !self->stale || !snapshot || few_view_is_live (self->view))
    return;
  self->stale = FALSE;
  self->done = self->total = 0;
  self->ticket = few_desk_take_ticket (self->desk);
  few_worker_map (few_desk_get_worker (self->desk), self->ticket, snapshot, self->kind);
  g_signal_emit (self, signals[PROGRESS], 0);
}

static void
take_map (FewMapping *self, const FewEvent *event)
{
  if (event->done >= event->total)
    self->ticket = 0;
  if (event->map)
    {
      g_clear_pointer (&self->map, few_map_unref);
      self->map = few_map_ref (event->map);
      self->old = FALSE;
      g_signal_emit (self, signals[CHANGED], 0);
    }
  g_signal_emit (self, signals[PROGRESS], 0);
}

static void
event_cb (FewMapping *self, const FewEvent *event)
{
  if (!self->ticket || event->id != self->ticket)
    return;
  if (event->kind == FEW_EVENT_MAPPED)
    take_map (self, event);
  else if (event->kind == FEW_EVENT_MAPPING)
    {
      self->done = event->done;
      self->total = event->total;
      g_signal_emit (self, signals[PROGRESS], 0);
    }
}

/* Whether what is drawn answers what was asked last. */
static gboolean
has_answer (FewMapping *self)
{
  return self->map && !self->old && few_map_info (self->map)->kind == self->kind;
}

/* A new snapshot may stand at the address of the one before. */
static void
snapshot_cb (FewMapping *self)
{
  put_off (self);
  self->stale = self->old = TRUE;
  if (few_view_get_snapshot (self->view) || !self->map)
    return;
  g_clear_pointer (&self->map, few_map_unref);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
few_mapping_want (FewMapping *self, gboolean wanted)
{
  g_return_if_fail (FEW_IS_MAPPING (self));
  self->wanted = wanted;
  if (wanted)
    ask (self);
  else
    put_off (self);
}

void
few_mapping_set_kind (FewMapping *self, FewMapKind kind)
{
  g_return_if_fail (FEW_IS_MAPPING (self));
  if (kind == self->kind)
    return;
  self->kind = kind;
  put_off (self);
  self->stale = !has_answer (self);
  ask (self);
}

FewMapKind
few_mapping_get_kind (FewMapping *self)
{
  g_return_val_if_fail (FEW_IS_MAPPING (self), FEW_MAP_PLANE);
  return self->kind;
}

void
few_mapping_stop (FewMapping *self)
{
  g_return_if_fail (FEW_IS_MAPPING (self));
  if (!self->ticket)
    return;
  put_off (self);
  self->stale = FALSE;
  if (!has_answer (self))
    few_mapping_set_kind (self, FEW_MAP_PLANE);
}

FewMap *
few_mapping_get_map (FewMapping *self)
{
  g_return_val_if_fail (FEW_IS_MAPPING (self), NULL);
  return self->map;
}

gboolean
few_mapping_is_asking (FewMapping *self, guint *done, guint *total)
{
  g_return_val_if_fail (FEW_IS_MAPPING (self), FALSE);
  *done = self->done;
  *total = self->total;
  return self->ticket != 0;
}

static void
few_mapping_finalize (GObject *object)
{
  FewMapping *self = FEW_MAPPING (object);
  g_clear_pointer (&self->map, few_map_unref);
  g_object_unref (self->view);
  g_object_unref (self->desk);
  G_OBJECT_CLASS (few_mapping_parent_class)->finalize (object);
}

static void
few_mapping_class_init (FewMappingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_mapping_finalize;
  signals[CHANGED] = g_signal_new ("changed", FEW_TYPE_MAPPING, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[PROGRESS] = g_signal_new ("progress", FEW_TYPE_MAPPING, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 0);
}

static void
few_mapping_init (FewMapping *self)
{
  self->stale = TRUE;
}

FewMapping *
few_mapping_new (FewDesk *desk, FewView *view)
{
  g_return_val_if_fail (FEW_IS_DESK (desk) && FEW_IS_VIEW (view), NULL);
  FewMapping *self = g_object_new (FEW_TYPE_MAPPING, NULL);
  self->desk = g_object_ref (desk);
  self->view = g_object_ref (view);
  g_signal_connect_object (desk, "event", G_CALLBACK (event_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "snapshot", G_CALLBACK (snapshot_cb), self, G_CONNECT_SWAPPED);
  return self;
}
