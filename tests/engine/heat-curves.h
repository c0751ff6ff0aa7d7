/* SPDX-License-Identifier: MIT */
/* Deletion and insertion curves (Petsiuk, Das & Saenko, “RISE”, BMVC 2018): how sure a classifier
 * stays of a class while the places of a picture are blurred away in some order, and how sure it
 * becomes while they come back. */
#pragma once
#include <fewshot.h>

typedef struct
{
  double deletion, insertion; /* mean probability along the way: low and high are good */
} HeatCurves;

/* The places of map [n], from the hottest; order [n]. */
void heat_order (const float *map, guint n, guint *order);
/* order [side²] of places, of which a row has `side`. */
HeatCurves heat_curves (FewModel *model, const FewClassifier *classifier, const float *pixels,
                        guint side, const guint *order, guint class_index, double alpha);
