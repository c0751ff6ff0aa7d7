/* SPDX-License-Identifier: MIT */
/* Pictures with any number of labels, dealt out so that each part has its share of each label. */
#pragma once
#include <fewshot/label-sets.h>

/* part [sets->n] < parts; shares [parts] sum to 1. groups [sets->n] of pictures that stay together;
 * NULL: each is its own. wanted [sets->n]: FALSE where a picture takes no part, whose entry is left
 * alone; NULL: all do. FALSE: there is no memory. */
gboolean few_stratify (const FewLabelSets *sets, guint n_labels, const guint32 *groups,
                       const guint8 *wanted, const double *shares, guint parts, guint64 seed,
                       guint32 *part, GError **error);
