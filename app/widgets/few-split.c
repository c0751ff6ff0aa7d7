/* SPDX-License-Identifier: MIT */
/* A position that is at an end of what there is room for was not chosen. */
#include "widgets/few-split.h"

typedef struct
{
  GtkPaned *paned; /* that it is a part of */
  int wanted;
  guint idle;
} Split;

static void
split_free (gpointer data)
{
  Split *split = data;
  g_clear_handle_id (&split->idle, g_source_remove);
  g_free (split);
}

static gboolean
go_back_cb (gpointer user)
{
  Split *split = user;
  int most;
  split->idle = 0;
  g_object_get (split->paned, "max-position", &most, NULL);
  if (gtk_paned_get_position (split->paned) != MIN (split->wanted, most))
    gtk_paned_set_position (split->paned, MIN (split->wanted, most));
  return G_SOURCE_REMOVE;
}

/* Behind the layout that it is told by. */
static void
room_changed_cb (Split *split)
{
  if (!split->idle)
    split->idle = g_idle_add (go_back_cb, split);
}

static void
moved_cb (Split *split)
{
  int least, most;
  int position = gtk_paned_get_position (split->paned);
  g_object_get (split->paned, "min-position", &least, "max-position", &most, NULL);
  if (position > least && position < most)
    split->wanted = position;
}

void
few_split_put (GtkPaned *paned, int position)
{
  g_return_if_fail (GTK_IS_PANED (paned));
  Split *split = g_object_get_data (G_OBJECT (paned), "few-split");
  g_return_if_fail (split);
  split->wanted = position;
  gtk_paned_set_position (paned, position);
}

void
few_split_keep (GtkPaned *paned)
{
  g_return_if_fail (GTK_IS_PANED (paned));
  Split *split = g_new0 (Split, 1);
  split->paned = paned;
  split->wanted = gtk_paned_get_position (paned);
  g_object_set_data_full (G_OBJECT (paned), "few-split", split, split_free);
  g_signal_connect_swapped (paned, "notify::position", G_CALLBACK (moved_cb), split);
  g_signal_connect_swapped (paned, "notify::max-position", G_CALLBACK (room_changed_cb), split);
}
