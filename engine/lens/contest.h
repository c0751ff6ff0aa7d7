/* SPDX-License-Identifier: MIT */
/* Which class is nearest to a picture at an α: from a·t and f·t of all classes, or of those that
 * can be it, where somebody found them. The same either way, to the bit. */
#pragma once
#include "lens/contenders.h"
#include "lens/envelope.h"

enum { FEW_CONTESTS = 256 };

/* αa·t + (1−α)f·t of the best class before a picture's own, of its own and of the best behind it;
 * the norm is the same for all classes. */
typedef struct
{
  float before, own, behind;
} FewContest;

typedef struct
{
  const FewSnapshot *snapshot;
  const FewEnvelope *envelope; /* NULL: there is none */
  FewHost host;
  float a, b;
  guint first, n; /* pictures whose contests are held */
  FewContest held[FEW_CONTESTS];
} FewContests;

void few_contests_begin (FewContests *contests, const FewSnapshot *snapshot, double alpha);
void few_contests_move (FewContests *contests, double alpha);
/* Quickest one picture after the other. */
FewContest few_contests_get (FewContests *contests, guint i);
/* Of the picture whose contenders these are. */
FewContest few_contests_among (const FewContests *contests, const FewContenders *contenders);
/* Of equal classes the first is predicted. */
gboolean few_contest_is_won (const FewContest *contest);
guint few_contests_winner (const FewContests *contests, guint i, const FewContest *contest);
