/* SPDX-License-Identifier: MIT */
/* The classes of one picture that can be the nearest at some α, its own left aside: what each says
 * is a line over α, and most lie below others from one end to the other. */
#pragma once
#include "backend/host.h"

enum { FEW_CONTENDERS = 64 }; /* more are not worth it */

typedef struct
{
  FewHost host;
  guint k;
  /* entries in the order of the classes: those before the picture's own, it, those behind it begin
   * at bounds 0, 1 and 2 */
  guint32 bounds[4];
  guint32 classes[FEW_CONTENDERS + 1];
  float at[FEW_CONTENDERS + 1], ft[FEW_CONTENDERS + 1];
  float *others_at, *others_ft; /* [k] */
  guint32 *marks; /* [k] */
} FewContenders;

/* NULL where there is no room. */
FewContenders *few_contenders_new (guint k);
void few_contenders_free (FewContenders *contenders);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewContenders, few_contenders_free)
/* Fills the entries from a·t and f·t [k]. Whatever α in [0, 1] is, the largest blend of the others
 * is among them in floats, to the bit, with all that are equal to it. FALSE where there are too
 * many, or what is no number. */
gboolean few_contenders_find (FewContenders *contenders, const float *at, const float *ft,
                              guint own);
