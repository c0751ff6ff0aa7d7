/* SPDX-License-Identifier: MIT */
/* Hues a golden ratio apart: any number of classes, neighbours well apart. */
#include "widgets/few-class-dot.h"
#include "widgets/few-series.h"
#include <math.h>

enum { SIDE = 10 };

struct _FewClassDot
{
  GtkWidget parent;
  FewClass *klass;
};

G_DEFINE_FINAL_TYPE (FewClassDot, few_class_dot, GTK_TYPE_WIDGET)

GdkRGBA
few_class_colour (FewClass *klass, gboolean dark)
{
  GdkRGBA colour = { 0, 0, 0, 1 };
  g_return_val_if_fail (FEW_IS_CLASS (klass), colour);
  gtk_hsv_to_rgb ((float) fmod (few_class_get_id (klass) * .61803398875, 1), dark ? .55f : .75f,
                  dark ? .95f : .75f, &colour.red, &colour.green, &colour.blue);
  return colour;
}

static void
few_class_dot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FewClassDot *self = FEW_CLASS_DOT (widget);
  GdkRGBA colour = few_class_colour (self->klass, few_widget_is_dark (widget));
  graphene_rect_t square =
      GRAPHENE_RECT_INIT ((float) (gtk_widget_get_width (widget) - SIDE) / 2,
                          (float) (gtk_widget_get_height (widget) - SIDE) / 2, SIDE, SIDE);
  gtk_snapshot_append_color (snapshot, &colour, &square); /* round costs a clip, in 1,000 rows */
}

static void
few_class_dot_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                       int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = SIDE;
  *natural = SIDE;
}

static void
few_class_dot_dispose (GObject *object)
{
  g_clear_object (&FEW_CLASS_DOT (object)->klass);
  G_OBJECT_CLASS (few_class_dot_parent_class)->dispose (object);
}

static void
few_class_dot_class_init (FewClassDotClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_class_dot_dispose;
  GTK_WIDGET_CLASS (klass)->snapshot = few_class_dot_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = few_class_dot_measure;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
few_class_dot_init (FewClassDot *self)
{
}

GtkWidget *
few_class_dot_new (FewClass *klass)
{
  g_return_val_if_fail (FEW_IS_CLASS (klass), NULL);
  FewClassDot *self = g_object_new (FEW_TYPE_CLASS_DOT, NULL);
  self->klass = g_object_ref (klass);
  return GTK_WIDGET (self);
}

void
few_class_dot_write (GtkLabel *label, FewClass *klass)
{
  static const char dot[] = "■";
  g_return_if_fail (GTK_IS_LABEL (label));
  if (!klass)
    {
      gtk_label_set_text (label, "");
      return;
    }
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
