/* SPDX-License-Identifier: MIT */
/* A reliability diagram (DeGroot and Fienberg, 1983), drawn with cairo. */
#include "widgets/few-reliability.h"
#include "base/few-percent.h"
#include "widgets/few-plot-menu.h"
#include "widgets/few-series.h"
#include "widgets/few-plot-text.h"
#include <glib/gi18n.h>
#include <math.h>

enum { LEFT = 52, BOTTOM = 42, EDGE = 12 };

struct _FewReliabilityPlot
{
  GtkWidget parent;
  gboolean has;
  FewReliability before[FEW_TRUST_BINS], after[FEW_TRUST_BINS];
};

G_DEFINE_FINAL_TYPE (FewReliabilityPlot, few_reliability, GTK_TYPE_WIDGET)

typedef struct
{
  cairo_t *cr;
  GtkWidget *widget;
  double x0, y0, side;
} Frame;

static double
x_of (const Frame *f, double confidence)
{
  return f->x0 + f->side * confidence;
}

static double
y_of (const Frame *f, double accuracy)
{
  return f->y0 + f->side * (1 - accuracy);
}

static void
draw_axes (const Frame *f, GdkRGBA ink)
{
  static const double dashes[] = { 4, 4 };
  for (guint i = 0; i <= 4; i++)
    {
      double share = i / 4.0;
      double y = floor (y_of (f, share)) + .5;
      g_autofree char *label = few_percent (share, 0);
      ink.alpha = .12f;
      gdk_cairo_set_source_rgba (f->cr, &ink);
      cairo_set_line_width (f->cr, 1);
      cairo_move_to (f->cr, f->x0, y);
      cairo_line_to (f->cr, f->x0 + f->side, y);
      cairo_stroke (f->cr);
      ink.alpha = .6f;
      gdk_cairo_set_source_rgba (f->cr, &ink);
      few_plot_text (f->widget, f->cr, label, f->x0 - 8, y, 1);
      if (i % 2 == 0)
        few_plot_text (f->widget, f->cr, label, x_of (f, share), f->y0 + f->side + 12, share);
    }
  few_plot_text (f->widget, f->cr, _ ("probability of the answer"), f->x0 + f->side / 2,
                 f->y0 + f->side + 30, 0.5);
  cairo_set_dash (f->cr, dashes, 2, 0);
  cairo_move_to (f->cr, x_of (f, 0), y_of (f, 0));
  cairo_line_to (f->cr, x_of (f, 1), y_of (f, 1));
  cairo_stroke (f->cr);
  cairo_set_dash (f->cr, NULL, 0, 0);
}

/* Circles as large as the pictures are many, joined; hollow ones are CLIP's. */
static void
draw_bins (const Frame *f, const FewReliability *bins, const GdkRGBA *colour, gboolean hollow)
{
  guint most = 1;
  for (guint i = 0; i < FEW_TRUST_BINS; i++)
    most = MAX (most, bins[i].n);
  gdk_cairo_set_source_rgba (f->cr, colour);
  cairo_set_line_width (f->cr, 2);
  cairo_new_path (f->cr);
  for (guint i = 0; i < FEW_TRUST_BINS; i++)
    if (bins[i].n > 0)
      cairo_line_to (f->cr, x_of (f, bins[i].confidence), y_of (f, bins[i].accuracy));
  cairo_stroke (f->cr);
  for (guint i = 0; i < FEW_TRUST_BINS; i++)
    {
      double radius = 3 + 5 * sqrt ((double) bins[i].n / most);
      if (bins[i].n == 0)
        continue;
      cairo_arc (f->cr, x_of (f, bins[i].confidence), y_of (f, bins[i].accuracy), radius, 0,
                 2 * G_PI);
      if (hollow)
        cairo_stroke (f->cr);
      else
        cairo_fill (f->cr);
    }
}

static void
few_reliability_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FewReliabilityPlot *self = FEW_RELIABILITY (widget);
  double w = gtk_widget_get_width (widget);
  double h = gtk_widget_get_height (widget);
  double side = MIN (w - LEFT - 2 * EDGE, h - BOTTOM - EDGE);
  if (!self->has || side < 60)
    return;
  Frame f = {
    .widget = widget, .x0 = LEFT + (w - LEFT - EDGE - side) / 2, .y0 = EDGE, .side = side
  };
  GdkRGBA ink, before, after;
  gboolean dark = few_widget_is_dark (widget);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  few_series_colour (1, dark, &before);
  few_series_colour (0, dark, &after);
  f.cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) w, (float) h));
  draw_axes (&f, ink);
  draw_bins (&f, self->before, &before, TRUE);
  draw_bins (&f, self->after, &after, FALSE);
  cairo_destroy (f.cr);
}

static void
few_reliability_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                         int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 180 : 200;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 320 : 300;
}

static void
few_reliability_class_init (FewReliabilityPlotClass *klass)
{
  GTK_WIDGET_CLASS (klass)->snapshot = few_reliability_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = few_reliability_measure;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "chart");
}

static void
few_reliability_init (FewReliabilityPlot *self)
{
  few_plot_menu_install (GTK_WIDGET (self), _ ("Reliability"));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE); /* the menu is had by keys, too */
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("How often answers are right, against their probability"), -1);
}

GtkWidget *
few_reliability_new (void)
{
  return g_object_new (FEW_TYPE_RELIABILITY, NULL);
}

void
few_reliability_set_trust (FewReliabilityPlot *self, const FewTrust *trust)
{
  g_return_if_fail (FEW_IS_RELIABILITY (self));
  self->has = trust != NULL;
  g_autofree char *words = NULL;
  if (trust)
    {
      const FewTrustInfo *info = few_trust_info (trust);
      memcpy (self->before, info->before, sizeof self->before);
      memcpy (self->after, info->after, sizeof self->after);
      g_autofree char *before = few_percent (info->error_before, 1);
      g_autofree char *after = few_percent (info->error_after, 1);
      if (isnan (info->error_before))
        words = g_strdup_printf (_ ("On average they are off by %s."), after);
      else /* Translators: two percentages */
        words =
            g_strdup_printf (_ ("On average they are off by %s; CLIP alone by %s."), after, before);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  words ? words : "", -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
append_bin (GString *row, const FewReliability *bin)
{
  g_autofree char *right = few_percent (bin->n > 0 ? bin->accuracy : NAN, 1);
  g_string_append_printf (row, "\t%u\t%s", bin->n, right);
}

GtkStringList *
few_reliability_list (const FewTrust *trust, const char *titles[6])
{
  const FewTrustInfo *info = few_trust_info (trust);
  GtkStringList *rows = gtk_string_list_new (NULL);
  titles[0] = _ ("Probability");
  titles[1] = _ ("Pictures");
  titles[2] = _ ("Right");
  titles[3] = _ ("CLIP: Pictures");
  titles[4] = _ ("CLIP: Right");
  titles[5] = NULL;
  for (guint i = 0; i < FEW_TRUST_BINS; i++)
    {
      g_autoptr (GString) row = g_string_new (NULL);
      g_autofree char *end = few_percent ((i + 1.0) / FEW_TRUST_BINS, 0);
      g_string_printf (row, "%.0f–%s", 100.0 * i / FEW_TRUST_BINS, end);
      append_bin (row, &info->after[i]);
      append_bin (row, &info->before[i]);
      if (info->after[i].n + info->before[i].n > 0)
        gtk_string_list_append (rows, row->str);
    }
  return rows;
}
