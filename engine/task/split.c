/* SPDX-License-Identifier: MIT */
/* Seeded draws: what is learned from, chosen by and tested on. */
#include <fewshot/dataset.h>
#include "base/random.h"
#include <math.h>

/* The pictures of a class, shuffled; returns how many. */
static guint
members_of (const guint32 *labels, guint n, guint class, GRand *rand, guint32 *members)
{
  guint count = 0;
  for (guint i = 0; i < n; i++)
    if (labels[i] == class)
      members[count++] = i;
  few_shuffle (rand, members, count);
  return count;
}

void
few_split (const guint32 *labels, guint n, guint n_classes, guint shots, guint64 seed,
           guint8 *roles)
{
  g_return_if_fail (n == 0 || (labels != NULL && roles != NULL));
  g_autofree guint32 *members = g_new (guint32, n);
  GRand *rand = few_rand_new (seed);
  for (guint c = 0; c < n_classes; c++)
    {
      guint count = members_of (labels, n, c, rand, members);
      guint train, validation;
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
        {
          FewRole held_out = i < train + validation ? FEW_ROLE_VALIDATION : FEW_ROLE_TEST;
          roles[members[i]] = i < train ? FEW_ROLE_TRAIN : held_out;
        }
    }
  g_rand_free (rand);
}

void
few_hold_out (const guint32 *labels, guint n, guint n_classes, guint64 seed, guint8 *roles)
{
  g_return_if_fail (n == 0 || (labels != NULL && roles != NULL));
  g_autofree guint32 *members = g_new (guint32, n);
  GRand *rand = few_rand_new (seed);
  for (guint c = 0; c < n_classes; c++)
    {
      guint count = members_of (labels, n, c, rand, members);
      guint test = count > 1 ? MAX (1, count / 2) : 0;
      for (guint i = 0; i < count; i++)
        roles[members[i]] = i < test ? FEW_ROLE_TEST : FEW_ROLE_TRAIN;
    }
  g_rand_free (rand);
}

/* ---- CoOp's draws: Dassl samples each class with Python's random.sample, seeded once, training
 * pictures before validation ones. With the same generator (MT19937) and the same steps the
 * shots are those of the published code, picture for picture. */

/* Python's Random._randbelow, n > 0 */
static guint
below (GRand *rand, guint n)
{
  guint bits = g_bit_storage (n);
  guint value;
  do
    value = g_rand_int (rand) >> (32 - bits);
  while (value >= n);
  return value;
}

/* Python's Random.sample (members [n], k) → picked [k] */
static void
sample (GRand *rand, const guint32 *members, guint n, guint k, guint32 *picked)
{
  guint set_size = 21;
  if (k > 5)
    set_size += (guint) pow (4, ceil (log (k * 3) / log (4)));
  if (n <= set_size)
    {
      g_autofree guint32 *pool = g_memdup2 (members, n * sizeof *members);
      for (guint i = 0; i < k; i++)
        {
          guint j = below (rand, n - i);
          picked[i] = pool[j];
          pool[j] = pool[n - i - 1];
        }
      return;
    }
  g_autoptr (GHashTable) taken = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < k; i++)
    {
      guint j;
      do
        j = below (rand, n);
      while (!g_hash_table_add (taken, GUINT_TO_POINTER (j + 1)));
      picked[i] = members[j];
    }
}

/* Gives `role` to at most `shots` pictures of each class whose old role is `from` and that are
 * still unused, classes in the order in which they first come. */
static void
take (GRand *rand, const guint32 *labels, const guint8 *old, guint n, guint n_classes, FewRole from,
      FewRole role, guint shots, guint8 *roles)
{
  g_autofree guint32 *members = g_new (guint32, n + 1);
  g_autofree guint32 *picked = g_new (guint32, MIN (shots, n) + 1);
  g_autofree guint8 *seen = g_new0 (guint8, n_classes + 1);
  for (guint first = 0; first < n; first++)
    {
      guint class = labels[first];
      guint count = 0;
      if (old[first] != from || seen[class])
        continue;
      seen[class] = TRUE;
      for (guint i = first; i < n; i++)
        if (old[i] == from && labels[i] == class && roles[i] == FEW_ROLE_UNUSED)
          members[count++] = i;
      if (count >= shots)
        sample (rand, members, count, shots, picked);
      for (guint i = 0; i < MIN (shots, count); i++)
        roles[count >= shots ? picked[i] : members[i]] = role;
    }
}

void
few_shot_split (const guint32 *labels, guint n, guint n_classes, guint shots, guint64 seed,
                guint8 *roles)
{
  g_return_if_fail (n == 0 || (labels != NULL && roles != NULL));
  g_autofree guint8 *old = g_memdup2 (roles, n);
  guint32 words[2] = { (guint32) seed, (guint32) (seed >> 32) };
  GRand *rand = g_rand_new_with_seed_array (words, words[1] ? 2 : 1);
  gboolean has_validation = FALSE;
  for (guint i = 0; i < n; i++)
    {
      has_validation |= old[i] == FEW_ROLE_VALIDATION;
      if (old[i] != FEW_ROLE_TEST)
        roles[i] = FEW_ROLE_UNUSED;
    }
  take (rand, labels, old, n, n_classes, FEW_ROLE_TRAIN, FEW_ROLE_TRAIN, shots, roles);
  take (rand, labels, old, n, n_classes, has_validation ? FEW_ROLE_VALIDATION : FEW_ROLE_TRAIN,
        FEW_ROLE_VALIDATION, MIN (shots, 4), roles);
  g_rand_free (rand);
}
