/* SPDX-License-Identifier: MIT */
/* Means and scores of the classes, by a snapshot. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
/* classes: FewClass, as the snapshot numbers them; role: the pictures that are scored, as
 * few_view_get_measured_role says; predicted [n]. */
void few_class_means_tell (FewSnapshot *snapshot, GPtrArray *classes, double alpha, int role,
                           const guint32 *predicted);
G_END_DECLS
