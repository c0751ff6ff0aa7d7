/* SPDX-License-Identifier: MIT */
/* What out-of-fold answers promise of the answers to come. */
#include "adapt/trust.h"
#include "adapt/automatic.h"
#include <math.h>
#include <string.h>

/* α is shown in hundredths. */
static const double SAME_ALPHA = 0.005;
static const double LEAST_SPREAD = 1e-9;

/* Room for n floats; NULL for none. */
static float *
take_floats (FewTrust *self, gsize rows, gsize columns)
{
  return rows > 0 && columns > 0 ? few_room_new (&self->room, float, rows, columns) : NULL;
}

FewTrust *
few_trust_alloc (const FewTrustInfo *info, gboolean precision, GError **error)
{
  g_autoptr (FewTrust) self = g_new0 (FewTrust, 1);
  FewTrustMetric *metric = &self->metric;
  guint told = info->n_told > 0;
  guint negatives = told && info->n_negatives > 0;
  g_atomic_ref_count_init (&self->refs);
  self->info = *info;
  self->distances = take_floats (self, info->n_told, 1);
  self->doubts = take_floats (self, info->n_told, 1);
  self->strangeness = take_floats (self, info->n_told, 1);
  metric->centre = take_floats (self, told, info->dim);
  metric->precision = precision ? take_floats (self, told * info->dim, info->dim) : NULL;
  metric->w = take_floats (self, told * info->n_classes, info->dim);
  metric->b = take_floats (self, told, info->n_classes);
  self->odds = take_floats (self, negatives, info->n_told);
  self->odds_w = take_floats (self, negatives, info->dim);
  self->negatives = take_floats (self, negatives, info->n_negatives);
  if (few_room_is_short (&self->room, "what is known of the answers", error))
    return NULL;
  return g_steal_pointer (&self);
}

FewTrust *
few_trust_ref (FewTrust *trust)
{
  g_return_val_if_fail (trust != NULL, NULL);
  g_atomic_ref_count_inc (&trust->refs);
  return trust;
}

void
few_trust_unref (FewTrust *trust)
{
  g_return_if_fail (trust != NULL);
  if (!g_atomic_ref_count_dec (&trust->refs))
    return;
  few_room_clear (&trust->room);
  g_free (trust);
}

const FewTrustInfo *
few_trust_info (const FewTrust *trust)
{
  g_return_val_if_fail (trust != NULL, NULL);
  return &trust->info;
}

gboolean
few_trust_holds (const FewTrust *trust, double alpha)
{
  g_return_val_if_fail (trust != NULL, FALSE);
  return fabs (alpha - trust->info.alpha) < SAME_ALPHA;
}

int
few_trust_compare (gconstpointer a, gconstpointer b)
{
  float x = *(const float *) a;
  float y = *(const float *) b;
  return (x > y) - (x < y);
}

/* ---- answers */

/* Behind another: a smaller probability, or the same and a larger number. */
static gboolean
is_behind (const float *p, guint32 class, guint32 other)
{
  return p[class] < p[other] || (p[class] == p[other] && class > other);
}

static guint
collect_set (const FewTrustInfo *info, double level, const float *probabilities, guint32 *classes)
{
  guint n = 0;
  if (!(level > 0))
    return 0;
  guint best = 0;
  for (guint c = 1; c < info->n_classes; c++)
    best = probabilities[c] > probabilities[best] ? c : best;
  for (guint c = 0; c < info->n_classes; c++)
    {
      if (c != best && probabilities[c] < level)
        continue;
      guint at = n++;
      for (; at > 0 && is_behind (probabilities, classes[at - 1], c); at--)
        classes[at] = classes[at - 1];
      classes[at] = c;
    }
  return n;
}

guint
few_trust_answer_set (const FewTrust *trust, const float *probabilities, guint32 *classes)
{
  g_return_val_if_fail (trust != NULL && probabilities != NULL && classes != NULL, 0);
  return collect_set (&trust->info, trust->info.answer_level, probabilities, classes);
}

double
few_trust_promise (const FewTrust *trust, guint promise, double *size)
{
  g_return_val_if_fail (trust != NULL, NAN);
  g_return_val_if_fail (promise >= FEW_TRUST_LEAST && promise <= FEW_TRUST_MOST, NAN);
  if (size)
    *size = trust->info.sizes[promise - FEW_TRUST_LEAST];
  return trust->info.levels[promise - FEW_TRUST_LEAST];
}

guint
few_trust_promised_set (const FewTrust *trust, guint promise, const float *probabilities,
                        guint32 *classes)
{
  g_return_val_if_fail (trust != NULL && probabilities != NULL && classes != NULL, 0);
  double level = few_trust_promise (trust, promise, NULL);
  return collect_set (&trust->info, level, probabilities, classes);
}

/* ---- none of these */

/* Share of the n ascending values that are at most `value`. */
static double
rank_among (const float *values, guint n, double value)
{
  guint low = 0;
  guint high = n;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (values[middle] <= value)
        low = middle + 1;
      else
        high = middle;
    }
  return (double) low / n;
}

double
few_trust_spread (const float *values, guint n)
{
  g_return_val_if_fail (values != NULL && n > 0, 1);
  double median = ((double) values[(n - 1) / 2] + values[n / 2]) / 2;
  return MAX (values[n - 1] - median, LEAST_SPREAD);
}

/* The same, going on in proportion beyond the largest: 1 more for as far as that is from the
 * median. A picture from another world is not to count as much as the strangest of one's own. */
static double
rank_beyond (const float *values, guint n, double value)
{
  return rank_among (values, n, value)
         + MAX (value - values[n - 1], 0) / few_trust_spread (values, n);
}

double
few_trust_combine (const FewTrust *trust, double distance, double doubt, double odds)
{
  guint n = trust->info.n_told;
  double own =
      (rank_beyond (trust->distances, n, distance) + rank_among (trust->doubts, n, doubt)) / 2;
  return trust->odds ? (own + rank_beyond (trust->odds, n, odds)) / 2 : own;
}

static double
dot (const float *a, const float *b, guint n)
{
  float sums[8] = { 0 };
  guint j;
  for (j = 0; j + 8 <= n; j += 8)
    for (guint l = 0; l < 8; l++)
      sums[l] += a[j + l] * b[j + l];
  double sum = 0;
  for (; j < n; j++)
    sum += (double) a[j] * b[j];
  for (guint l = 0; l < 8; l++)
    sum += sums[l];
  return sum;
}

static double
measure_distance (const FewTrust *trust, const float *x, float *off)
{
  const FewTrustMetric *metric = &trust->metric;
  guint d = trust->info.dim;
  double nearest = -INFINITY;
  double square = 0;
  for (guint c = 0; c < trust->info.n_classes; c++)
    nearest = MAX (nearest, dot (metric->w + (gsize) c * d, x, d) + metric->b[c]);
  for (guint j = 0; j < d; j++)
    off[j] = x[j] - metric->centre[j];
  if (!metric->precision)
    square = metric->isotropic * dot (off, off, d);
  for (guint i = 0; metric->precision && i < d; i++)
    square += (double) off[i] * dot (metric->precision + (gsize) i * d, off, d);
  return square - 2 * nearest;
}

FewLook
few_trust_look (const FewTrust *trust, const float *feature)
{
  g_return_val_if_fail (trust != NULL && feature != NULL, ((FewLook) { NAN, NAN }));
  guint d = trust->info.dim;
  FewLook look = { NAN, NAN };
  if (trust->info.n_told == 0)
    return look;
  g_autofree float *x = g_try_new (float, 2 * (gsize) d);
  if (!x)
    return look;
  double inverse = few_automatic_inverse_norm (feature, d);
  for (guint j = 0; j < d; j++)
    x[j] = (float) (feature[j] * inverse);
  look.distance = (float) measure_distance (trust, x, x + d);
  look.odds = trust->odds_w ? (float) (dot (trust->odds_w, x, d) + trust->odds_b) : 0;
  return look;
}

double
few_trust_strangeness (const FewTrust *trust, FewLook look, double probability)
{
  g_return_val_if_fail (trust != NULL, NAN);
  if (trust->info.n_told == 0 || isnan (look.distance))
    return NAN;
  return few_trust_combine (trust, look.distance, 1 - probability, look.odds);
}

double
few_trust_refusal (const FewTrust *trust, double share)
{
  g_return_val_if_fail (trust != NULL && share >= 0 && share <= 1, NAN);
  guint n = trust->info.n_told;
  if (n == 0)
    return NAN;
  guint above = (guint) floor (share * n + 1e-9);
  return above < n ? trust->strangeness[n - 1 - above] : 0;
}

double
few_trust_negatives_refused (const FewTrust *trust, double share)
{
  g_return_val_if_fail (trust != NULL && share >= 0 && share <= 1, NAN);
  guint n = trust->info.n_negatives;
  return n > 0 ? 1 - rank_among (trust->negatives, n, few_trust_refusal (trust, share)) : NAN;
}
