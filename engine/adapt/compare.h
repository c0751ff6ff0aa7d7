/* SPDX-License-Identifier: MIT */
/* How a comparison draws what is tested on. */
#pragma once
#include <fewshot/task.h>

/* Half of each class, or of each label; parts of one file stay together. */
gboolean few_compare_hold_out (const FewTask *task, guint64 seed, guint8 *roles, GError **error);
