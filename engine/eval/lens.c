/* Moving α needs no matrix product: a·t, f·t and three scalars a picture give every cosine of αa + (1−α)f. */
#include "snapshot.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static float
inverse_norm (const FewSnapshot *s, guint i, double alpha)
{
  double b = 1 - alpha, squared = alpha * alpha * s->aa[i] + 2 * alpha * b * s->af[i] + b * b * s->ff[i];
  return squared > 1e-24 ? (float) (1 / sqrt (squared)) : 0;
}

void
few_lens_cosines (const FewSnapshot *s, guint i, double alpha, float *cosines)
{
  guint k = s->info.n_classes;
  const float *at = s->at + (gsize) i * k, *ft = s->ft + (gsize) i * k;
  float norm = inverse_norm (s, i, alpha), a = (float) alpha * norm, b = (float) (1 - alpha) * norm;
  for (guint c = 0; c < k; c++)
    cosines[c] = a * at[c] + b * ft[c];
}

void
few_lens_probabilities (const FewSnapshot *s, guint i, double alpha, float *probabilities)
{
  few_lens_cosines (s, i, alpha, probabilities);
  float largest = -2, sum = 0;
  for (guint c = 0; c < s->info.n_classes; c++)
    largest = MAX (largest, probabilities[c]);
  for (guint c = 0; c < s->info.n_classes; c++)
    sum += probabilities[c] = expf ((float) s->info.logit_scale * (probabilities[c] - largest));
  for (guint c = 0; c < s->info.n_classes; c++)
    probabilities[c] /= sum;
}

/* The first maximum of αa·t + (1−α)f·t; its norm is the same for all classes. *best_other is the best but `own`. */
static guint
argmax (const FewSnapshot *s, guint i, float a, float b, guint own, float *own_value, float *best_other)
{
  guint k = s->info.n_classes, best = 0;
  const float *at = s->at + (gsize) i * k, *ft = s->ft + (gsize) i * k;
  float top = -INFINITY, other = -INFINITY;
  for (guint c = 0; c < k; c++)
    {
      float v = a * at[c] + b * ft[c];
      if (v > top)
        top = v, best = c;
      if (c == own)
        *own_value = v;
      else if (v > other)
        other = v;
    }
  *best_other = other;
  return best;
}

void
few_lens_predict (const FewSnapshot *s, double alpha, guint32 *predicted, float *margin)
{
  float own = 0, other = 0;
  for (guint i = 0; i < s->info.n; i++)
    {
      guint best = argmax (s, i, (float) alpha, (float) (1 - alpha), s->info.labels[i], &own, &other);
      if (predicted)
        predicted[i] = best;
      if (margin)
        margin[i] = (own - other) * inverse_norm (s, i, alpha);
    }
}

static int
by_key (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;
  return (x > y) - (x < y);
}

void
few_lens_rank (const float *margin, guint n, guint32 *order)
{
  g_autofree guint64 *keys = g_new (guint64, n + 1);
  for (guint i = 0; i < n; i++)
    {
      guint32 bits; /* IEEE order as unsigned order: flip all bits of negatives, the sign bit of the rest */
      memcpy (&bits, margin + i, sizeof bits);
      bits ^= bits >> 31 ? 0xffffffffu : 0x80000000u;
      keys[i] = (guint64) bits << 32 | i;
    }
  qsort (keys, n, sizeof *keys, by_key);
  for (guint i = 0; i < n; i++)
    order[i] = (guint32) keys[i];
}

static gboolean
right (const FewSnapshot *s, guint i, double alpha)
{
  float own = 0, other = 0;
  return argmax (s, i, (float) alpha, (float) (1 - alpha), s->info.labels[i], &own, &other) == s->info.labels[i];
}

static gboolean
plays (const FewSnapshot *s, guint i, int role)
{
  return role < 0 || s->info.roles[i] == role;
}

double
few_lens_accuracy (const FewSnapshot *s, int role, double alpha)
{
  guint n = 0, hits = 0;
  for (guint i = 0; i < s->info.n; i++)
    if (plays (s, i, role))
      n++, hits += right (s, i, alpha);
  return n ? (double) hits / n : NAN;
}

void
few_lens_curve (const FewSnapshot *s, int role, double curve[FEW_CURVE_POINTS])
{
  guint n = 0, hits[FEW_CURVE_POINTS] = { 0 };
  for (guint i = 0; i < s->info.n; i++)
    if (plays (s, i, role))
      {
        n++;
        for (guint p = 0; p < FEW_CURVE_POINTS; p++)
          hits[p] += right (s, i, p / 100.0);
      }
  for (guint p = 0; p < FEW_CURVE_POINTS; p++)
    curve[p] = n ? (double) hits[p] / n : NAN;
}

void
few_lens_choose_alpha (const FewSnapshot *s, FewAlphaChoice *choice)
{
  const double *curve = s->curve;
  guint n = 0;
  for (guint i = 0; i < s->info.n; i++)
    n += s->info.roles[i] == FEW_ROLE_VALIDATION;
  *choice = (FewAlphaChoice){ .best = s->info.trained_alpha, .low = s->info.trained_alpha, .high = s->info.trained_alpha, .accuracy = NAN };
  /* One picture then moves the accuracy by 10 points or more: no basis for a choice. */
  choice->enough = s->info.trained && n >= MAX (10, s->info.n_classes);
  if (!choice->enough)
    return;
  guint start = 0, length = 0;
  for (guint p = 0; p < FEW_CURVE_POINTS; p++)
    choice->accuracy = p == 0 ? curve[0] : MAX (choice->accuracy, curve[p]);
  /* The longest run at the maximum: its middle is the least sensitive to the few pictures that chose it. */
  for (guint p = 0; p < FEW_CURVE_POINTS;)
    {
      guint q = p;
      while (q < FEW_CURVE_POINTS && curve[q] >= choice->accuracy)
        q++;
      if (q - p > length)
        start = p, length = q - p;
      p = MAX (q, p + 1);
    }
  choice->low = start / 100.0;
  choice->high = (start + length - 1) / 100.0;
  choice->best = (start + (length - 1) / 2) / 100.0;
}

void
few_lens_class_means (const FewSnapshot *s, double alpha, float *zero_shot, float *adapted)
{
  guint k = s->info.n_classes;
  g_autofree guint *counts = g_new0 (guint, k);
  memset (zero_shot, 0, k * sizeof *zero_shot);
  memset (adapted, 0, k * sizeof *adapted);
  for (guint i = 0; i < s->info.n; i++)
    {
      guint c = s->info.labels[i];
      gsize cell = (gsize) i * k + c;
      counts[c]++;
      zero_shot[c] += s->ft[cell] * inverse_norm (s, i, 0);
      adapted[c] += (float) (alpha * s->at[cell] + (1 - alpha) * s->ft[cell]) * inverse_norm (s, i, alpha);
    }
  for (guint c = 0; c < k; c++)
    {
      zero_shot[c] = counts[c] ? zero_shot[c] / (float) counts[c] : NAN;
      adapted[c] = counts[c] ? adapted[c] / (float) counts[c] : NAN;
    }
}

void
few_lens_confusion (const FewSnapshot *s, int role, double alpha, guint32 *confusion)
{
  guint k = s->info.n_classes;
  float own = 0, other = 0;
  memset (confusion, 0, (gsize) k * k * sizeof *confusion);
  for (guint i = 0; i < s->info.n; i++)
    if (plays (s, i, role))
      confusion[(gsize) s->info.labels[i] * k + argmax (s, i, (float) alpha, (float) (1 - alpha), s->info.labels[i], &own, &other)]++;
}

void
few_lens_compare (const FewSnapshot *s, int role, double alpha, guint *fixed, guint *broken)
{
  *fixed = *broken = 0;
  for (guint i = 0; i < s->info.n; i++)
    if (plays (s, i, role))
      {
        gboolean before = right (s, i, 0), after = right (s, i, alpha);
        *fixed += !before && after;
        *broken += before && !after;
      }
}
