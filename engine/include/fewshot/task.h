/* SPDX-License-Identifier: MIT */
/* A task: features, labels and roles, what every method learns from. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

typedef struct
{
  guint n, n_classes;
  const float *features;         /* [n, D] RAW */
  const guint32 *labels;         /* [n] */
  /* [n] FewRole; test pictures are scored and never learned or chosen from */
  const guint8 *roles;
  const float *text_features;    /* [K, D] normalised */
  /* [K, D] the same before they were normalised, the mean of the templates' features; NULL: not
   * known, and methods that begin at them (CLAP) begin at the normalised ones */
  const float *text_raw;
  const char *const *class_names;/* [K] */
  /* Augmented views of the training pictures: [n_views] of each, in the order of the pictures
   * whose role is train. NULL without. */
  const float *views;            /* [training pictures, n_views, D] RAW */
  guint n_views;
  const char *const *paths;      /* [n]; for methods that look at pixels, may be NULL */
} FewTask;

G_END_DECLS
