/* SPDX-License-Identifier: MIT */
/* An adjustment changes before the rows are moved: they are looked at once that frame is over. */
#include "widgets/few-in-sight.h"

static const char key[] = "few-in-sight";

typedef struct
{
  GtkWidget *list; /* that it is a part of */
  GtkAdjustment *adjustment;
  FewInSightFunc func;
  gpointer user;
  GdkFrameClock *clock; /* of the frame that is waited for; NULL: none */
  guint n; /* rows, when they took another height together */
} Watch;

static void
stop_waiting (Watch *watch)
{
  if (watch->clock)
    g_signal_handlers_disconnect_by_data (watch->clock, watch);
  g_clear_object (&watch->clock);
}

static void
painted_cb (Watch *watch)
{
  stop_waiting (watch);
  watch->func (watch->user);
}

/* What is not realized was not drawn, and has other adjustments once it is. */
static void
changed_cb (Watch *watch)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (watch->list);
  if (watch->clock || !clock)
    return;
  watch->clock = g_object_ref (clock);
  g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (painted_cb), watch);
}

/* Rows that a list gets are new, and it gets some a frame; those that it has take more or less. */
static void
upper_changed_cb (Watch *watch)
{
  g_autoptr (GListModel) model = NULL;
  g_object_get (watch->list, "model", &model, NULL);
  guint n = model ? g_list_model_get_n_items (model) : 0;
  gboolean same = n == watch->n;
  watch->n = n;
  if (same)
    changed_cb (watch);
}

/* Whom it tells may go with the list. */
static void
destroyed_cb (GtkWidget *list, Watch *watch)
{
  stop_waiting (watch);
  g_signal_handlers_disconnect_by_data (watch->adjustment, watch);
}

static void
watch_free (gpointer data)
{
  Watch *watch = data;
  g_object_unref (watch->adjustment);
  g_free (watch);
}

void
few_in_sight_watch (GtkScrollable *list, FewInSightFunc func, gpointer user)
{
  g_return_if_fail (GTK_IS_SCROLLABLE (list));
  g_return_if_fail (func);
  Watch *watch = g_new0 (Watch, 1);
  watch->list = GTK_WIDGET (list);
  watch->adjustment = g_object_ref (gtk_scrollable_get_vadjustment (list));
  watch->func = func;
  watch->user = user;
  g_signal_connect_swapped (watch->adjustment, "value-changed", G_CALLBACK (changed_cb), watch);
  g_signal_connect_swapped (watch->adjustment, "notify::page-size", G_CALLBACK (changed_cb), watch);
  g_signal_connect_swapped (watch->adjustment, "notify::upper", G_CALLBACK (upper_changed_cb),
                            watch);
  g_signal_connect (list, "destroy", G_CALLBACK (destroyed_cb), watch);
  g_object_set_data_full (G_OBJECT (list), key, watch, watch_free);
}

void
few_in_sight_look (GtkScrollable *list)
{
  g_return_if_fail (GTK_IS_SCROLLABLE (list));
  Watch *watch = g_object_get_data (G_OBJECT (list), key);
  g_return_if_fail (watch);
  changed_cb (watch);
}
