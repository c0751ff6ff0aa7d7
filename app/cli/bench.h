/* SPDX-License-Identifier: MIT */
/* What the files of `bench` share: bench.c (the command line), bench-data.c (pictures and
 * prompts), bench-run.c (methods on draws), bench-table.c (the result). */
#pragma once
#include "cli/bench-table.h"
#include "cli/boxes.h"
#include "cli/data.h"

typedef struct
{
  Cli *cli;
  FewModel *model;
  CliData data;
  gboolean keep_twins;   /* near-duplicates stay where the split has them */
  guint8 *pool;          /* [n] roles before shots are taken; with `halve`, of the first draw */
  gboolean halve;        /* half is held out to test on, another half with each seed */
  float *text;           /* [K, D] normalised */
  float *text_raw;       /* [K, D] before that */
  GStrv methods;
  guint shots[32], n_shots;
  guint views, most_views; /* --views; of these and of what methods ask for */
  guint64 seeds[100];
  guint n_seeds;
  guint shard, shards; /* only this part of methods × shots × seeds; shards 0 or 1: all */
  /* NULL, or where features, scores and learned tensors of the last run go */
  const char *dump;
} Bench;

/* Where pictures, roles and prompts come from, as the command line says. */
typedef struct
{
  char *split, *images, *train_list, *val_list, *test_list, *class_names, *class_prompts;
  CliBoxes boxes;
} BenchSources;

void bench_clear (Bench *bench);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)
void bench_sources_clear (BenchSources *sources);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BenchSources, bench_sources_clear)

/* Data, pool and text features. folder: DATA, may be NULL. */
gboolean bench_load (Bench *bench, const BenchSources *sources, const char *folder,
                     const char *const *templates, GError **error);
/* Everything that the numbers depend on but method, shots and seed; free with g_free. */
char *bench_identity (const Bench *bench);
/* Adds the rows that the table has not yet. */
gboolean bench_run (Bench *bench, BenchTable *table, GError **error);
/* Features, scores and learned tensors of one run, as safetensors at bench->dump. */
gboolean bench_dump (const Bench *bench, const FewTask *task, const FewMethodResult *result,
                     GError **error);
