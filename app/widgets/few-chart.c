/* SPDX-License-Identifier: MIT */
/* Lines over epochs, decimated to what a screen can show. */
#include "widgets/few-chart.h"
#include "widgets/few-plot-text.h"
#include <glib/gi18n.h>
#include <math.h>

enum { MAX_POINTS = 512, MARGIN = 48, LEGEND = 22 };

typedef struct
{
  char *name;
  float *values;
  guint n;
  gboolean fraction;
  gboolean dashed;
} Series;

struct _FewChart
{
  GtkWidget parent;
  Series series[FEW_CHART_SERIES];
  guint span;
};

G_DEFINE_FINAL_TYPE (FewChart, few_chart, GTK_TYPE_WIDGET)

/* One for light, one for dark backgrounds: GNOME's blue, green, orange, grey. */
static const char *const colours[2][FEW_CHART_SERIES] = {
  { "#c64600", "#1a5fb4", "#26a269", "#77767b" },
  { "#ffa348", "#99c1f1", "#57e389", "#9a9996" },
};

static void
set_colour (cairo_t *cr, const char *colour)
{
  GdkRGBA rgba;
  gdk_rgba_parse (&rgba, colour);
  gdk_cairo_set_source_rgba (cr, &rgba);
}

static void
draw_series (cairo_t *cr, const Series *s, guint span, double top, double x0, double y0,
             double width, double height)
{
  const double dashes[] = { 5, 4 };
  cairo_set_dash (cr, dashes, s->dashed ? 2 : 0, 0);
  cairo_set_line_width (cr, s->dashed ? 1.5 : 2);
  guint step = MAX (1, (s->n + MAX_POINTS - 1) / MAX_POINTS);
  gboolean pen = FALSE;
  for (guint i = 0; i < s->n; i += step)
    {
      /* a column's mean, so that decimation neither invents nor hides a level */
      double sum = 0;
      guint count = 0;
      for (guint j = i; j < MIN (i + step, s->n); j++)
        if (isfinite (s->values[j]))
          {
            sum += s->values[j];
            count++;
          }
      if (!count)
        {
          pen = FALSE;
          continue;
        }
      double x = x0 + (span > 1 ? width * i / (span - 1) : 0);
      double y = y0 + height * (1 - CLAMP (sum / count / top, 0, 1));
      if (pen)
        cairo_line_to (cr, x, y);
      else
        cairo_move_to (cr, x, y);
      pen = TRUE;
    }
  if (s->n == 1 && pen)
    cairo_arc (cr, x0, y0 + height * (1 - CLAMP (s->values[0] / top, 0, 1)), 2, 0, 2 * G_PI);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

/* What all lines share: the largest loss, and how many epochs they span. */
static void
find_span (const FewChart *self, guint *span, double *top)
{
  float most = 0;
  *span = self->span;
  for (guint i = 0; i < FEW_CHART_SERIES; i++)
    {
      const Series *s = &self->series[i];
      *span = MAX (*span, s->n);
      for (guint j = 0; !s->fraction && j < s->n; j++)
        most = isfinite (s->values[j]) ? fmaxf (most, s->values[j]) : most;
    }
  *top = most > 0 ? most : 1;
}

/* Five lines with the fraction scale at the left. */
static void
draw_grid (GtkWidget *widget, cairo_t *cr, GdkRGBA ink, double x0, double y0, double width,
           double height)
{
  for (guint i = 0; i <= 4; i++)
    {
      double y = floor (y0 + height * i / 4) + .5;
      g_autofree char *label = g_strdup_printf ("%u %%", 100 - 25 * i);
      ink.alpha = .12f;
      gdk_cairo_set_source_rgba (cr, &ink);
      cairo_set_line_width (cr, 1);
      cairo_move_to (cr, x0, y);
      cairo_line_to (cr, x0 + width, y);
      cairo_stroke (cr);
      ink.alpha = .6f;
      gdk_cairo_set_source_rgba (cr, &ink);
      few_plot_text (widget, cr, label, x0 - 5, y, 1);
    }
}

/* A sample in the series' colour, which is set, and its name. Returns where the next one begins. */
static double
draw_legend (GtkWidget *widget, cairo_t *cr, GdkRGBA ink, const char *name, double x, double y)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, name);
  int width, height;
  cairo_rectangle (cr, x, y - 2, 14, 4);
  cairo_fill (cr);
  pango_layout_get_pixel_size (layout, &width, &height);
  ink.alpha = .8f;
  gdk_cairo_set_source_rgba (cr, &ink);
  cairo_move_to (cr, x + 18, y - height / 2.0);
  pango_cairo_show_layout (cr, layout);
  return x + width + 32;
}

static void
few_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FewChart *self = FEW_CHART (widget);
  double w = gtk_widget_get_width (widget);
  double h = gtk_widget_get_height (widget);
  if (w < 3 * MARGIN || h < 3 * LEGEND)
    return;
  cairo_t *cr =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) w, (float) h));
  GdkRGBA ink;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  gboolean dark = ink.red + ink.green + ink.blue > 1.5f;
  double x0 = MARGIN;
  double y0 = 8;
  double width = w - MARGIN - 12;
  double height = h - y0 - LEGEND - 8;
  double legend = 8;
  double top;
  guint span;
  find_span (self, &span, &top);
  draw_grid (widget, cr, ink, x0, y0, width, height);
  for (guint i = 0; i < FEW_CHART_SERIES; i++)
    {
      const Series *s = &self->series[i];
      if (!s->name)
        continue;
      set_colour (cr, colours[dark][i]);
      draw_series (cr, s, span, s->fraction ? 1 : top, x0, y0, width, height);
      legend = draw_legend (widget, cr, ink, s->name, legend, h - LEGEND / 2.0);
    }
  cairo_destroy (cr);
}

static void
few_chart_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                   int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 240 : 160;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 480 : 220;
}

static void
few_chart_finalize (GObject *object)
{
  FewChart *self = FEW_CHART (object);
  for (guint i = 0; i < FEW_CHART_SERIES; i++)
    {
      g_free (self->series[i].name);
      g_free (self->series[i].values);
    }
  G_OBJECT_CLASS (few_chart_parent_class)->finalize (object);
}

static void
few_chart_class_init (FewChartClass *klass)
{
  GTK_WIDGET_CLASS (klass)->snapshot = few_chart_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = few_chart_measure;
  G_OBJECT_CLASS (klass)->finalize = few_chart_finalize;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "chart");
}

static void
few_chart_init (FewChart *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Training chart"), -1);
}

static void
describe_chart (FewChart *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < FEW_CHART_SERIES; i++)
    {
      const Series *s = &self->series[i];
      if (s->name && s->n > 0 && isfinite (s->values[s->n - 1]))
        g_string_append_printf (text, s->fraction ? "%s %.1f %%. " : "%s %.3f. ", s->name,
                                s->values[s->n - 1] * (s->fraction ? 100 : 1));
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->str, -1);
}

void
few_chart_set (FewChart *self, guint series, const char *name, const float *values, guint n,
               gboolean fraction, gboolean dashed)
{
  g_return_if_fail (FEW_IS_CHART (self));
  Series *s = &self->series[series];
  g_free (s->name);
  s->name = g_strdup (name);
  s->values = g_renew (float, s->values, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    s->values[i] = values[i];
  s->n = n;
  s->fraction = fraction;
  s->dashed = dashed;
  describe_chart (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
few_chart_clear (FewChart *self)
{
  g_return_if_fail (FEW_IS_CHART (self));
  for (guint i = 0; i < FEW_CHART_SERIES; i++)
    {
      g_clear_pointer (&self->series[i].name, g_free);
      self->series[i].n = 0;
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
few_chart_set_span (FewChart *self, guint span)
{
  g_return_if_fail (FEW_IS_CHART (self));
  self->span = span;
}
