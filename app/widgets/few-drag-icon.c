/* SPDX-License-Identifier: MIT */
/* A small picture with a number on its corner. */
#include "widgets/few-drag-icon.h"
#include "widgets/few-still.h"

enum { BESIDE = 14 }; /* pixels from the pointer */

static GtkWidget *
make_count (guint n)
{
  g_autofree char *text = g_strdup_printf ("%u", n);
  GtkWidget *count = gtk_label_new (text);
  gtk_widget_add_css_class (count, "count");
  gtk_widget_set_halign (count, GTK_ALIGN_END);
  gtk_widget_set_valign (count, GTK_ALIGN_END);
  return count;
}

GtkWidget *
few_drag_icon_new (GdkTexture *texture, guint n)
{
  g_return_val_if_fail (texture == NULL || GDK_IS_TEXTURE (texture), NULL);
  GtkWidget *still = few_still_new ();
  GtkWidget *icon = gtk_overlay_new ();
  few_still_set_texture (FEW_STILL (still), texture);
  gtk_widget_set_size_request (still, FEW_DRAG_SIDE, FEW_DRAG_SIDE);
  gtk_widget_add_css_class (icon, "dragged");
  gtk_overlay_set_child (GTK_OVERLAY (icon), still);
  if (n > 1)
    gtk_overlay_add_overlay (GTK_OVERLAY (icon), make_count (n));
  return icon;
}

void
few_drag_icon_show (GdkDrag *drag, GdkTexture *texture, guint n)
{
  g_return_if_fail (GDK_IS_DRAG (drag));
  GtkWidget *icon = gtk_drag_icon_get_for_drag (drag);
  gtk_drag_icon_set_child (GTK_DRAG_ICON (icon), few_drag_icon_new (texture, n));
  gdk_drag_set_hotspot (drag, -BESIDE, -BESIDE);
}
