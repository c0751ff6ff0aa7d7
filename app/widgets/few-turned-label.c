/* SPDX-License-Identifier: MIT */
/* GTK 4 turns no label of its own. */
#include "widgets/few-turned-label.h"

struct _FewTurnedLabel
{
  GtkWidget parent;
  char *text;
  guint most; /* letters */
};

G_DEFINE_FINAL_TYPE (FewTurnedLabel, few_turned_label, GTK_TYPE_WIDGET)

/* In the letters of now. */
static PangoLayout *
create_layout (FewTurnedLabel *self)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), self->text);
  PangoFontMetrics *metrics =
      pango_context_get_metrics (pango_layout_get_context (layout), NULL, NULL);
  int bound = (int) self->most * pango_font_metrics_get_approximate_char_width (metrics);
  int width;
  pango_font_metrics_unref (metrics);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_get_size (layout, &width, NULL);
  if (width > bound)
    pango_layout_set_width (layout, bound);
  return layout;
}

static void
few_turned_label_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
  g_autoptr (PangoLayout) layout = create_layout (FEW_TURNED_LABEL (widget));
  int length, height;
  pango_layout_get_pixel_size (layout, &length, &height);
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? height : length;
  *minimum_baseline = *natural_baseline = -1;
}

/* At the lower end, where the column begins, in its middle. */
static void
few_turned_label_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  g_autoptr (PangoLayout) layout = create_layout (FEW_TURNED_LABEL (widget));
  float width = (float) gtk_widget_get_width (widget);
  int height;
  pango_layout_get_pixel_size (layout, NULL, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((width - (float) height) / 2,
                                                          (float) gtk_widget_get_height (widget)));
  gtk_snapshot_rotate (snapshot, -90);
  gtk_snapshot_render_layout (snapshot, gtk_widget_get_style_context (widget), 0, 0, layout);
  gtk_snapshot_restore (snapshot);
}

static void
few_turned_label_finalize (GObject *object)
{
  g_free (FEW_TURNED_LABEL (object)->text);
  G_OBJECT_CLASS (few_turned_label_parent_class)->finalize (object);
}

static void
few_turned_label_class_init (FewTurnedLabelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->finalize = few_turned_label_finalize;
  widget_class->measure = few_turned_label_measure;
  widget_class->snapshot = few_turned_label_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LABEL);
}

static void
few_turned_label_init (FewTurnedLabel *self)
{
}

GtkWidget *
few_turned_label_new (const char *text, guint most)
{
  g_return_val_if_fail (text && most > 0, NULL);
  FewTurnedLabel *self = g_object_new (FEW_TYPE_TURNED_LABEL, NULL);
  self->text = g_strdup (text);
  self->most = most;
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  return GTK_WIDGET (self);
}

gboolean
few_turned_label_is_cut (FewTurnedLabel *self)
{
  g_return_val_if_fail (FEW_IS_TURNED_LABEL (self), FALSE);
  g_autoptr (PangoLayout) layout = create_layout (self);
  return pango_layout_is_ellipsized (layout);
}
