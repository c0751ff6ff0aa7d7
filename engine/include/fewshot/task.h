/* SPDX-License-Identifier: MIT */
/* A task: features, labels and roles, what every method learns from and every snapshot is made of;
 * and what comes before it, the pictures by their names. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/label-sets.h>

G_BEGIN_DECLS

/* Pictures by their ids, and the class of each. Borrowed by whoever is given it, for the call
 * alone. */
typedef struct
{
  guint n;
  const guint32 *ids;            /* [n] the caller's own numbers */
  const guint32 *labels;         /* [n] index of the class */
  const char *const *paths;      /* [n]; for methods that look at pixels, NULL elsewhere */
  /* [n] TRUE: a test picture whatever a split draws, which nothing learns from; NULL: none is */
  const guint8 *pinned;
  const guint32 *negatives; /* [n_negatives] ids of pictures that are none of the classes */
  guint n_negatives;
  /* [n] of pictures with any number of classes, in the place of labels, whose entries are then not
   * looked at; what is none of the classes is a picture without any. NULL: one each */
  FewLabelSets *sets;
} FewLabelled;

/* Everything is borrowed, for as long as the call that it is given to. What a function has no use
 * for may be left NULL: each says what it reads. */
typedef struct
{
  guint n, n_classes;
  const float *features; /* [n, D] RAW */
  const guint32 *labels; /* [n] < K */
  FewLabelSets *sets; /* [n] in the place of labels: any number of classes each; NULL: one */
  /* [n] FewRole; test pictures are scored and never learned or chosen from */
  const guint8 *roles;
  const guint32 *ids; /* [n] the caller's own numbers of the pictures; NULL: 0 … n−1 */
  /* [n] pictures that show the same thing share a number, and no fold parts them; see
   * fewshot/groups.h. NULL: looked for among the features. */
  const guint32 *groups;
  /* [n] pictures that share a number belong together whatever their features are: where groups are
   * looked for, that is joined in (few_groups_of_files, few_twins). NULL: nothing is known. */
  const guint32 *together;
  const float *text_features; /* [K, D] normalised */
  /* [K, D] the same before they were normalised, the mean of the templates' features; NULL: not
   * known, and methods that begin at them (CLAP) begin at the normalised ones */
  const float *text_raw;
  const char *const *class_names; /* [K]; NULL: what learns from texts refuses, nothing is kept */
  const char *template_text; /* what the text features were made with; kept in adapters */
  const char *const *prompts; /* [K] in its place, entries may be NULL; NULL: none are */
  /* Augmented views of the training pictures: [n_views] of each, in the order of the pictures
   * whose role is train. NULL without. */
  const float *views; /* [training pictures, n_views, D] RAW */
  guint n_views;
  const char *const *paths; /* [n]; for methods that look at pixels, may be NULL */
  /* Pictures that are none of the classes, for methods that can say so. NULL without. */
  const float *negatives; /* [n_negatives, D] RAW */
  guint n_negatives;
} FewTask;

G_END_DECLS
