/* SPDX-License-Identifier: MIT */
/* Children before those that hold them, which then only add up. */
#include "widgets/few-warm.h"

struct FewWarm
{
  GPtrArray *widgets;
  guint at;
};

/* What pops up is measured when it does. */
static void
list_widgets (GtkWidget *widget, GPtrArray *widgets)
{
  if (!gtk_widget_get_visible (widget) || GTK_IS_NATIVE (widget))
    return;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    list_widgets (child, widgets);
  g_ptr_array_add (widgets, g_object_ref (widget));
}

FewWarm *
few_warm_new (GtkWidget *root)
{
  g_return_val_if_fail (GTK_IS_WIDGET (root), NULL);
  FewWarm *warm = g_new (FewWarm, 1);
  *warm = (FewWarm) { g_ptr_array_new_with_free_func (g_object_unref), 0 };
  list_widgets (root, warm->widgets);
  return warm;
}

void
few_warm_free (FewWarm *warm)
{
  g_return_if_fail (warm != NULL);
  g_ptr_array_unref (warm->widgets);
  g_free (warm);
}

gboolean
few_warm_go_on (FewWarm *warm)
{
  g_return_val_if_fail (warm != NULL, FALSE);
  guint end = MIN (warm->at + FEW_WARM_PIECE, warm->widgets->len);
  for (; warm->at < end; warm->at++)
    gtk_widget_measure (warm->widgets->pdata[warm->at], GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL,
                        NULL, NULL);
  return warm->at < warm->widgets->len;
}

void
few_warm_lay_out (GtkWidget *widget, int width, int height)
{
  int least;
  g_return_if_fail (GTK_IS_WIDGET (widget));
  if (gtk_widget_get_mapped (widget) || !gtk_widget_get_visible (widget))
    return;
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  width = MAX (width, least);
  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, &least, NULL, NULL, NULL);
  gtk_widget_allocate (widget, width, MAX (height, least), -1, NULL);
}
