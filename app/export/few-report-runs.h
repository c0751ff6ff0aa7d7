/* SPDX-License-Identifier: MIT */
/* The runs of a project beside each other, for a report. Any thread. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
/* Appends a table to a page of HTML; nothing where there are not two runs. shown: the run that the
 * report is of, which is marked. */
void few_report_add_runs (GString *page, const FewProject *project, const FewProjectRun *shown);
/* Appends how many of the pictures that both test, or else that both have, each of two runs has
 * right. */
void few_report_add_agreement (GString *page, FewSnapshot *one, double alpha, FewSnapshot *other,
                               double other_alpha);
G_END_DECLS
