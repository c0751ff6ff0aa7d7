/* SPDX-License-Identifier: MIT */
/* A window with pictures in it, for benchmarks. */
#pragma once
#include "shell/few-window.h"

/* A window of the application on `n_classes` folders of `per_class` plain JPEGs; prints what the
 * import took. */
FewWindow *bench_window (guint n_classes, guint per_class);
/* The first widget below root of that type. */
GtkWidget *bench_find (GtkWidget *root, GType type);
/* Of the next run. */
void bench_set_epochs (FewSession *session, guint epochs);
long bench_resident_megabytes (void);
