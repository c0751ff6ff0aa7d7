/* SPDX-License-Identifier: MIT */
/* Inside FewTrust. */
#pragma once
#include "base/memory.h"
#include <fewshot/trust.h>

/* How far from the classes: (x−centre)ᵀ P (x−centre) − 2 max_k (w x + b) of a unit feature x. */
typedef struct
{
  float *centre;    /* [D] */
  float *precision; /* P [D, D]; NULL: isotropic · I */
  double isotropic;
  float *w, *b;     /* [K, D], [K] */
} FewTrustMetric;

struct FewTrust
{
  gatomicrefcount refs;
  FewTrustInfo info;
  FewRoom room; /* of all arrays */
  FewTrustMetric metric;
  /* of the told pictures, each [n_told] ascending; odds: NULL without negatives */
  float *distances, *doubts, *odds, *strangeness;
  /* log odds of a unit feature: odds_w x + odds_b; NULL without negatives */
  float *odds_w;
  double odds_b;
  float *negatives; /* [n_negatives] their strangeness, ascending */
};

/* What a classifier says of the pictures that "automatic" learned from, each by what did not see
 * it. */
typedef struct
{
  const double *logits; /* [n, K] */
  const guint8 *told;   /* [n] whether a row of them says something */
  const FewClassifier *classifier; /* which answers at its α; NULL: automatic itself */
} FewTrustAnswers;

/* few_trust_new of what answers in automatic's place, too. */
FewTrust *few_trust_learn (const FewAutomatic *automatic, const FewTrustAnswers *answers,
                           const FewTask *task, GCancellable *cancellable, GError **error);

/* Room for what info and the flags say, zeroed: info.n_told, n_classes, dim, n_negatives.
 * NULL where there is none. */
FewTrust *few_trust_alloc (const FewTrustInfo *info, gboolean precision, GError **error);
/* Two floats, for qsort. */
int few_trust_compare (gconstpointer a, gconstpointer b);
/* How far the largest of n values, sorted, is from their median; above 0. */
double few_trust_spread (const float *values, guint n);
/* The mean of ranks that few_trust_strangeness documents. */
double few_trust_combine (const FewTrust *trust, double distance, double doubt, double odds);

/* The task's negatives: odds, and what they say of the told pictures (trust-negatives.c).
 * own_odds [n learned pictures] and odds [negatives], out of fold. */
gboolean few_trust_learn_negatives (FewTrust *trust, const FewAutomatic *automatic,
                                    const FewTask *task, GCancellable *cancellable, float *own_odds,
                                    float *odds, GError **error);

/* The looks of a snapshot's pictures that were not learned from, by their features [N, D] RAW
 * (trust-look.c). Nothing without a trust. */
gboolean few_trust_look_all (const FewTrust *trust, const float *features, FewSnapshot *snapshot,
                             GError **error);

/* As one array of floats (trust-pack.c), for files: free with g_free. NULL without memory. */
float *few_trust_pack (const FewTrust *trust, gsize *n);
/* NULL where it is none, or for other classes: what is told is lost then, and nothing else. */
FewTrust *few_trust_unpack (const float *values, gsize n, guint n_classes, guint dim);
