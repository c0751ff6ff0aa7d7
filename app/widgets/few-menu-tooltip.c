/* SPDX-License-Identifier: MIT */
/* A menu button's tooltip goes while its menu is open. */
#include "widgets/few-menu-tooltip.h"

void
few_menu_tooltip_hush (GtkWidget *root)
{
  g_return_if_fail (GTK_IS_WIDGET (root));
  GtkPopover *menu =
      GTK_IS_MENU_BUTTON (root) ? gtk_menu_button_get_popover (GTK_MENU_BUTTON (root)) : NULL;
  if (menu)
    g_object_bind_property (menu, "visible", root, "has-tooltip",
                            G_BINDING_SYNC_CREATE | G_BINDING_INVERT_BOOLEAN);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    few_menu_tooltip_hush (child);
}
