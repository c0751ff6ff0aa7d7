/* SPDX-License-Identifier: MIT */
/* A FewTrust as one array of floats, for classifiers' and projects' files: HEAD numbers, two tables
 * of bins, the promises (from layout 2 on), then the told pictures' values, the metric (of P the
 * lower triangle, row by row), and what was learned from negatives. */
#include "adapt/trust.h"
#include <math.h>
#include <string.h>

enum { LAYOUT = 2, HEAD = 16, BINS = 2 * 3 * FEW_TRUST_BINS, MOST = 1 << 24 };
enum { PROMISES = 2 * FEW_TRUST_PROMISES };
enum {
  AT_LAYOUT,
  AT_TOLD,
  AT_CLASSES,
  AT_DIM,
  AT_NEGATIVES,
  AT_PRECISION,
  AT_ALPHA,
  AT_ACCURACY,
  AT_LOW,
  AT_HIGH,
  AT_BEFORE,
  AT_AFTER,
  AT_LEVEL,
  AT_SIZE,
  AT_ISOTROPIC,
  AT_ODDS
};

/* One walk over everything behind the head, for both ways. */
typedef struct
{
  float *packed; /* NULL: counts alone */
  gboolean reading;
  guint layout;
  gsize n;
} Walk;

static void
pass (Walk *walk, float *own, gsize n)
{
  if (walk->packed && walk->reading)
    memcpy (own, walk->packed + walk->n, n * sizeof *own);
  else if (walk->packed)
    memcpy (walk->packed + walk->n, own, n * sizeof *own);
  walk->n += n;
}

static void
pass_bins (Walk *walk, FewReliability *bins)
{
  for (guint i = 0; i < FEW_TRUST_BINS; i++)
    {
      float values[] = { (float) bins[i].n, (float) bins[i].confidence, (float) bins[i].accuracy };
      pass (walk, values, G_N_ELEMENTS (values));
      if (walk->reading && walk->packed)
        bins[i] = (FewReliability) { (guint) CLAMP (values[0], 0, MOST), values[1], values[2] };
    }
}

/* NaN has no place in files: −1. */
static float
known (double value)
{
  return isnan (value) ? -1 : (float) value;
}

static double
unknown (float value)
{
  return value < 0 ? NAN : value;
}

static void
pass_promises (Walk *walk, FewTrustInfo *info)
{
  for (guint i = 0; i < FEW_TRUST_PROMISES; i++)
    {
      float values[] = { known (info->levels[i]), known (info->sizes[i]) };
      pass (walk, values, G_N_ELEMENTS (values));
      if (!walk->reading || !walk->packed)
        continue;
      info->levels[i] = unknown (values[0]);
      info->sizes[i] = unknown (values[1]);
    }
}

/* Of a version that kept one promise. */
static void
forget_promises (FewTrustInfo *info)
{
  guint usual = (guint) (FEW_TRUST_COVERAGE * 100 + .5) - FEW_TRUST_LEAST;
  for (guint i = 0; i < FEW_TRUST_PROMISES; i++)
    info->levels[i] = info->sizes[i] = NAN;
  info->levels[usual] = info->answer_level;
  info->sizes[usual] = info->set_size;
}

static void
pass_all (Walk *walk, FewTrust *trust)
{
  const FewTrustInfo *info = &trust->info;
  gsize n = info->n_told;
  gsize d = info->dim;
  pass_bins (walk, trust->info.before);
  pass_bins (walk, trust->info.after);
  if (walk->layout == LAYOUT)
    pass_promises (walk, &trust->info);
  if (n == 0)
    return;
  pass (walk, trust->distances, n);
  pass (walk, trust->doubts, n);
  pass (walk, trust->strangeness, n);
  pass (walk, trust->metric.centre, d);
  pass (walk, trust->metric.w, info->n_classes * d);
  pass (walk, trust->metric.b, info->n_classes);
  for (gsize i = 0; trust->metric.precision && i < d; i++)
    pass (walk, trust->metric.precision + i * d, i + 1);
  if (info->n_negatives == 0)
    return;
  pass (walk, trust->odds, n);
  pass (walk, trust->odds_w, d);
  pass (walk, trust->negatives, info->n_negatives);
}

float *
few_trust_pack (const FewTrust *trust, gsize *n)
{
  const FewTrustInfo *info = &trust->info;
  const float head[HEAD] = { [AT_LAYOUT] = LAYOUT,
                             [AT_TOLD] = (float) info->n_told,
                             [AT_CLASSES] = (float) info->n_classes,
                             [AT_DIM] = (float) info->dim,
                             [AT_NEGATIVES] = (float) info->n_negatives,
                             [AT_PRECISION] = trust->metric.precision != NULL,
                             [AT_ALPHA] = (float) info->alpha,
                             [AT_ACCURACY] = known (info->accuracy),
                             [AT_LOW] = known (info->low),
                             [AT_HIGH] = known (info->high),
                             [AT_BEFORE] = known (info->error_before),
                             [AT_AFTER] = known (info->error_after),
                             [AT_LEVEL] = (float) info->answer_level,
                             [AT_SIZE] = known (info->set_size),
                             [AT_ISOTROPIC] = (float) trust->metric.isotropic,
                             [AT_ODDS] = (float) trust->odds_b };
  FewTrust *own = (FewTrust *) trust; /* nothing of it is written to */
  Walk walk = { .layout = LAYOUT, .n = HEAD };
  pass_all (&walk, own);
  float *packed = few_try_floats (walk.n, 1, "what is known of the answers", NULL);
  if (!packed)
    return NULL;
  memcpy (packed, head, sizeof head);
  walk.packed = packed;
  *n = walk.n;
  walk.n = HEAD;
  pass_all (&walk, own);
  return packed;
}

/* Above the diagonal what is below it. */
static void
mirror (float *matrix, gsize d)
{
  for (gsize i = 0; matrix && i < d; i++)
    for (gsize j = i + 1; j < d; j++)
      matrix[i * d + j] = matrix[j * d + i];
}

/* How many floats a trust of these sizes is; 0 where the head says nothing sensible. */
static gsize
count_packed (const float *head, guint n_classes, guint dim)
{
  gboolean promises = head[AT_LAYOUT] == LAYOUT;
  gboolean fits = (promises || head[AT_LAYOUT] == 1) && head[AT_CLASSES] == (float) n_classes
                  && head[AT_DIM] == (float) dim && head[AT_TOLD] >= 0 && head[AT_TOLD] <= MOST
                  && head[AT_NEGATIVES] >= 0 && head[AT_NEGATIVES] <= MOST;
  if (!fits)
    return 0;
  gsize n = (gsize) head[AT_TOLD];
  gsize m = (gsize) head[AT_NEGATIVES];
  gsize d = dim;
  gsize count = HEAD + BINS + (promises ? PROMISES : 0);
  if (n > 0)
    count += 3 * n + d + n_classes * d + n_classes + (head[AT_PRECISION] > 0 ? d * (d + 1) / 2 : 0);
  return n > 0 && m > 0 ? count + n + d + m : count;
}

FewTrust *
few_trust_unpack (const float *values, gsize n, guint n_classes, guint dim)
{
  if (n < HEAD + BINS || n != count_packed (values, n_classes, dim))
    return NULL;
  for (gsize i = 0; i < n; i++)
    if (!isfinite (values[i]))
      return NULL;
  guint n_told = (guint) values[AT_TOLD];
  FewTrustInfo info = { .n_told = n_told,
                        .n_classes = n_classes,
                        .dim = dim,
                        .alpha = values[AT_ALPHA],
                        .accuracy = unknown (values[AT_ACCURACY]),
                        .low = unknown (values[AT_LOW]),
                        .high = unknown (values[AT_HIGH]),
                        .error_before = unknown (values[AT_BEFORE]),
                        .error_after = unknown (values[AT_AFTER]),
                        .answer_level = values[AT_LEVEL],
                        .set_size = unknown (values[AT_SIZE]),
                        .n_negatives = n_told > 0 ? (guint) values[AT_NEGATIVES] : 0 };
  FewTrust *trust = few_trust_alloc (&info, values[AT_PRECISION] > 0, NULL);
  if (!trust)
    return NULL;
  trust->metric.isotropic = values[AT_ISOTROPIC];
  trust->odds_b = values[AT_ODDS];
  forget_promises (&trust->info);
  Walk walk = { (float *) values, TRUE, (guint) values[AT_LAYOUT], HEAD };
  pass_all (&walk, trust);
  mirror (trust->metric.precision, dim);
  return trust;
}
