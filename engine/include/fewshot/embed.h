/* SPDX-License-Identifier: MIT */
/* Folders of any size to one file of features. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/model.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 done, total;             /* pictures, refused ones too; total is job->total */
  guint64 resumed, cached;         /* of those done: by an earlier run, by the feature cache */
  guint64 known, refused;          /* at the end */
  double seconds;                  /* of this run */
} FewEmbedStatus;

typedef struct
{
  const char *folder;              /* every picture below it, in the order of their paths; or */
  const char *const *paths;        /* these, in this order */
  guint n_paths;
  /* only names whose hash modulo `shards` is `shard`; shards 0 or 1: all */
  guint shard, shards;
  const char *const *texts;        /* and the features of these */
  guint n_texts;
  /* the same model on other devices, in the same precision: they share the pictures */
  FewModel *const *others;
  guint n_others;
  const char *cache_folder;        /* NULL: none */
  const char *output;
  guint64 total;                   /* for progress; 0: not known */
  /* Once a picture, from worker threads under a lock; error: it was refused. May be NULL. */
  void (*progress) (gpointer user, const FewEmbedStatus *status, const GError *error);
  /* A sentence about a folder that could not be listed, from the caller's thread. May be NULL. */
  void (*passed_over) (gpointer user, const char *sentence);
  /* Why one of several devices is done without from now on, from any thread. May be NULL. */
  void (*lost) (gpointer user, const char *sentence);
  gpointer user;
} FewEmbedJob;

/* Writes safetensors: image_features [N, D] F32 RAW, image_names U8 (names relative to the
 * folder, each closed by a zero byte; up to 10,000 of them also as JSON under `images` in the
 * metadata), text_features. Memory does not grow with the number of pictures. While it runs
 * OUTPUT.part grows; after a kill the same job goes on from there, to the bytes that a new run
 * would write: from the first picture on that has come, gone or changed it is done again. Where
 * every named picture, or every one of a whole folder, is refused, nothing is written: an error. */
FEW_API gboolean few_embed (FewModel *model, const FewEmbedJob *job, FewEmbedStatus *status,
                            GCancellable *cancellable, GError **error);
/* How many pictures the job has. */
FEW_API gboolean few_embed_count (const FewEmbedJob *job, guint64 *total, GCancellable *cancellable,
                                  GError **error);
/* Joins the files of all shards into the one that a single run would have written. */
FEW_API gboolean few_embed_merge (const char *const *paths, guint n, const char *output,
                                  guint64 *pictures, GError **error);

typedef struct
{
  guint64 added, known, damaged; /* features */
} FewCachesMerged;

/* The feature caches of these folders (NULL-terminated), one a task or a machine, become part of
 * that of `into`, which is made where there is none. They are read alone, and may lie on a file
 * system that has no locks; `into` may not. */
FEW_API gboolean few_embed_merge_caches (const char *const *folders, const char *into,
                                         FewCachesMerged *merged, GCancellable *cancellable,
                                         GError **error);

G_END_DECLS
