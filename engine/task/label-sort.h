/* SPDX-License-Identifier: MIT */
/* A picture's labels in their order. */
#pragma once
#include <glib.h>

/* Growing, and twice is once: how many are left. */
guint few_labels_sort (guint32 *labels, guint n);
