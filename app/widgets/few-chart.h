/* SPDX-License-Identifier: MIT */
/* A line chart: a few named series over a common x axis, drawn with cairo, at most 512 points a
 * series. The numbers behind it are in its accessible description and in the page's table. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_CHART (few_chart_get_type ())
G_DECLARE_FINAL_TYPE (FewChart, few_chart, FEW, CHART, GtkWidget)

enum { FEW_CHART_SERIES = 4 };

/* Copies values [n] (NaN: a gap). fraction: drawn on the 0…1 scale, others on their own. dashed:
 * a baseline. */
void few_chart_set (FewChart *self, guint series, const char *name, const float *values, guint n,
                    gboolean fraction, gboolean dashed);
void few_chart_clear (FewChart *self);
/* Length of the x axis in points; longer series widen it. */
void few_chart_set_span (FewChart *self, guint span);
G_END_DECLS
