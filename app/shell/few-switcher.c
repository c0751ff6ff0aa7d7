/* SPDX-License-Identifier: MIT */
/* libadwaita's buttons cut their names instead. */
#include "shell/few-switcher.h"

enum { AROUND = 12, BETWEEN = 6 }; /* pixels around all of them, and around each name */

/* The names below the icons: labels that may be cut. */
static void
collect_names (GtkWidget *widget, GPtrArray *names)
{
  if (GTK_IS_LABEL (widget) && gtk_label_get_ellipsize (GTK_LABEL (widget)) != PANGO_ELLIPSIZE_NONE)
    g_ptr_array_add (names, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    collect_names (child, names);
}

/* All buttons are as wide as the widest. */
static gboolean
names_fit (const GPtrArray *names, int width)
{
  int widest = 0;
  for (guint i = 0; i < names->len; i++)
    {
      int natural;
      gtk_widget_set_visible (names->pdata[i], TRUE);
      gtk_widget_measure (names->pdata[i], GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL,
                          NULL);
      widest = MAX (widest, natural);
    }
  return (widest + BETWEEN) * (int) names->len + AROUND <= width;
}

static void
show_name (GtkWidget *name, gboolean shown)
{
  GtkWidget *button = gtk_widget_get_ancestor (name, GTK_TYPE_TOGGLE_BUTTON);
  const char *text = gtk_label_get_text (GTK_LABEL (name));
  gtk_widget_set_visible (name, shown);
  if (!button)
    return;
  gtk_widget_set_tooltip_text (button, shown ? NULL : text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

void
few_switcher_fit (AdwViewSwitcherBar *bar)
{
  g_return_if_fail (ADW_IS_VIEW_SWITCHER_BAR (bar));
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  int width, height; /* both: GTK 4.8 writes through either */
  gtk_window_get_default_size (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (bar))), &width,
                               &height);
  collect_names (GTK_WIDGET (bar), names);
  gboolean fit = names_fit (names, width);
  for (guint i = 0; i < names->len; i++)
    show_name (names->pdata[i], fit);
}
