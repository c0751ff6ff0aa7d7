/* SPDX-License-Identifier: MIT */
/* Reading the dumps of tests/data/golden and comparing with them. */
#pragma once
#include <fewshot.h>
#include "formats/safetensors.h"

/* tests/data/golden/NAME; free with g_free. */
char *golden_path (const char *name);
FewSafetensors *golden_open (const char *name);
/* A float tensor of the dump with that many elements; free with g_free. */
float *golden_floats (const FewSafetensors *file, const char *name, gsize n);
gint32 *golden_ints (const FewSafetensors *file, const char *name, gsize n);
/* Largest |a − b| / (1 + |b|). */
double golden_distance (const float *a, const float *b, gsize n);
/* Rows of width d to unit length, in place. */
void golden_normalise (float *rows, gsize n, gsize d);
FewModel *golden_model (const char *kind, const char *device);
/* A fresh folder below the test's temporary one; free with g_free. */
char *scratch_folder (const char *name);
/* Asserts that `error` is set and its message holds every word of the list; clears it. */
void assert_says (GError **error, const char *word, ...) G_GNUC_NULL_TERMINATED;
