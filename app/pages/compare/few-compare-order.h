/* SPDX-License-Identifier: MIT */
/* Methods in the order of a column of the comparison: the method (0), what it came to with each
 * number of shots, seconds, what it learned. */
#pragma once
#include "pages/compare/few-compare-heading.h"
#include "session/few-comparison.h"

G_BEGIN_DECLS
/* Of guint, all methods; what has no number comes last either way. Free with g_array_unref. */
GArray *few_compare_order (FewComparison *comparison, guint column, FewSorting sorting);
G_END_DECLS
