/* SPDX-License-Identifier: MIT */
/* Parts of two pictures that are each other's nearest. */
#include <fewshot/match.h>
#include "base/error.h"
#include "base/memory.h"
#include "base/words.h"
#include "heat/heat.h"
#include <math.h>

typedef struct
{
  guint n, length;
  float *parts;   /* [n, length] less their mean */
  float *lengths; /* [n] */
} Parts;

static double
multiply (const float *a, const float *b, guint n)
{
  double sum = 0;
  for (guint j = 0; j < n; j++)
    sum += (double) a[j] * b[j];
  return sum;
}

/* features [1 + n, length]: of the whole, then without each. */
static void
take_parts (const FewHeat *heat, Parts *parts)
{
  const float *features = few_heat_features (heat, &parts->length);
  guint length = parts->length;
  for (guint j = 0; j < length; j++)
    {
      double mean = 0;
      for (guint i = 0; i < parts->n; i++)
        {
          float part = features[j] - features[(gsize) (i + 1) * length + j];
          parts->parts[(gsize) i * length + j] = part;
          mean += (double) part / parts->n;
        }
      for (guint i = 0; i < parts->n; i++)
        parts->parts[(gsize) i * length + j] -= (float) mean;
    }
  for (guint i = 0; i < parts->n; i++)
    {
      const float *part = parts->parts + (gsize) i * length;
      parts->lengths[i] = (float) sqrt (multiply (part, part, length));
    }
}

/* Which of `to` is nearest to part i of `from`. */
static guint
find_nearest (const Parts *from, guint i, const Parts *to)
{
  guint best = 0;
  double nearest = -INFINITY;
  for (guint j = 0; j < to->n; j++)
    {
      double product = multiply (from->parts + (gsize) i * from->length,
                                 to->parts + (gsize) j * to->length, to->length);
      double along = to->lengths[j] > 0 ? product / (double) to->lengths[j] : -INFINITY;
      if (along <= nearest)
        continue;
      nearest = along;
      best = j;
    }
  return best;
}

/* Sorted in, if it is among the best so far; strengths [most] of those. */
static guint
keep_match (FewMatch match, double strength, FewMatch *matches, double *strengths, guint n,
            guint most)
{
  guint at = n;
  while (at > 0 && strengths[at - 1] < strength)
    at--;
  if (at == most)
    return n;
  for (guint i = MIN (n, most - 1); i > at; i--)
    {
      matches[i] = matches[i - 1];
      strengths[i] = strengths[i - 1];
    }
  matches[at] = match;
  strengths[at] = strength;
  return MIN (n + 1, most);
}

static guint
match_parts (const Parts *one, const Parts *other, FewMatch *matches, double *strengths, guint most)
{
  guint n = 0;
  for (guint i = 0; i < one->n; i++)
    {
      guint j = find_nearest (one, i, other);
      double strength = multiply (one->parts + (gsize) i * one->length,
                                  other->parts + (gsize) j * one->length, one->length);
      if (strength <= 0 || find_nearest (other, j, one) != i)
        continue;
      double cosine = strength / ((double) one->lengths[i] * (double) other->lengths[j]);
      n = keep_match ((FewMatch) { i, j, (float) cosine }, strength, matches, strengths, n, most);
    }
  return n;
}

guint
few_heat_match (const FewHeat *one, const FewHeat *other, FewMatch *matches, guint most,
                GError **error)
{
  g_return_val_if_fail (one != NULL && other != NULL && (most == 0 || matches != NULL), 0);
  const FewHeat *const heats[2] = { one, other };
  g_auto (FewRoom) room = { 0 };
  Parts parts[2] = { { 0 } };
  for (guint i = 0; i < 2; i++)
    {
      const FewHeatInfo *info = few_heat_info (heats[i]);
      few_heat_features (heats[i], &parts[i].length);
      parts[i].n = info->method == FEW_HEAT_PARTS ? info->rows * info->columns : 0;
      parts[i].parts = few_room_new (&room, float, parts[i].n, parts[i].length);
      parts[i].lengths = few_room_new (&room, float, parts[i].n, 1);
    }
  double *strengths = few_room_new (&room, double, most, 1);
  if (few_room_is_short (&room, N_ ("the parts of a picture"), error))
    return 0;
  if (parts[0].n == 0 || parts[1].n == 0 || parts[0].length != parts[1].length)
    {
      few_fail (error, INPUT, "These are not parts of two pictures by one model.");
      return 0;
    }
  take_parts (one, &parts[0]);
  take_parts (other, &parts[1]);
  return match_parts (&parts[0], &parts[1], matches, strengths, most);
}
