/* SPDX-License-Identifier: MIT */
/* The large picture: it is asked for twice and opens once, and its words are copied from. */
#include "widgets/few-viewer.h"
#include "world.h"
#include <string.h>

static guint
count_viewers (void)
{
  GListModel *windows = gtk_window_get_toplevels ();
  guint n = 0;
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);
      n += FEW_IS_VIEWER (window);
    }
  return n;
}

/* Two Enters may come before the window that the first one asks for. */
static void
test_once (void)
{
  World *w = world_new ();
  world_import (w);
  for (guint i = 0; i < 2; i++)
    few_viewer_open (GTK_WINDOW (w->window), w->session, few_examples_get_pictures (w->examples),
                     3);
  g_assert_cmpuint (count_viewers (), ==, 1);
  GtkWidget *viewer = NULL;
  WAIT ((viewer = world_find_window (FEW_TYPE_VIEWER)));
  world_wait_for_frames (viewer, 3);
  g_assert_cmpuint (count_viewers (), ==, 1);
  gtk_window_close (GTK_WINDOW (viewer));
  WAIT (count_viewers () == 0);
  few_viewer_open (GTK_WINDOW (w->window), w->session, few_examples_get_pictures (w->examples), 2);
  WAIT ((viewer = world_find_window (FEW_TYPE_VIEWER)));
  gtk_window_destroy (GTK_WINDOW (viewer));
  world_free (w);
}

/* The path can be chosen and copied, and has no caret: another widget has the focus. */
static void
test_path (void)
{
  World *w = world_new ();
  world_import (w);
  few_viewer_open (GTK_WINDOW (w->window), w->session, few_examples_get_pictures (w->examples), 3);
  GtkWidget *viewer = NULL;
  WAIT ((viewer = world_find_window (FEW_TYPE_VIEWER)));
  GtkLabel *facts = GTK_LABEL (gtk_widget_get_template_child (viewer, FEW_TYPE_VIEWER, "facts"));
  g_assert_nonnull (strstr (gtk_label_get_text (facts), ".png"));
  g_assert_true (gtk_label_get_selectable (facts));
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (viewer));
  g_assert_true (focus && focus != GTK_WIDGET (facts));
  gtk_label_select_region (facts, 0, 5);
  g_assert_true (gtk_label_get_selection_bounds (facts, NULL, NULL));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (facts), "clipboard.copy", NULL));
  gtk_window_destroy (GTK_WINDOW (viewer));
  world_free (w);
}

/* A screen reader says which picture it is, also where the keys scroll it. */
static void
test_spoken (void)
{
  World *w = world_new ();
  world_import (w);
  few_viewer_open (GTK_WINDOW (w->window), w->session, few_examples_get_pictures (w->examples), 3);
  GtkWidget *viewer = NULL;
  WAIT ((viewer = world_find_window (FEW_TYPE_VIEWER)));
  const char *name = gtk_window_get_title (GTK_WINDOW (viewer));
  GtkWidget *scroller = world_find_widget (viewer, GTK_TYPE_SCROLLED_WINDOW);
  gtk_test_accessible_assert_property (scroller, GTK_ACCESSIBLE_PROPERTY_LABEL, name);
  gtk_test_accessible_assert_property (world_find_widget (scroller, GTK_TYPE_PICTURE),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL, name);
  gtk_window_destroy (GTK_WINDOW (viewer));
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/viewer/once", test_once);
  g_test_add_func ("/viewer/path", test_path);
  g_test_add_func ("/viewer/spoken", test_spoken);
  return g_test_run ();
}
