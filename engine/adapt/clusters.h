/* SPDX-License-Identifier: MIT */
/* k-means of unit features. */
#pragma once
#include <gio/gio.h>

/* cluster [n] < k of rows x [n, D], k ≤ n: Lloyd's steps from k-means++ (Arthur and Vassilvitskii,
 * SODA 2007). FALSE when cancelled, or without memory. */
gboolean few_clusters_find (const double *x, guint n, guint d, guint k, guint64 seed,
                            GCancellable *cancellable, guint32 *cluster, GError **error);
