/* SPDX-License-Identifier: MIT */
/* Validation accuracy over α, the best stretch of it, and where it was trained. */
#include "widgets/few-alpha-curve.h"
#include "base/few-percent.h"
#include "widgets/few-plot-menu.h"
#include <glib/gi18n.h>
#include <math.h>

enum { CURVE_HEIGHT = 36, MARK_HEIGHT = 10 };
enum { INSET = 14 }; /* half a slider: the curve's ends lie over the scale's */

struct _FewAlphaCurve
{
  GtkWidget parent;
  double curve[FEW_CURVE_POINTS];
  gboolean has_curve;
  gboolean trained;
  FewAlphaChoice choice;
  double trained_alpha;
  char *summary;
};

G_DEFINE_FINAL_TYPE (FewAlphaCurve, few_alpha_curve, GTK_TYPE_WIDGET)

static void
draw_star (cairo_t *cr, double x, double y, double radius)
{
  for (guint i = 0; i < 10; i++)
    {
      double r = i % 2 ? radius * .42 : radius;
      double angle = -G_PI_2 + i * G_PI / 5;
      cairo_line_to (cr, x + r * cos (angle), y + r * sin (angle));
    }
  cairo_close_path (cr);
  cairo_fill (cr);
}

/* Where the curve lies, in pixels and accuracies. */
typedef struct
{
  double width;
  double height;
  double top;
  double low;
  double range;
} Frame;

static double
y_of (const Frame *frame, double accuracy)
{
  return frame->top + frame->height * (1 - (accuracy - frame->low) / frame->range);
}

static Frame
frame_curve (FewAlphaCurve *self, double width, double h)
{
  Frame frame = { .width = width, .height = h - 14, .top = 10, .low = 1 };
  double high = 0;
  for (guint p = 0; p < FEW_CURVE_POINTS; p++)
    {
      frame.low = MIN (frame.low, self->curve[p]);
      high = MAX (high, self->curve[p]);
    }
  frame.range = MAX (high - frame.low, .02);
  return frame;
}

/* The stretch of α that is as good as the best, behind the curve. */
static void
draw_stretch (FewAlphaCurve *self, cairo_t *cr, GdkRGBA accent, double width, double h)
{
  accent.alpha = .18f;
  gdk_cairo_set_source_rgba (cr, &accent);
  cairo_rectangle (cr, INSET + width * self->choice.low, 0,
                   MAX (width * (self->choice.high - self->choice.low), 2), h);
  cairo_fill (cr);
}

static void
draw_curve (FewAlphaCurve *self, cairo_t *cr, GdkRGBA accent, double width, double h)
{
  Frame frame = frame_curve (self, width, h);
  if (self->choice.enough)
    draw_stretch (self, cr, accent, width, h);
  accent.alpha = 1;
  gdk_cairo_set_source_rgba (cr, &accent);
  cairo_set_line_width (cr, 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (guint p = 0; p < FEW_CURVE_POINTS; p++)
    cairo_line_to (cr, INSET + width * p / 100, y_of (&frame, self->curve[p]));
  cairo_stroke (cr);
  if (self->choice.enough)
    draw_star (cr, INSET + width * self->choice.best,
               y_of (&frame, self->curve[lround (self->choice.best * 100)]), 7);
}

static void
draw_trained (FewAlphaCurve *self, cairo_t *cr, GdkRGBA ink, double width, double h)
{
  ink.alpha = .8f;
  gdk_cairo_set_source_rgba (cr, &ink);
  cairo_rectangle (cr, INSET + width * self->trained_alpha - 1, h - MARK_HEIGHT, 2, MARK_HEIGHT);
  cairo_fill (cr);
}

static void
few_alpha_curve_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FewAlphaCurve *self = FEW_ALPHA_CURVE (widget);
  double w = gtk_widget_get_width (widget);
  double h = gtk_widget_get_height (widget);
  double width = w - 2 * INSET;
  if (width < 20 || h < MARK_HEIGHT)
    return;
  cairo_t *cr =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) w, (float) h));
  GdkRGBA ink, accent;
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  gtk_style_context_get_color (style, &ink);
  if (!gtk_style_context_lookup_color (style, "accent_color", &accent))
    accent = ink;
  if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
    {
      cairo_translate (cr, w, 0);
      cairo_scale (cr, -1, 1);
    }
  if (self->has_curve)
    draw_curve (self, cr, accent, width, h);
  if (self->trained)
    draw_trained (self, cr, ink, width, h);
  cairo_destroy (cr);
}

static void
few_alpha_curve_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                         int *natural, int *minimum_baseline, int *natural_baseline)
{
  /* without a curve there is room for the trained α's mark alone */
  int height = FEW_ALPHA_CURVE (widget)->has_curve ? CURVE_HEIGHT : MARK_HEIGHT;
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : height;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 400 : height;
}

static void
few_alpha_curve_finalize (GObject *object)
{
  g_free (FEW_ALPHA_CURVE (object)->summary);
  G_OBJECT_CLASS (few_alpha_curve_parent_class)->finalize (object);
}

static void
few_alpha_curve_class_init (FewAlphaCurveClass *klass)
{
  GTK_WIDGET_CLASS (klass)->snapshot = few_alpha_curve_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = few_alpha_curve_measure;
  G_OBJECT_CLASS (klass)->finalize = few_alpha_curve_finalize;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "alphacurve");
}

static void
few_alpha_curve_init (FewAlphaCurve *self)
{
  few_plot_menu_install (GTK_WIDGET (self), _ ("Accuracy against α"));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE); /* the menu is had by keys, too */
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Validation accuracy against α"), -1);
}

void
few_alpha_curve_set_snapshot (FewAlphaCurve *self, FewSnapshot *snapshot)
{
  g_return_if_fail (FEW_IS_ALPHA_CURVE (self));
  const FewSnapshotInfo *info = snapshot ? few_snapshot_info (snapshot) : NULL;
  g_clear_pointer (&self->summary, g_free);
  self->trained = info && info->trained;
  gboolean had_curve = self->has_curve;
  self->has_curve = self->trained && isfinite (info->curve[0]);
  if (self->has_curve != had_curve)
    gtk_widget_queue_resize (GTK_WIDGET (self));
  if (info && info->trained)
    {
      self->trained_alpha = info->trained_alpha;
      few_lens_choose_alpha (snapshot, &self->choice);
      for (guint p = 0; p < FEW_CURVE_POINTS; p++)
        self->curve[p] = info->curve[p];
      g_autofree char *share = few_percent (self->choice.accuracy, 0);
      if (self->choice.by_folds)
        self->summary =
            g_strdup_printf (_ ("trained at %.2f · best %.2f (%s right, cross-validated)"),
                             info->trained_alpha, self->choice.best, share);
      else if (self->choice.enough)
        self->summary =
            g_strdup_printf (_ ("trained at %.2f · best %.2f (%s of validation pictures)"),
                             info->trained_alpha, self->choice.best, share);
      else if (!self->has_curve)
        self->summary = g_strdup_printf (_ ("learned with α %.2f"), info->trained_alpha);
      else
        self->summary = g_strdup_printf (_ ("trained at %.2f · not enough pictures to choose"),
                                         info->trained_alpha);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  self->summary ? self->summary : "", -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

const char *
few_alpha_curve_get_summary (FewAlphaCurve *self)
{
  g_return_val_if_fail (FEW_IS_ALPHA_CURVE (self), NULL);
  return self->summary;
}
