/* SPDX-License-Identifier: MIT */
/* Grid, axes and lines. Margins are as wide as what is written there. */
#include "widgets/few-chart-private.h"
#include "base/few-percent.h"
#include "widgets/few-plot-text.h"
#include "widgets/few-series.h"
#include <glib/gi18n.h>
#include <math.h>

enum { MAX_POINTS = 512, GAP = 6, ROWS = 4 };

/* Where the lines are. */
typedef struct
{
  double x, y, width, height;
  double line;    /* a line of text */
  double right;   /* the width of what is written at the right */
  guint span;
  double top;     /* the largest value that is no fraction */
} Area;

guint
few_chart_colour (guint series)
{
  static const guint colours[FEW_CHART_SERIES] = { 1, 0, 2, 6 };
  return colours[series];
}

guint
few_chart_span (const FewChartData *data)
{
  guint span = data->span;
  for (guint i = 0; i < FEW_CHART_SERIES; i++)
    span = MAX (span, data->series[i].n);
  return span;
}

/* Numbers that people read at a glance, each times a power of ten: of a scale, and of things that
 * are counted. */
static const double SCALE_STEPS[] = { 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 };
static const double COUNT_STEPS[] = { 1, 2, 5, 10 };

/* The least of these steps of which `parts` are as much as the whole; the last of them is ten. */
static double
find_step (double whole, guint parts, const double *steps)
{
  double least = whole / parts;
  double power = pow (10, floor (log10 (least)));
  while (*steps < 10 && *steps * power < least * (1 - 1e-9))
    steps++;
  return *steps * power;
}

/* Of the scale of losses, in steps that are round. */
static double
find_top (const FewChartData *data)
{
  float most = 0;
  for (guint i = 0; i < FEW_CHART_SERIES; i++)
    {
      const FewChartSeries *s = &data->series[i];
      for (guint j = 0; !s->fraction && j < s->n; j++)
        most = isfinite (s->values[j]) ? fmaxf (most, s->values[j]) : most;
    }
  return ROWS * find_step (most > 0 ? most : 1, ROWS, SCALE_STEPS);
}

static char *
format_loss (double value)
{
  return g_strdup_printf (value < 1000 ? "%.3g" : "%.0f", value);
}

static void
measure_text (GtkWidget *widget, const char *text, int *width, int *height)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  pango_layout_get_pixel_size (layout, width, height);
}

static Area
measure_area (GtkWidget *widget, int width, int height, const FewChartData *data)
{
  Area area = { .span = few_chart_span (data), .top = find_top (data) };
  int left, line;
  int right = 0;
  for (guint i = 0; i <= ROWS; i++) /* “0.75” is wider than “1” */
    {
      int own;
      g_autofree char *loss = format_loss (area.top * i / ROWS);
      measure_text (widget, loss, &own, &line);
      right = MAX (right, own);
    }
  measure_text (widget, "100 %", &left, &line);
  area.line = line;
  area.right = right;
  area.x = line + left + 3 * GAP;
  area.y = line / 2.0 + GAP;
  area.width = MAX (width - area.x - right - line - 3 * GAP, 1);
  area.height = MAX (height - area.y - 2 * line - 2 * GAP, 1);
  return area;
}

static double
get_x (const Area *area, guint i)
{
  return area->x + (area->span > 1 ? area->width * i / (area->span - 1) : 0);
}

static double
get_y (const Area *area, const FewChartSeries *s, double value)
{
  return area->y + area->height * (1 - CLAMP (value / (s->fraction ? 1 : area->top), 0, 1));
}

guint
few_chart_find (GtkWidget *widget, int width, const FewChartData *data, double x)
{
  Area area = measure_area (widget, width, 0, data);
  if (area.span == 0)
    return 0;
  double share = CLAMP ((x - area.x) / area.width, 0, 1);
  return 1 + (guint) lround (share * (area.span - 1));
}

/* ---- axes */

static void
set_ink (cairo_t *cr, GdkRGBA ink, float alpha)
{
  ink.alpha = alpha;
  gdk_cairo_set_source_rgba (cr, &ink);
}

/* From below to above, centred at x, y. */
static void
write_upright (GtkWidget *widget, cairo_t *cr, const char *text, double x, double y)
{
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_rotate (cr, -G_PI / 2);
  few_plot_text (widget, cr, text, 0, 0, .5);
  cairo_restore (cr);
}

static void
draw_scales (GtkWidget *widget, cairo_t *cr, GdkRGBA ink, const Area *area, int width)
{
  double middle = area->y + area->height / 2;
  for (guint i = 0; i <= ROWS; i++)
    {
      double y = floor (area->y + area->height * i / ROWS) + .5;
      g_autofree char *share = few_percent (1 - (double) i / ROWS, 0);
      g_autofree char *loss = format_loss (area->top * (ROWS - i) / ROWS);
      set_ink (cr, ink, .12f);
      cairo_set_line_width (cr, 1);
      cairo_move_to (cr, area->x, y);
      cairo_line_to (cr, area->x + area->width, y);
      cairo_stroke (cr);
      set_ink (cr, ink, .7f);
      few_plot_text (widget, cr, share, area->x - GAP, y, 1);
      few_plot_text (widget, cr, loss, area->x + area->width + GAP + area->right, y, 1);
    }
  write_upright (widget, cr, _ ("Accuracy"), GAP / 2.0 + area->line / 2, middle);
  write_upright (widget, cr, _ ("Loss"), width - GAP / 2.0 - area->line / 2, middle);
}

static void
write_epoch (GtkWidget *widget, cairo_t *cr, const Area *area, guint epoch, double y)
{
  g_autofree char *label = g_strdup_printf ("%u", epoch);
  few_plot_text (widget, cr, label, get_x (area, epoch - 1), y, .5);
}

/* Round numbers, as many as there is room for, between the first and the last. */
static void
draw_epochs (GtkWidget *widget, cairo_t *cr, GdkRGBA ink, const Area *area)
{
  g_autofree char *last = g_strdup_printf ("%u", area->span);
  int width, height;
  measure_text (widget, last, &width, &height);
  guint room = (guint) CLAMP (area->width / (3.0 * MAX (width, 1)), 1, 8);
  guint step = (guint) MAX (find_step (MAX (area->span, 1), room, COUNT_STEPS), 1);
  double y = area->y + area->height + GAP + area->line / 2;
  set_ink (cr, ink, .7f);
  if (area->span > 0)
    write_epoch (widget, cr, area, 1, y);
  for (guint epoch = step; area->span > 1 && epoch + step / 2 < area->span; epoch += step)
    if (epoch > 1)
      write_epoch (widget, cr, area, epoch, y);
  if (area->span > 1)
    write_epoch (widget, cr, area, area->span, y);
  const char *title = _ ("Epoch: once over the training pictures");
  measure_text (widget, title, &width, &height);
  few_plot_text (widget, cr, width > area->width ? _ ("Epoch") : title, area->x + area->width / 2,
                 y + area->line, .5);
}

/* ---- lines */

/* Of a column's values, so that decimation neither invents nor hides a level; NAN: none. */
static double
find_mean (const FewChartSeries *s, guint from, guint to)
{
  double sum = 0;
  guint count = 0;
  for (guint j = from; j < to; j++)
    if (isfinite (s->values[j]))
      {
        sum += s->values[j];
        count++;
      }
  return count > 0 ? sum / count : NAN;
}

static void
draw_line (cairo_t *cr, const FewChartSeries *s, const Area *area)
{
  const double dashes[] = { 5, 4 };
  guint step = MAX (1, (s->n + MAX_POINTS - 1) / MAX_POINTS);
  gboolean pen = FALSE;
  cairo_set_dash (cr, dashes, s->dashed ? 2 : 0, 0);
  cairo_set_line_width (cr, s->dashed ? 1.5 : 2);
  for (guint i = 0; i < s->n; i += step)
    {
      double mean = find_mean (s, i, MIN (i + step, s->n));
      if (isfinite (mean) && pen)
        cairo_line_to (cr, get_x (area, i), get_y (area, s, mean));
      else if (isfinite (mean))
        cairo_move_to (cr, get_x (area, i), get_y (area, s, mean));
      pen = isfinite (mean);
    }
  if (s->n == 1 && pen)
    cairo_arc (cr, area->x, get_y (area, s, s->values[0]), 2, 0, 2 * G_PI);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

static void
draw_dot (cairo_t *cr, const FewChartSeries *s, const Area *area, guint at)
{
  if (at > s->n || !isfinite (s->values[at - 1]))
    return;
  cairo_arc (cr, get_x (area, at - 1), get_y (area, s, s->values[at - 1]), 4, 0, 2 * G_PI);
  cairo_fill (cr);
}

static void
draw_cursor (cairo_t *cr, GdkRGBA ink, const Area *area, guint at)
{
  double x = floor (get_x (area, at - 1)) + .5;
  set_ink (cr, ink, .4f);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, x, area->y);
  cairo_line_to (cr, x, area->y + area->height);
  cairo_stroke (cr);
}

void
few_chart_draw (GtkWidget *widget, cairo_t *cr, int width, int height, const FewChartData *data)
{
  Area area = measure_area (widget, width, height, data);
  gboolean dark = few_widget_is_dark (widget);
  GdkRGBA ink;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  draw_scales (widget, cr, ink, &area, width);
  draw_epochs (widget, cr, ink, &area);
  if (data->at > 0)
    draw_cursor (cr, ink, &area, data->at);
  for (guint i = 0; i < FEW_CHART_SERIES; i++)
    {
      const FewChartSeries *s = &data->series[i];
      GdkRGBA colour;
      if (!s->name || s->hidden)
        continue;
      few_series_colour (few_chart_colour (i), dark, &colour);
      gdk_cairo_set_source_rgba (cr, &colour);
      draw_line (cr, s, &area);
      if (data->at > 0)
        draw_dot (cr, s, &area, data->at);
    }
}
