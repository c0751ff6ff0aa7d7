/* SPDX-License-Identifier: MIT */
/* Tables over which the lines of classes cross, meet, are the same and differ by roundings. */
#include "envelope-tables.h"
#include <float.h>
#include <math.h>

float
envelope_fill_random (GRand *rand, guint class G_GNUC_UNUSED, float other G_GNUC_UNUSED)
{
  return (float) g_rand_double_range (rand, -1, 1);
}

static float
fill_alike (GRand *rand, guint class G_GNUC_UNUSED, float other)
{
  return .8f * other + (float) g_rand_double_range (rand, -.2, .2);
}

/* Lines that are equal, or cross where many others do. */
static float
fill_ties (GRand *rand, guint class G_GNUC_UNUSED, float other G_GNUC_UNUSED)
{
  return (float) g_rand_int_range (rand, -2, 3);
}

/* All within some roundings of each other: which is the largest is a matter of these. */
static float
fill_near (GRand *rand, guint class G_GNUC_UNUSED, float other G_GNUC_UNUSED)
{
  return .3f + (float) g_rand_int_range (rand, 0, 4) * FLT_EPSILON / 4;
}

/* Three lines, each many times, give or take a rounding. */
static float
fill_copies (GRand *rand, guint class, float other)
{
  static const float at[] = { .9f, .7f, .1f };
  static const float ft[] = { .1f, .65f, .8f };
  float value = (other != 0 ? at : ft)[class % 3];
  return class % 11 < 6 ? value : value - (float) g_rand_int_range (rand, 0, 3) * 6e-8f;
}

/* They part from nearly one point at an end, which has far larger numbers than the other. */
static float
fill_fan (GRand *rand, guint class, float other)
{
  return other != 0 ? 900.f + (float) g_rand_int_range (rand, 0, 4) * 900 * FLT_EPSILON
                    : envelope_fill_random (rand, class, 0);
}

static float
fill_fan_back (GRand *rand, guint class, float other)
{
  return fill_fan (rand, class, other == 0);
}

float
envelope_fill_zero (GRand *rand, guint class G_GNUC_UNUSED, float other G_GNUC_UNUSED)
{
  return g_rand_boolean (rand) ? 0.f : -0.f;
}

static float
fill_large (GRand *rand, guint class G_GNUC_UNUSED, float other G_GNUC_UNUSED)
{
  return (float) g_rand_double_range (rand, -3e38, 3e38);
}

static float
fill_small (GRand *rand, guint class G_GNUC_UNUSED, float other G_GNUC_UNUSED)
{
  return (float) g_rand_double_range (rand, -1e-42, 1e-42);
}

/* Every one of them is the largest at some α. */
static float
fill_round (GRand *rand G_GNUC_UNUSED, guint class, float other)
{
  return other != 0 ? sqrtf (1 - other * other) : .999f * sinf (.01f * (float) (class + 1));
}

static float
fill_broken (GRand *rand, guint class, float other)
{
  static const float wrong[] = { NAN, INFINITY, -INFINITY };
  guint which = (guint) g_rand_int_range (rand, 0, 60);
  return which < G_N_ELEMENTS (wrong) ? wrong[which] : envelope_fill_random (rand, class, other);
}

/* A run that diverged: all that was learned is no number. */
static float
fill_diverged (GRand *rand, guint class, float other)
{
  return other != 0 ? NAN : envelope_fill_random (rand, class, other);
}

const Tables envelope_tables[ENVELOPE_TABLES] = {
  { "random", envelope_fill_random, 61, 300, TRUE, 8 },
  { "alike", fill_alike, 61, 300, TRUE, 6 },
  { "ties", fill_ties, 47, 40, TRUE, 0 },
  { "near", fill_near, 300, 37, TRUE, 0 },
  { "copies", fill_copies, 33, 90, TRUE, 0 },
  { "fan", fill_fan, 200, 40, TRUE, 0 },
  { "fan-back", fill_fan_back, 200, 40, TRUE, 0 },
  { "zero", envelope_fill_zero, 90, 30, TRUE, 0 },
  { "large", fill_large, 20, 50, TRUE, 0 }, /* some beyond what is looked at */
  { "small", fill_small, 40, 50, TRUE, 0 },
  { "round", fill_round, 6, 150, TRUE, 1 }, /* too many: none are kept */
  { "broken", fill_broken, 60, 50, FALSE, 0 },
  { "diverged", fill_diverged, 30, 20, FALSE, 0 },
  { "one-class", envelope_fill_random, 12, 1, TRUE, 1 },
  { "two-classes", envelope_fill_random, 700, 2, TRUE, 2 },
  { "one-picture", envelope_fill_random, 1, 70, TRUE, 0 },
  { "none", envelope_fill_random, 0, 5, TRUE, 0 },
};

FewSnapshot *
envelope_snapshot (const Tables *x)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autofree guint32 *labels = g_new (guint32, x->n + 1);
  g_autofree guint8 *roles = g_new (guint8, x->n + 1);
  for (guint i = 0; i < x->n; i++)
    {
      labels[i] = i * 7 % x->k;
      roles[i] = i % 3 ? FEW_ROLE_VALIDATION : FEW_ROLE_TEST;
    }
  FewSnapshot *s = few_snapshot_new (x->n, x->k, 8, labels, roles, NULL, NULL);
  g_assert_nonnull (s);
  for (guint i = 0; i < x->n * x->k; i++)
    {
      s->ft[i] = x->fill (rand, i % x->k, 0);
      s->at[i] = x->fill (rand, i % x->k, s->ft[i]);
    }
  for (guint i = 0; i < x->n; i++)
    {
      s->aa[i] = (float) g_rand_double_range (rand, .5, 2);
      s->ff[i] = (float) g_rand_double_range (rand, .5, 2);
      s->af[i] = .3f * sqrtf (s->aa[i] * s->ff[i]);
    }
  return s;
}
