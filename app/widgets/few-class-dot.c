/* SPDX-License-Identifier: MIT */
/* Hues a golden ratio apart: any number of classes, neighbours well apart. */
#include "widgets/few-class-dot.h"
#include "widgets/few-series.h"
#include <math.h>

GdkRGBA
few_class_colour (FewClass *klass, gboolean dark)
{
  GdkRGBA colour = { 0, 0, 0, 1 };
  g_return_val_if_fail (FEW_IS_CLASS (klass), colour);
  gtk_hsv_to_rgb ((float) fmod (few_class_get_id (klass) * .61803398875, 1), dark ? .55f : .75f,
                  dark ? .95f : .75f, &colour.red, &colour.green, &colour.blue);
  return colour;
}

void
few_class_dot_write (GtkLabel *label, FewClass *klass)
{
  static const char dot[] = "■";
  g_return_if_fail (GTK_IS_LABEL (label) && FEW_IS_CLASS (klass));
  g_autofree char *text = g_strdup_printf ("%s %s", dot, few_class_get_name (klass));
  GdkRGBA colour = few_class_colour (klass, few_widget_is_dark (GTK_WIDGET (label)));
  PangoAttribute *ink =
      pango_attr_foreground_new ((guint16) (65535 * colour.red), (guint16) (65535 * colour.green),
                                 (guint16) (65535 * colour.blue));
  PangoAttrList *attributes = pango_attr_list_new ();
  ink->end_index = sizeof dot - 1;
  pango_attr_list_insert (attributes, ink);
  gtk_label_set_text (label, text);
  gtk_label_set_attributes (label, attributes);
  pango_attr_list_unref (attributes);
}
