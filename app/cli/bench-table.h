/* SPDX-License-Identifier: MIT */
/* The rows of `bench`: kept beside the output while it runs, so that a run that was stopped goes
 * on; then the table in its format. */
#pragma once
#include "cli/cli.h"

typedef struct
{
  char *method;             /* specification */
  guint shots;
  gint64 seed;
  FewScores test;                     /* of the test pictures; NAN where there are none */
  double validation, cross_validated; /* accuracies; NAN where there are none */
  double seconds;
  gint64 parameters, peak_bytes;
  FewSeveralScores *several; /* of pictures with any number of labels, in the place of accuracies;
                               * NULL: one class each, or it could not run */
  double cross_validated_map; /* so */
  char *chosen;
  gboolean too_few;
  char *error; /* the sentence why it could not run; NULL otherwise */
} BenchRow;

typedef struct BenchTable BenchTable;

/* identity: everything that the numbers depend on but method, shots and seed. Rows of an earlier
 * run with the same identity are taken over from OUTPUT.partial; others are thrown away.
 * part: "2-of-8", of a task that runs only its part and leaves the rows in OUTPUT.2-of-8.partial;
 * NULL: the whole, which takes over the rows of all such files, too. */
BenchTable *bench_table_open (const char *output, const char *part, const char *identity,
                              GError **error);
void bench_table_free (BenchTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchTable, bench_table_free)
const BenchRow *bench_table_find (const BenchTable *table, const char *method, guint shots,
                                  gint64 seed);
/* Takes the row's strings; on disk when it returns. */
gboolean bench_table_add (BenchTable *table, const BenchRow *row, GError **error);

const char *bench_table_output (const BenchTable *table);
guint bench_table_test_pictures (const BenchTable *table);
/* labels: names of them, where there are some to be told; NULL: none. */
void bench_table_build_row (JsonBuilder *builder, const BenchRow *row, const char *const *labels);
/* The output, whole; the partial file goes. */
gboolean bench_table_write (BenchTable *table, const char *text, GError **error);

typedef struct
{
  const char *const *methods; /* order of the table */
  const guint *shots;
  guint n_shots;
  const gint64 *seeds;
  guint n_seeds;
  /* literature: set whose published figures are added, or NULL */
  const char *model, *data, *device, *literature;
  const char *const *labels; /* where pictures have any number of them; NULL: one class each */
} BenchSummary;

/* The rows that were asked for, in order; those of an earlier run with other methods stay out.
 * BenchRow *, the table's; free with g_ptr_array_unref. */
GPtrArray *bench_table_rows (const BenchTable *table, const BenchSummary *summary);
/* Of pictures with any number of labels (bench-several.c), by the output's ending; and what is said
 * on the terminal. Free with g_free. */
char *bench_several_format (const BenchTable *table, const BenchSummary *summary);
char *bench_several_markdown (const BenchTable *table, const BenchSummary *summary);

/* Writes OUTPUT (.csv, .md, .json by its ending) and removes OUTPUT.partial. */
gboolean bench_table_finish (BenchTable *table, const BenchSummary *summary, GError **error);
/* What the accuracies do not say, a row a method: regret, the worst drop below zero-shot, balanced
 * accuracy, log-loss, calibration. Over all shots that were asked for; Markdown. */
void bench_table_append_quality (GString *text, const BenchTable *table,
                                 const BenchSummary *summary);
/* The Markdown tables, for the terminal; free with g_free. */
char *bench_table_markdown (const BenchTable *table, const BenchSummary *summary);
