/* SPDX-License-Identifier: MIT */
/* Large letters and the desktop's own buttons take their room. */
#include "shell/few-header.h"
#include "common/licence.h"
#include <glib/gi18n.h>

void
few_header_fit (GtkWidget *button, gboolean narrow)
{
  g_return_if_fail (GTK_IS_WIDGET (button));
  enum { LEAST = 360 };
  GtkWidget *header = gtk_widget_get_ancestor (button, ADW_TYPE_HEADER_BAR);
  int least;
  gtk_widget_set_visible (button, TRUE);
  gtk_widget_measure (header, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  gtk_widget_set_visible (button, !narrow || least <= LEAST);
}

void
few_header_follow_letters (GtkWidget *widget, GCallback changed)
{
  static const char *const letters[] = { "notify::gtk-xft-dpi", "notify::gtk-font-name" };
  g_return_if_fail (GTK_IS_WIDGET (widget));
  for (guint i = 0; i < G_N_ELEMENTS (letters); i++)
    g_signal_connect_object (gtk_settings_get_default (), letters[i], changed, widget,
                             G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}

static void
model_changed_cb (AdwViewSwitcherTitle *title, GParamSpec *pspec G_GNUC_UNUSED, FewDesk *desk)
{
  const FewModelInfo *model = few_desk_get_model (desk);
  const char *words = NULL;
  if (model && few_model_is_pocket (model))
    words =
        _ ("The built-in model: small and quick, for a first try. “Models…” in the main menu has "
           "larger ones, which tell more apart.");
  adw_view_switcher_title_set_subtitle (title, model ? model->name : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (title), words);
  gtk_widget_set_has_tooltip (GTK_WIDGET (title),
                              adw_view_switcher_title_get_title_visible (title));
  gtk_accessible_update_property (GTK_ACCESSIBLE (title), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  words ? words : "", -1);
}

void
few_header_follow_model (AdwViewSwitcherTitle *title, FewDesk *desk)
{
  g_return_if_fail (ADW_IS_VIEW_SWITCHER_TITLE (title) && FEW_IS_DESK (desk));
  g_signal_connect_object (desk, "notify::model", G_CALLBACK (model_changed_cb), title,
                           G_CONNECT_SWAPPED);
  g_object_bind_property (title, "title-visible", title, "has-tooltip", G_BINDING_DEFAULT);
  model_changed_cb (title, NULL, desk);
}
