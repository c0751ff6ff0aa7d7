/* SPDX-License-Identifier: MIT */
/* Every window is watched for when it comes into view and goes. */
#include "widgets/few-tooltips.h"

/* A window that others are over. */
typedef struct
{
  guint above;        /* how many */
  GPtrArray *resting; /* GtkWidget, owned: those that had a tooltip */
} Below;

static GHashTable *windows_below; /* GtkWindow → Below */

static void
below_free (gpointer data)
{
  Below *below = data;
  g_ptr_array_unref (below->resting);
  g_free (below);
}

static void
rest (GtkWidget *widget, GPtrArray *resting)
{
  if (gtk_widget_get_has_tooltip (widget))
    {
      g_ptr_array_add (resting, g_object_ref (widget));
      gtk_widget_set_has_tooltip (widget, FALSE);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    rest (child, resting);
}

static void
destroyed_cb (GtkWindow *window)
{
  g_hash_table_remove (windows_below, window);
}

static GHashTable *
get_windows_below (void)
{
  if (!windows_below)
    windows_below = g_hash_table_new_full (NULL, NULL, NULL, below_free);
  return windows_below;
}

void
few_tooltips_rest (GtkWindow *window)
{
  g_return_if_fail (GTK_IS_WINDOW (window));
  Below *below = g_hash_table_lookup (get_windows_below (), window);
  if (below)
    {
      below->above++;
      return;
    }
  below = g_new (Below, 1);
  *below = (Below) { 1, g_ptr_array_new_with_free_func (g_object_unref) };
  g_hash_table_insert (windows_below, window, below);
  g_signal_connect (window, "destroy", G_CALLBACK (destroyed_cb), NULL);
  rest (GTK_WIDGET (window), below->resting);
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (window)); /* one may be shown already */
}

void
few_tooltips_return (GtkWindow *window)
{
  g_return_if_fail (GTK_IS_WINDOW (window));
  Below *below = g_hash_table_lookup (get_windows_below (), window);
  if (!below || --below->above > 0)
    return;
  for (guint i = 0; i < below->resting->len; i++)
    gtk_widget_set_has_tooltip (below->resting->pdata[i], TRUE);
  g_signal_handlers_disconnect_by_func (window, destroyed_cb, NULL);
  g_hash_table_remove (windows_below, window);
}

static void
mapped_cb (GtkWindow *window)
{
  GtkWindow *parent = gtk_window_get_transient_for (window);
  if (parent)
    few_tooltips_rest (parent);
}

static void
unmapped_cb (GtkWindow *window)
{
  GtkWindow *parent = gtk_window_get_transient_for (window);
  if (parent)
    few_tooltips_return (parent);
}

static void
windows_changed_cb (GListModel *windows, guint position, guint removed G_GNUC_UNUSED, guint added,
                    gpointer unused G_GNUC_UNUSED)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);
      g_signal_connect (window, "map", G_CALLBACK (mapped_cb), NULL);
      g_signal_connect (window, "unmap", G_CALLBACK (unmapped_cb), NULL);
    }
}

void
few_tooltips_watch_windows (void)
{
  static gboolean watching;
  if (watching)
    return;
  watching = TRUE;
  g_signal_connect (gtk_window_get_toplevels (), "items-changed", G_CALLBACK (windows_changed_cb),
                    NULL);
}
