/* SPDX-License-Identifier: MIT */
/* What few-chart.c keeps and few-chart-draw.c draws. */
#pragma once
#include "widgets/few-chart.h"

typedef struct
{
  char *name; /* NULL: there is none */
  float *values;
  guint n;
  gboolean fraction;
  gboolean dashed;
  gboolean hidden;
} FewChartSeries;

typedef struct
{
  FewChartSeries series[FEW_CHART_SERIES];
  guint span; /* points that the x axis has at least */
  guint at;   /* the point that is read out, counted from 1; 0: none */
} FewChartData;

/* Which colour of few-series.h each has. */
guint few_chart_colour (guint series);
/* The points of the x axis. */
guint few_chart_span (const FewChartData *data);
void few_chart_draw (GtkWidget *widget, cairo_t *cr, int width, int height,
                     const FewChartData *data);
/* The point below x, counted from 1; 0: there are none. */
guint few_chart_find (GtkWidget *widget, int width, const FewChartData *data, double x);
