/* SPDX-License-Identifier: MIT */
/* Accuracy, or what else is measured, against shots: a line a method, drawn with cairo. */
#include "pages/compare/few-shots-plot.h"
#include "base/few-percent.h"
#include "widgets/few-plot-menu.h"
#include "widgets/few-series.h"
#include "widgets/few-plot-text.h"
#include <glib/gi18n.h>
#include <math.h>

enum { GAP = 6, EDGE = 14 };

struct _FewShotsPlot
{
  GtkWidget parent;
  FewComparison *comparison;
};

G_DEFINE_FINAL_TYPE (FewShotsPlot, few_shots_plot, GTK_TYPE_WIDGET)

typedef struct
{
  cairo_t *cr;
  GtkWidget *widget;
  double x0, y0, width, height, low, high; /* low, high: numbers at the ends of the y axis */
  int line; /* height of letters */
  guint n;
} Frame;

static double
x_of (const Frame *f, guint i)
{
  return f->x0 + f->width * (f->n > 1 ? (double) i / (f->n - 1) : 0.5);
}

static double
y_of (const Frame *f, double accuracy)
{
  return f->y0 + f->height * (1 - (accuracy - f->low) / (f->high - f->low));
}

/* The y axis spans what there is, in tens. */
static void
span_frame (FewShotsPlot *self, const guint *shots, Frame *f)
{
  double low = 1;
  double high = 0;
  for (guint m = 0; m < few_comparison_get_n_methods (self->comparison); m++)
    for (guint i = 0; i < f->n; i++)
      {
        FewComparisonCell cell;
        few_comparison_get_cell (self->comparison, m, shots[i], &cell);
        if (cell.runs)
          {
            low = MIN (low, cell.mean);
            high = MAX (high, cell.mean);
          }
      }
  f->low = MAX (0, floor (low * 10 - 0.3) / 10);
  f->high = MIN (1, ceil (high * 10 + 0.3) / 10);
  if (!(f->high > f->low))
    {
      f->low = 0;
      f->high = 1;
    }
}

static void
draw_axes (FewShotsPlot *self, const Frame *f, const guint *shots, GdkRGBA ink)
{
  guint tens = (guint) lrint ((f->high - f->low) * 10);
  guint step = tens > 5 ? 2 : 1;
  for (guint i = 0; i <= tens; i += step)
    {
      double accuracy = f->low + i / 10.0;
      double y = floor (y_of (f, accuracy)) + .5;
      g_autofree char *label = few_percent (accuracy, 0);
      ink.alpha = .12f;
      gdk_cairo_set_source_rgba (f->cr, &ink);
      cairo_set_line_width (f->cr, 1);
      cairo_move_to (f->cr, f->x0, y);
      cairo_line_to (f->cr, f->x0 + f->width, y);
      cairo_stroke (f->cr);
      ink.alpha = .6f;
      gdk_cairo_set_source_rgba (f->cr, &ink);
      few_plot_text (f->widget, f->cr, label, f->x0 - GAP, y, 1);
    }
  for (guint i = 0; i < f->n; i++)
    {
      g_autofree char *label = g_strdup_printf ("%u", shots[i]);
      few_plot_text (f->widget, f->cr, label, x_of (f, i), f->y0 + f->height + GAP + f->line / 2.0,
                     0.5);
    }
  gboolean several = few_comparison_get_measure (self->comparison) != FEW_MEASURE_ACCURACY;
  few_plot_text (f->widget, f->cr,
                 several ? _ ("training pictures a label") : _ ("training pictures a class"),
                 f->x0 + f->width / 2, f->y0 + f->height + GAP + f->line * 1.5, 0.5);
}

static void
draw_method (FewShotsPlot *self, const Frame *f, const guint *shots, guint method)
{
  GdkRGBA colour;
  gboolean pen = FALSE;
  few_series_colour (method, few_widget_is_dark (f->widget), &colour);
  gdk_cairo_set_source_rgba (f->cr, &colour);
  cairo_set_line_width (f->cr, 2);
  few_series_dash (f->cr, method);
  for (guint i = 0; i < f->n; i++)
    {
      FewComparisonCell cell;
      few_comparison_get_cell (self->comparison, method, shots[i], &cell);
      if (cell.runs && pen)
        cairo_line_to (f->cr, x_of (f, i), y_of (f, cell.mean));
      else if (cell.runs)
        cairo_move_to (f->cr, x_of (f, i), y_of (f, cell.mean));
      pen = cell.runs > 0;
    }
  cairo_stroke (f->cr);
  cairo_set_dash (f->cr, NULL, 0, 0);
  for (guint i = 0; i < f->n; i++)
    {
      FewComparisonCell cell;
      few_comparison_get_cell (self->comparison, method, shots[i], &cell);
      if (!cell.runs)
        continue;
      double x = x_of (f, i);
      double y = y_of (f, cell.mean);
      cairo_arc (f->cr, x, y, 3.5, 0, 2 * G_PI);
      cairo_fill (f->cr);
      if (isnan (cell.deviation))
        continue;
      cairo_set_line_width (f->cr, 1);
      cairo_move_to (f->cr, x, MAX (y_of (f, cell.mean + cell.deviation), f->y0));
      cairo_line_to (f->cr, x, MIN (y_of (f, cell.mean - cell.deviation), f->y0 + f->height));
      cairo_stroke (f->cr);
    }
}

/* Room for what stands at the axes, however large the letters are. */
static void
place_frame (GtkWidget *widget, Frame *f)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, "100 %");
  int left;
  pango_layout_get_pixel_size (layout, &left, &f->line);
  f->x0 = left + GAP + EDGE / 2.0;
  f->y0 = EDGE;
  f->width = gtk_widget_get_width (widget) - f->x0 - 2 * EDGE;
  f->height = gtk_widget_get_height (widget) - f->y0 - 2 * f->line - 2 * GAP;
}

static void
few_shots_plot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FewShotsPlot *self = FEW_SHOTS_PLOT (widget);
  double w = gtk_widget_get_width (widget);
  double h = gtk_widget_get_height (widget);
  Frame f = { .widget = widget };
  place_frame (widget, &f);
  if (!self->comparison || f.width < 40 || f.height < 40)
    return;
  const guint *shots = few_comparison_get_shots (self->comparison, &f.n);
  GdkRGBA ink;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  f.cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) w, (float) h));
  span_frame (self, shots, &f);
  draw_axes (self, &f, shots, ink);
  for (guint m = 0; m < few_comparison_get_n_methods (self->comparison); m++)
    draw_method (self, &f, shots, m);
  cairo_destroy (f.cr);
}

/* shots, method, share: with most training pictures, the best and its number. Translators, of all
 * three: number of training pictures, a method's name, its number */
static char *
describe_best (FewMeasure measure, guint shots, const char *method, const char *share)
{
  if (measure == FEW_MEASURE_MAP)
    return g_strdup_printf (_ ("Mean average precision against training pictures a label. With %u, "
                               "the best is %s: %s"),
                            shots, method, share);
  if (measure == FEW_MEASURE_F1)
    return g_strdup_printf (
        _ ("Mean F1 against training pictures a label. With %u, the best is %s: %s"), shots, method,
        share);
  return g_strdup_printf (
      /* Translators: number of training pictures a class, a method's name, its accuracy */
      _ ("Accuracy against training pictures a class. With %u, the best is %s: %s"), shots, method,
      share);
}

/* Best method with the most shots, for those who do not see the plot. */
static void
describe_plot (FewShotsPlot *self)
{
  guint n;
  guint best = 0;
  double accuracy = -1;
  FewMeasure measure = few_comparison_get_measure (self->comparison);
  const guint *shots = few_comparison_get_shots (self->comparison, &n);
  for (guint m = 0; n > 0 && m < few_comparison_get_n_methods (self->comparison); m++)
    {
      FewComparisonCell cell;
      few_comparison_get_cell (self->comparison, m, shots[n - 1], &cell);
      if (cell.runs && cell.mean > accuracy)
        {
          accuracy = cell.mean;
          best = m;
        }
    }
  g_autofree char *label = NULL;
  if (accuracy < 0 && measure != FEW_MEASURE_ACCURACY)
    label = g_strdup (_ ("Mean average precision against training pictures a label: nothing "
                         "measured yet"));
  else if (accuracy < 0)
    label = g_strdup (_ ("Accuracy against training pictures a class: nothing measured yet"));
  else
    {
      g_autofree char *share = few_percent (accuracy, 1);
      label = describe_best (measure, shots[n - 1],
                             few_comparison_get_title (self->comparison, best), share);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
comparison_changed_cb (FewShotsPlot *self)
{
  describe_plot (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
few_shots_plot_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 200 : 220;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 600 : 260;
}

static void
few_shots_plot_dispose (GObject *object)
{
  FewShotsPlot *self = FEW_SHOTS_PLOT (object);
  if (self->comparison)
    g_signal_handlers_disconnect_by_data (self->comparison, self);
  g_clear_object (&self->comparison);
  G_OBJECT_CLASS (few_shots_plot_parent_class)->dispose (object);
}

static void
few_shots_plot_class_init (FewShotsPlotClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_shots_plot_dispose;
  GTK_WIDGET_CLASS (klass)->snapshot = few_shots_plot_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = few_shots_plot_measure;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "chart");
}

static void
few_shots_plot_init (FewShotsPlot *self)
{
  few_plot_menu_install (GTK_WIDGET (self), _ ("Comparison"));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE); /* the menu is had by keys, too */
}

void
few_shots_plot_set_comparison (FewShotsPlot *self, FewComparison *comparison)
{
  g_return_if_fail (FEW_IS_SHOTS_PLOT (self));
  self->comparison = g_object_ref (comparison);
  g_signal_connect_swapped (comparison, "changed", G_CALLBACK (comparison_changed_cb), self);
  describe_plot (self);
}
