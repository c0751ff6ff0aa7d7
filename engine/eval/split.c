#include "../fewshot.h"

static GRand *
rand_of (guint64 seed)
{
  guint32 seeds[2] = { (guint32) seed, (guint32) (seed >> 32) };
  return g_rand_new_with_seed_array (seeds, 2);
}

/* The pictures of a class that have `role` (−1: any), shuffled; returns how many. */
static guint
members_of (const guint32 *labels, const guint8 *roles, guint n, guint class, int role, GRand *rand, guint32 *members)
{
  guint count = 0;
  for (guint i = 0; i < n; i++)
    if (labels[i] == class && (role < 0 || roles[i] == role))
      members[count++] = i;
  for (guint i = count; i > 1; i--)
    {
      guint j = (guint) g_rand_int_range (rand, 0, (gint32) i);
      guint32 swap = members[i - 1];
      members[i - 1] = members[j], members[j] = swap;
    }
  return count;
}

void
few_split (const guint32 *labels, guint n, guint n_classes, guint shots, guint64 seed, guint8 *roles)
{
  g_autofree guint32 *members = g_new (guint32, n);
  GRand *rand = rand_of (seed);
  for (guint c = 0; c < n_classes; c++)
    {
      guint count = members_of (labels, NULL, n, c, -1, rand, members), train, validation;
      if (shots > 0)
        {
          train = MIN (shots, count);
          validation = MIN (MIN (shots, 4), count - train);
        }
      else
        {
          validation = count >= 4 ? MAX (1, count / 5) : 0;
          train = count - validation - (count >= 8 ? MAX (1, count / 5) : 0);
        }
      for (guint i = 0; i < count; i++)
        roles[members[i]] = i < train ? FEW_ROLE_TRAIN : i < train + validation ? FEW_ROLE_VALIDATION : FEW_ROLE_TEST;
    }
  g_rand_free (rand);
}

void
few_hold_out (const guint32 *labels, guint n, guint n_classes, guint64 seed, guint8 *roles)
{
  g_autofree guint32 *members = g_new (guint32, n);
  GRand *rand = rand_of (seed);
  for (guint c = 0; c < n_classes; c++)
    {
      guint count = members_of (labels, NULL, n, c, -1, rand, members), test = count > 1 ? MAX (1, count / 2) : 0;
      for (guint i = 0; i < count; i++)
        roles[members[i]] = i < test ? FEW_ROLE_TEST : FEW_ROLE_TRAIN;
    }
  g_rand_free (rand);
}

void
few_shot_split (const guint32 *labels, guint n, guint n_classes, guint shots, guint64 seed, guint8 *roles)
{
  g_autofree guint32 *members = g_new (guint32, n);
  g_autofree guint8 *old = g_memdup2 (roles, n);
  GRand *rand = rand_of (seed);
  gboolean has_validation = FALSE;
  for (guint i = 0; i < n; i++)
    {
      has_validation |= old[i] == FEW_ROLE_VALIDATION;
      if (old[i] != FEW_ROLE_TEST)
        roles[i] = FEW_ROLE_UNUSED;
    }
  for (guint c = 0; c < n_classes; c++)
    {
      guint count = members_of (labels, old, n, c, FEW_ROLE_TRAIN, rand, members), train = MIN (shots, count), at = train;
      for (guint i = 0; i < train; i++)
        roles[members[i]] = FEW_ROLE_TRAIN;
      if (has_validation)
        count = members_of (labels, old, n, c, FEW_ROLE_VALIDATION, rand, members), at = 0;
      for (guint i = 0; i < MIN (MIN (shots, 4), count - at); i++)
        roles[members[at + i]] = FEW_ROLE_VALIDATION;
    }
  g_rand_free (rand);
}
