/* SPDX-License-Identifier: MIT */
/* Accuracy against shots, a line a method, with the spread over seeds. The Compare page's table
 * stands behind it. */
#pragma once
#include "session/few-comparison.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_SHOTS_PLOT (few_shots_plot_get_type ())
G_DECLARE_FINAL_TYPE (FewShotsPlot, few_shots_plot, FEW, SHOTS_PLOT, GtkWidget)

void few_shots_plot_set_comparison (FewShotsPlot *self, FewComparison *comparison);
G_END_DECLS
