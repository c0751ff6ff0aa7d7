/* SPDX-License-Identifier: MIT */
/* A slice whose size grows. */
#include "widgets/few-gradual.h"

/* MOST: a view has made all its widgets by then; WAIT: frames, for the first has all else to do */
enum { FIRST = 12, STEP = 8, MOST = 400, WAIT = 3 };

typedef struct
{
  GtkSliceListModel *slice; /* weak */
  GtkWidget *view; /* weak */
  guint tick, waited;
} Growth;

static void
stop (Growth *growth)
{
  if (growth->tick && growth->view)
    gtk_widget_remove_tick_callback (growth->view, growth->tick);
  growth->tick = 0;
}

static void
growth_free_cb (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  Growth *growth = data;
  stop (growth);
  g_clear_weak_pointer (&growth->slice);
  g_clear_weak_pointer (&growth->view);
  g_free (growth);
}

static gboolean
tick_cb (GtkWidget *view G_GNUC_UNUSED, GdkFrameClock *clock G_GNUC_UNUSED, gpointer user)
{
  Growth *growth = user;
  if (growth->slice && growth->waited++ < WAIT)
    return G_SOURCE_CONTINUE;
  guint size = growth->slice ? gtk_slice_list_model_get_size (growth->slice) + STEP : MOST;
  if (size < MOST)
    {
      gtk_slice_list_model_set_size (growth->slice, size);
      return G_SOURCE_CONTINUE;
    }
  growth->tick = 0;
  if (growth->slice)
    gtk_slice_list_model_set_size (growth->slice, G_MAXUINT);
  return G_SOURCE_REMOVE;
}

static void
list_changed_cb (GListModel *list, guint position G_GNUC_UNUSED, guint removed G_GNUC_UNUSED,
                 guint added G_GNUC_UNUSED, Growth *growth)
{
  guint n = g_list_model_get_n_items (list);
  if (!growth->slice || !growth->view)
    return;
  if (n <= FIRST)
    {
      stop (growth);
      gtk_slice_list_model_set_size (growth->slice, FIRST);
    }
  else if (!growth->tick && gtk_slice_list_model_get_size (growth->slice) != G_MAXUINT)
    {
      growth->waited = 0;
      growth->tick = gtk_widget_add_tick_callback (growth->view, tick_cb, growth, NULL);
    }
}

GListModel *
few_gradual_new (GListModel *list, GtkWidget *view)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (list) && GTK_IS_WIDGET (view), NULL);
  GtkSliceListModel *slice = gtk_slice_list_model_new (g_object_ref (list), 0, FIRST);
  Growth *growth = g_new0 (Growth, 1);
  g_set_weak_pointer (&growth->slice, slice);
  g_set_weak_pointer (&growth->view, view);
  g_signal_connect_data (list, "items-changed", G_CALLBACK (list_changed_cb), growth,
                         growth_free_cb, 0);
  list_changed_cb (list, 0, 0, 0, growth);
  return G_LIST_MODEL (slice);
}
