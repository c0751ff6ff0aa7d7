/* SPDX-License-Identifier: MIT */
/* A line chart: a few named series over epochs, fractions on the axis at the left, others on the
 * one at the right, at most 512 points a series. A legend hides and shows each; the pointer and
 * the arrow keys read the values of an epoch out. */
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
/* Reads out epoch `at`, counted from 1; 0: the last. */
void few_chart_set_cursor (FewChart *self, guint at);
/* What is read out. */
const char *few_chart_get_readout (FewChart *self);
gboolean few_chart_is_shown (FewChart *self, guint series);
G_END_DECLS
