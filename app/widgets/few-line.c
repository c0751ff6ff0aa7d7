/* SPDX-License-Identifier: MIT */
/* Measured by its font alone; laid out when it is drawn. */
#include "widgets/few-line.h"

struct _FewLine
{
  GtkWidget parent;
  char *text;
  float xalign;
  int least, chars, lines;
  PangoEllipsizeMode cut;
  int letter, height; /* of its font; 0: not known yet */
};

G_DEFINE_FINAL_TYPE (FewLine, few_line, GTK_TYPE_WIDGET)

/* Of the fonts that were met last: hundreds of lines share one, and its metrics take longer to find
 * than all else that there is to measure. */
typedef struct
{
  PangoFontDescription *font;
  double resolution;
  int letter, height;
} Metrics;

static Metrics known[4];

static void
forget_metrics (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    g_clear_pointer (&known[i].font, pango_font_description_free);
}

static const Metrics *
take_metrics (PangoContext *context)
{
  static guint next;
  const PangoFontDescription *font = pango_context_get_font_description (context);
  double resolution = pango_cairo_context_get_resolution (context);
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i].font && known[i].resolution == resolution
        && pango_font_description_equal (known[i].font, font))
      return &known[i];
  Metrics *metrics = &known[next++ % G_N_ELEMENTS (known)];
  PangoFontMetrics *found = pango_context_get_metrics (context, NULL, NULL);
  g_clear_pointer (&metrics->font, pango_font_description_free);
  *metrics = (Metrics) {
    .font = pango_font_description_copy (font),
    .resolution = resolution,
    .letter = PANGO_PIXELS_CEIL (MAX (pango_font_metrics_get_approximate_char_width (found),
                                      pango_font_metrics_get_approximate_digit_width (found))),
    .height = PANGO_PIXELS_CEIL (pango_font_metrics_get_height (found)),
  };
  pango_font_metrics_unref (found);
  return metrics;
}

static void
measure_font (FewLine *self)
{
  const Metrics *metrics = take_metrics (gtk_widget_get_pango_context (GTK_WIDGET (self)));
  self->letter = metrics->letter;
  self->height = metrics->height;
}

static void
few_line_measure (GtkWidget *widget, GtkOrientation orientation, int for_size G_GNUC_UNUSED,
                  int *minimum, int *natural, int *minimum_baseline G_GNUC_UNUSED,
                  int *natural_baseline G_GNUC_UNUSED)
{
  FewLine *self = FEW_LINE (widget);
  if (self->height == 0)
    measure_font (self);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = self->least * self->letter;
      *natural = self->chars * self->letter;
    }
  else
    *minimum = *natural = self->lines * self->height;
}

static PangoAlignment
get_alignment (const FewLine *self)
{
  if (self->xalign == .5f)
    return PANGO_ALIGN_CENTER;
  return self->xalign > .5f ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT;
}

static void
few_line_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FewLine *self = FEW_LINE (widget);
  GdkRGBA ink;
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, self->text);
  PangoAttrList *attributes = pango_attr_list_new ();
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum"));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  pango_layout_set_width (layout, gtk_widget_get_width (widget) * PANGO_SCALE);
  pango_layout_set_ellipsize (layout, self->cut);
  pango_layout_set_alignment (layout, get_alignment (self));
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  gtk_snapshot_append_layout (snapshot, layout, &ink);
}

/* Another font, or another size of it. */
static void
few_line_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  FEW_LINE (widget)->height = 0;
  GTK_WIDGET_CLASS (few_line_parent_class)->css_changed (widget, change);
}

static void
few_line_system_setting_changed (GtkWidget *widget, GtkSystemSetting setting)
{
  forget_metrics ();
  FEW_LINE (widget)->height = 0;
  GTK_WIDGET_CLASS (few_line_parent_class)->system_setting_changed (widget, setting);
}

static void
few_line_finalize (GObject *object)
{
  g_free (FEW_LINE (object)->text);
  G_OBJECT_CLASS (few_line_parent_class)->finalize (object);
}

static void
few_line_class_init (FewLineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->finalize = few_line_finalize;
  widget_class->measure = few_line_measure;
  widget_class->snapshot = few_line_snapshot;
  widget_class->css_changed = few_line_css_changed;
  widget_class->system_setting_changed = few_line_system_setting_changed;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
  gtk_widget_class_set_css_name (widget_class, "line");
}

static void
few_line_init (FewLine *self)
{
  self->text = g_strdup ("");
  self->lines = 1;
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

GtkWidget *
few_line_new (float xalign, int least, int chars)
{
  g_return_val_if_fail (0 < least && least <= chars, NULL);
  FewLine *self = g_object_new (FEW_TYPE_LINE, NULL);
  self->xalign = xalign;
  self->least = least;
  self->chars = chars;
  return GTK_WIDGET (self);
}

void
few_line_set_lines (FewLine *self, int lines)
{
  g_return_if_fail (FEW_IS_LINE (self) && lines > 0);
  if (self->lines == lines)
    return;
  self->lines = lines;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
few_line_set_text (FewLine *self, const char *text, PangoEllipsizeMode cut)
{
  g_return_if_fail (FEW_IS_LINE (self) && text != NULL);
  if (cut == self->cut && g_str_equal (text, self->text))
    return;
  g_free (self->text);
  self->text = g_strdup (text);
  self->cut = cut;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
