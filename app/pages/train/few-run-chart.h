/* SPDX-License-Identifier: MIT */
/* The curves of a run: loss, accuracy on training and validation pictures, CLIP's own. */
#pragma once
#include "widgets/few-chart.h"
#include <fewshot.h>

/* snapshot: may be NULL. FALSE and an empty chart where it has no epochs. */
gboolean few_run_chart_show (FewChart *chart, FewSnapshot *snapshot);
