/* SPDX-License-Identifier: MIT */
/* Counting answers one picture at a time, for those who have no table of all logits. */
#pragma once
#include <fewshot/scores.h>

enum { FEW_SCORE_BINS = 15 };

typedef struct
{
  FewScores *scores;
  guint k;
  guint *pictures, *right, *called; /* [K]; called: of other classes' pictures */
  double loss;
  double gap[FEW_SCORE_BINS]; /* Σ (probability given − right) of the pictures in the bin */
} FewScoreCount;

void few_score_count_begin (FewScoreCount *count, guint k, FewScores *scores);
/* logits [K] */
void few_score_count_add (FewScoreCount *count, const float *logits, guint label);
void few_score_count_end (FewScoreCount *count);
