/* SPDX-License-Identifier: MIT */
/* libadwaita has a unit for it from 1.4 on. */
#include "widgets/few-clamp.h"

typedef struct
{
  int most, tight; /* at 100 % */
} Sizes;

static void
letters_changed_cb (AdwClamp *clamp, GParamSpec *pspec G_GNUC_UNUSED, GtkSettings *settings)
{
  enum { WHOLE = 96 * 1024 };
  const Sizes *sizes = g_object_get_data (G_OBJECT (clamp), "few-sizes");
  int dpi = 0;
  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  double scale = dpi > WHOLE ? (double) dpi / WHOLE : 1;
  adw_clamp_set_maximum_size (clamp, (int) (sizes->most * scale));
  adw_clamp_set_tightening_threshold (clamp, (int) (sizes->tight * scale));
}

void
few_clamp_by_letters (GtkWidget *inside)
{
  AdwClamp *clamp = ADW_CLAMP (gtk_widget_get_ancestor (inside, ADW_TYPE_CLAMP));
  g_return_if_fail (ADW_IS_CLAMP (clamp));
  GtkSettings *settings = gtk_widget_get_settings (GTK_WIDGET (clamp));
  Sizes *sizes = g_new (Sizes, 1);
  sizes->most = adw_clamp_get_maximum_size (clamp);
  sizes->tight = adw_clamp_get_tightening_threshold (clamp);
  g_object_set_data_full (G_OBJECT (clamp), "few-sizes", sizes, g_free);
  g_signal_connect_object (settings, "notify::gtk-xft-dpi", G_CALLBACK (letters_changed_cb), clamp,
                           G_CONNECT_SWAPPED);
  letters_changed_cb (clamp, NULL, settings);
}
