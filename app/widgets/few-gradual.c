/* SPDX-License-Identifier: MIT */
/* The beginning of a list, which grows. GtkSliceListModel would do, but tells that all behind a
 * change is another, to the end of the list, and a view then looks at each of 100,000 items. */
#include "widgets/few-gradual.h"

/* MOST: a view has made all its widgets by then; WAIT: frames, for the first has all else to do */
enum { FIRST = 12, STEP = 8, MOST = 400, WAIT = 3 };

#define FEW_TYPE_GRADUAL (few_gradual_get_type ())
G_DECLARE_FINAL_TYPE (FewGradual, few_gradual, FEW, GRADUAL, GObject)

struct _FewGradual
{
  GObject parent;
  GListModel *list;
  guint size; /* of the list at most; G_MAXUINT: all of it */
  GtkWidget *view; /* weak */
  guint tick, waited;
};

static void few_gradual_iface_init (GListModelInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (FewGradual, few_gradual, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, few_gradual_iface_init))

/* ---- growing */

static void
set_size (FewGradual *self, guint size)
{
  guint n = g_list_model_get_n_items (self->list);
  guint before = MIN (n, self->size);
  guint now = MIN (n, size);
  self->size = size;
  if (now > before)
    g_list_model_items_changed (G_LIST_MODEL (self), before, 0, now - before);
  else if (now < before)
    g_list_model_items_changed (G_LIST_MODEL (self), now, before - now, 0);
}

static void
stop (FewGradual *self)
{
  if (self->tick && self->view)
    gtk_widget_remove_tick_callback (self->view, self->tick);
  self->tick = 0;
}

static gboolean
tick_cb (GtkWidget *view G_GNUC_UNUSED, GdkFrameClock *clock G_GNUC_UNUSED, gpointer user)
{
  FewGradual *self = user;
  if (self->waited++ < WAIT)
    return G_SOURCE_CONTINUE;
  if (self->size + STEP < MOST)
    {
      set_size (self, self->size + STEP);
      return G_SOURCE_CONTINUE;
    }
  self->tick = 0;
  set_size (self, G_MAXUINT);
  return G_SOURCE_REMOVE;
}

static void
grow (FewGradual *self)
{
  guint n = g_list_model_get_n_items (self->list);
  if (n <= FIRST)
    {
      stop (self);
      set_size (self, FIRST);
    }
  else if (!self->tick && self->view && self->size != G_MAXUINT)
    {
      self->waited = 0;
      self->tick = gtk_widget_add_tick_callback (self->view, tick_cb, self, NULL);
    }
}

/* What was shown and what is: where that is not all, other items move up from behind its end, or
 * beyond it. */
static void
tell_change (FewGradual *self, guint position, guint removed, guint added)
{
  guint n = g_list_model_get_n_items (self->list);
  guint before = MIN (n - added + removed, self->size);
  guint now = MIN (n, self->size);
  if (self->size == G_MAXUINT)
    g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
  else if (position < self->size)
    g_list_model_items_changed (G_LIST_MODEL (self), position, before - position, now - position);
}

static void
list_changed_cb (FewGradual *self, guint position, guint removed, guint added)
{
  tell_change (self, position, removed, added);
  grow (self);
}

/* ---- as a list */

static GType
few_gradual_get_item_type (GListModel *list)
{
  return g_list_model_get_item_type (FEW_GRADUAL (list)->list);
}

static guint
few_gradual_get_n_items (GListModel *list)
{
  FewGradual *self = FEW_GRADUAL (list);
  return MIN (g_list_model_get_n_items (self->list), self->size);
}

static gpointer
few_gradual_get_item (GListModel *list, guint position)
{
  FewGradual *self = FEW_GRADUAL (list);
  return position < self->size ? g_list_model_get_item (self->list, position) : NULL;
}

static void
few_gradual_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = few_gradual_get_item_type;
  iface->get_n_items = few_gradual_get_n_items;
  iface->get_item = few_gradual_get_item;
}

/* ---- life */

static void
few_gradual_dispose (GObject *object)
{
  FewGradual *self = FEW_GRADUAL (object);
  stop (self);
  if (self->list)
    g_signal_handlers_disconnect_by_data (self->list, self);
  g_clear_weak_pointer (&self->view);
  G_OBJECT_CLASS (few_gradual_parent_class)->dispose (object);
}

static void
few_gradual_finalize (GObject *object)
{
  g_clear_object (&FEW_GRADUAL (object)->list);
  G_OBJECT_CLASS (few_gradual_parent_class)->finalize (object);
}

static void
few_gradual_class_init (FewGradualClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_gradual_dispose;
  G_OBJECT_CLASS (klass)->finalize = few_gradual_finalize;
}

static void
few_gradual_init (FewGradual *self)
{
  self->size = FIRST;
}

GListModel *
few_gradual_new (GListModel *list, GtkWidget *view)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (list) && GTK_IS_WIDGET (view), NULL);
  FewGradual *self = g_object_new (FEW_TYPE_GRADUAL, NULL);
  self->list = g_object_ref (list);
  g_set_weak_pointer (&self->view, view);
  g_signal_connect_swapped (list, "items-changed", G_CALLBACK (list_changed_cb), self);
  grow (self);
  return G_LIST_MODEL (self);
}
