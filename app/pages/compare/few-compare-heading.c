/* SPDX-License-Identifier: MIT */
/* A flat button with an arrow where its column is sorted by. */
#include "pages/compare/few-compare-heading.h"
#include "widgets/few-tip.h"
#include <glib/gi18n.h>

static const char TITLE[] = "few-title";

GtkWidget *
few_compare_heading_new (const char *title, gboolean number)
{
  g_return_val_if_fail (title != NULL, NULL);
  GtkWidget *heading = gtk_button_new_with_label (title);
  GtkWidget *label = gtk_button_get_child (GTK_BUTTON (heading));
  gtk_label_set_xalign (GTK_LABEL (label), number ? 1 : 0);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (heading, "flat");
  gtk_widget_add_css_class (heading, "sorts");
  few_tip_set (heading, _ ("Sort by this column"));
  g_object_set_data_full (G_OBJECT (heading), TITLE, g_strdup (title), g_free);
  few_compare_heading_show (heading, FEW_UNSORTED);
  return heading;
}

static char *
describe (const char *title, FewSorting sorting)
{
  if (sorting == FEW_DESCENDING) /* Translators: %s is the title of a column */
    return g_strdup_printf (_ ("%s, sorted, largest first"), title);
  if (sorting == FEW_ASCENDING) /* Translators: %s is the title of a column */
    return g_strdup_printf (_ ("%s, sorted, smallest first"), title);
  return g_strdup (title);
}

void
few_compare_heading_show (GtkWidget *heading, FewSorting sorting)
{
  static const char *const arrows[] = { "", " ▾", " ▴" };
  g_return_if_fail (GTK_IS_BUTTON (heading));
  const char *title = g_object_get_data (G_OBJECT (heading), TITLE);
  g_autofree char *text = g_strconcat (title, arrows[sorting], NULL);
  g_autofree char *spoken = describe (title, sorting);
  gtk_label_set_text (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (heading))), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (heading), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  -1);
}
