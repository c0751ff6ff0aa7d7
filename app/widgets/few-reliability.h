/* SPDX-License-Identifier: MIT */
/* How often answers are right where they are that sure: a point a bin of probability, of CLIP alone
 * and of what was learned, beside the line where both are the same. */
#pragma once
#include <fewshot.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_RELIABILITY (few_reliability_get_type ())
G_DECLARE_FINAL_TYPE (FewReliabilityPlot, few_reliability, FEW, RELIABILITY, GtkWidget)

GtkWidget *few_reliability_new (void);
/* What is shown; NULL: nothing. The trust stays with its owner. */
void few_reliability_set_trust (FewReliabilityPlot *self, const FewTrust *trust);
/* The numbers of a trust as rows for a table, titles as few_plot_table_new wants them. */
GtkStringList *few_reliability_list (const FewTrust *trust, const char *titles[6]);
G_END_DECLS
