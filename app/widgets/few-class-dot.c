/* SPDX-License-Identifier: MIT */
/* Hues a golden ratio apart: any number of classes, neighbours well apart. Hues differ in how light
 * they are; each is as light or as dark as a small mark has to be. */
#include "widgets/few-class-dot.h"
#include "widgets/few-series.h"
#include <math.h>

/* Of colours as WCAG has it, so that they are 3 : 1 against all that a mark may stand on, rows that
 * are chosen and hovered over too. */
static const double MOST_LUMINANCE = .21; /* on a light ground */
static const double LEAST_LUMINANCE = .26; /* on a dark one */

static double
linearise (double channel)
{
  return channel <= .04045 ? channel / 12.92 : pow ((channel + .055) / 1.055, 2.4);
}

static float
compress (double channel)
{
  return (float) (channel <= .0031308 ? 12.92 * channel : 1.055 * pow (channel, 1 / 2.4) - .055);
}

/* Scaled towards black on a light ground, mixed with white on a dark one: the hue stays. */
static void
bound_luminance (GdkRGBA *colour, gboolean dark)
{
  double red = linearise (colour->red);
  double green = linearise (colour->green);
  double blue = linearise (colour->blue);
  double luminance = .2126 * red + .7152 * green + .0722 * blue;
  if (dark ? luminance >= LEAST_LUMINANCE : luminance <= MOST_LUMINANCE)
    return;
  double white = dark ? (LEAST_LUMINANCE - luminance) / (1 - luminance) : 0;
  double own = dark ? 1 - white : MOST_LUMINANCE / luminance;
  colour->red = compress (own * red + white);
  colour->green = compress (own * green + white);
  colour->blue = compress (own * blue + white);
}

GdkRGBA
few_class_colour (FewClass *klass, gboolean dark)
{
  GdkRGBA colour = { 0, 0, 0, 1 };
  g_return_val_if_fail (FEW_IS_CLASS (klass), colour);
  gtk_hsv_to_rgb ((float) fmod (few_class_get_id (klass) * .61803398875, 1), dark ? .55f : .75f,
                  dark ? .95f : .75f, &colour.red, &colour.green, &colour.blue);
  bound_luminance (&colour, dark);
  return colour;
}

static const char DOT[] = "■";

char *
few_class_dot_text (FewClass *klass)
{
  g_return_val_if_fail (FEW_IS_CLASS (klass), NULL);
  return g_strdup_printf ("%s %s", DOT, few_class_get_name (klass));
}

PangoAttrList *
few_class_dot_attributes (FewClass *klass, gboolean dark)
{
  g_return_val_if_fail (FEW_IS_CLASS (klass), NULL);
  GdkRGBA colour = few_class_colour (klass, dark);
  PangoAttribute *ink =
      pango_attr_foreground_new ((guint16) (65535 * colour.red), (guint16) (65535 * colour.green),
                                 (guint16) (65535 * colour.blue));
  PangoAttrList *attributes = pango_attr_list_new ();
  ink->end_index = sizeof DOT - 1;
  pango_attr_list_insert (attributes, ink);
  return attributes;
}

void
few_class_dot_write (GtkLabel *label, FewClass *klass)
{
  g_return_if_fail (GTK_IS_LABEL (label) && FEW_IS_CLASS (klass));
  PangoAttrList *attributes =
      few_class_dot_attributes (klass, few_widget_is_dark (GTK_WIDGET (label)));
  g_autofree char *text = few_class_dot_text (klass);
  gtk_label_set_text (label, text);
  gtk_label_set_attributes (label, attributes);
  pango_attr_list_unref (attributes);
}
