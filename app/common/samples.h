/* SPDX-License-Identifier: MIT */
/* Sample pictures drawn by the program: six kinds of workshop parts in random colours, turns,
 * sizes and backgrounds. */
#pragma once
#include <gio/gio.h>

enum { FEW_SAMPLE_CLASSES = 6, FEW_SAMPLE_SIDE = 160 };
extern const char *const few_sample_names[FEW_SAMPLE_CLASSES];

/* Writes folder/CLASS/CLASS-NN.png, `per_class` of each; the same seed draws the same pictures. */
gboolean few_samples_write (const char *folder, guint per_class, guint32 seed,
                            GCancellable *cancellable, GError **error);
