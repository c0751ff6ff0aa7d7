/* SPDX-License-Identifier: MIT */
/* Inside FewHeat. */
#pragma once
#include <fewshot/heat.h>

typedef struct
{
  FewModel *model;
  const FewClassifier *classifier;
  const float *pixels; /* [3, R, R] of the picture */
  void (*progress) (gpointer user, guint done, guint total);
  gpointer user;
  GCancellable *cancellable;
} FewHeatJob;

enum { FEW_OCCLUSION_SIDE = 7 }; /* places of a row and of a column */

/* features [1 + side², L]: of the picture, then without each place. */
gboolean few_heat_occlude (const FewHeatJob *job, float *features, GError **error);
/* A copy of the picture without its details: pixels [3, R, R] → blurred [3, R, R]. FALSE: no
 * memory. */
gboolean few_heat_blur (const float *pixels, guint side, float *blurred, GError **error);
/* features [1 + places, length]: of the picture, then without each place. */
const float *few_heat_features (const FewHeat *heat, guint *length);
