/* SPDX-License-Identifier: MIT */
/* Seeded draws: what is learned from, chosen by and tested on. */
#include <fewshot/dataset.h>
#include "base/memory.h"
#include "base/random.h"
#include "base/words.h"
#include <math.h>
#include <string.h>

static const char WHAT[] = N_ ("a split of the pictures");

/* The pictures of every class, in their order, but pinned ones: those of class c lie from first[c]
 * to first[c + 1]. Found in one pass over all, whatever the number of classes. */
typedef struct
{
  guint32 *first;   /* [n_classes + 1] */
  guint32 *members; /* [n] */
  FewRoom room;
} Classes;

static void
classes_clear (Classes *classes)
{
  few_room_clear (&classes->room);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Classes, classes_clear)

/* pinned: NULL: none are */
static gboolean
has_place (const guint32 *labels, const guint8 *pinned, guint i, guint n_classes)
{
  return labels[i] < n_classes && !(pinned && pinned[i]);
}

/* FALSE with a sentence where memory is short. */
static gboolean
classes_init (Classes *classes, const guint32 *labels, const guint8 *pinned, guint n,
              guint n_classes, GError **error)
{
  classes->first = few_room_new (&classes->room, guint32, (gsize) n_classes + 1, 1);
  classes->members = few_room_new (&classes->room, guint32, n, 1);
  if (few_room_is_short (&classes->room, WHAT, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (has_place (labels, pinned, i, n_classes))
      classes->first[labels[i]]++;
  for (guint c = 1; c <= n_classes; c++) /* where each ends, for now */
    classes->first[c] += classes->first[c - 1];
  for (guint i = n; i-- > 0;)
    if (has_place (labels, pinned, i, n_classes))
      classes->members[--classes->first[labels[i]]] = i;
  return TRUE;
}

/* How many are of that class; the first of them. */
static guint
get_class (const Classes *classes, guint class, guint32 **members)
{
  *members = classes->members + classes->first[class];
  return classes->first[class + 1] - classes->first[class];
}

/* So, shuffled. */
static guint
draw_class (Classes *classes, guint class, GRand *rand, guint32 **members)
{
  guint count = get_class (classes, class, members);
  few_shuffle (rand, *members, count);
  return count;
}

/* Pinned pictures become test pictures; how many. */
static guint
pin_tests (const guint8 *pinned, guint n, guint8 *roles)
{
  guint count = 0;
  for (guint i = 0; pinned && i < n; i++)
    if (pinned[i])
      {
        roles[i] = FEW_ROLE_TEST;
        count++;
      }
  return count;
}

/* Of `count` pictures, where there are at least so many. */
static guint
take_share (guint count, guint percent, guint least)
{
  percent = percent > 0 ? percent : FEW_SHARE_USUAL;
  return count >= least ? MAX (1, (guint) ((guint64) count * percent / 100)) : 0;
}

typedef struct
{
  guint train, validation; /* the rest is for testing */
} Parts;

static Parts
part_class (guint count, guint shots, FewShares shares, gboolean given)
{
  enum { LEAST_TO_VALIDATE = 4, LEAST_TO_TEST = 8 };
  if (shots > 0)
    {
      guint train = MIN (shots, count);
      return (Parts) { train, MIN (MIN (shots, 4), count - train) };
    }
  guint test = given ? 0 : take_share (count, shares.test, LEAST_TO_TEST);
  test = MIN (test, count - MIN (count, 1));
  guint validation = take_share (count, shares.validation, LEAST_TO_VALIDATE);
  validation = MIN (validation, count - test - MIN (count - test, 1));
  return (Parts) { count - validation - test, validation };
}

gboolean
few_split_shares (const guint32 *labels, const guint8 *pinned, guint n, guint n_classes,
                  guint shots, FewShares shares, guint64 seed, guint8 *roles, GError **error)
{
  g_return_val_if_fail (n == 0 || (labels != NULL && roles != NULL), FALSE);
  g_return_val_if_fail (shares.test <= 100 && shares.validation <= 100, FALSE);
  g_auto (Classes) classes = { 0 };
  if (!classes_init (&classes, labels, pinned, n, n_classes, error))
    return FALSE;
  GRand *rand = few_rand_new (seed);
  gboolean given = pin_tests (pinned, n, roles) > 0;
  for (guint c = 0; c < n_classes; c++)
    {
      guint32 *members;
      guint count = draw_class (&classes, c, rand, &members);
      Parts parts = part_class (count, shots, shares, given);
      for (guint i = 0; i < count; i++)
        {
          FewRole held_out =
              i < parts.train + parts.validation ? FEW_ROLE_VALIDATION : FEW_ROLE_TEST;
          roles[members[i]] = i < parts.train ? FEW_ROLE_TRAIN : held_out;
        }
    }
  g_rand_free (rand);
  return TRUE;
}

gboolean
few_split (const guint32 *labels, const guint8 *pinned, guint n, guint n_classes, guint shots,
           guint64 seed, guint8 *roles, GError **error)
{
  const FewShares usual = { 0 };
  return few_split_shares (labels, pinned, n, n_classes, shots, usual, seed, roles, error);
}

gboolean
few_hold_out (const guint32 *labels, guint n, guint n_classes, guint64 seed, guint8 *roles,
              GError **error)
{
  g_return_val_if_fail (n == 0 || (labels != NULL && roles != NULL), FALSE);
  g_auto (Classes) classes = { 0 };
  if (!classes_init (&classes, labels, NULL, n, n_classes, error))
    return FALSE;
  GRand *rand = few_rand_new (seed);
  for (guint c = 0; c < n_classes; c++)
    {
      guint32 *members;
      guint count = draw_class (&classes, c, rand, &members);
      guint test = count > 1 ? MAX (1, count / 2) : 0;
      for (guint i = 0; i < count; i++)
        roles[members[i]] = i < test ? FEW_ROLE_TEST : FEW_ROLE_TRAIN;
    }
  g_rand_free (rand);
  return TRUE;
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

/* A draw's own arrays. */
typedef struct
{
  const guint32 *labels;
  guint n, n_classes;
  const Classes *classes;
  GRand *rand;
  guint8 *old;      /* [n] the roles before */
  guint32 *members; /* [n] of a class */
  guint32 *pool;    /* [n] */
  guint32 *picked;  /* [n] */
  guint8 *taken;    /* [n] zeroes between two samples */
  guint8 *seen;     /* [K] */
} Draw;

/* Python's Random.sample (members [n], k) → picked [k] */
static void
sample (Draw *draw, guint n, guint k)
{
  guint set_size = 21;
  if (k > 5)
    set_size += (guint) pow (4, ceil (log (k * 3) / log (4)));
  if (n <= set_size)
    {
      memcpy (draw->pool, draw->members, n * sizeof *draw->pool);
      for (guint i = 0; i < k; i++)
        {
          guint j = below (draw->rand, n - i);
          draw->picked[i] = draw->pool[j];
          draw->pool[j] = draw->pool[n - i - 1];
        }
      return;
    }
  for (guint i = 0; i < k; i++)
    {
      guint j;
      do
        j = below (draw->rand, n);
      while (draw->taken[j]);
      draw->taken[j] = TRUE;
      draw->picked[i] = draw->members[j];
      draw->pool[i] = j;
    }
  for (guint i = 0; i < k; i++)
    draw->taken[draw->pool[i]] = FALSE;
}

/* Those of a class whose old role is `from` and that are still unused → draw.members; how many. */
static guint
list_unused (Draw *draw, guint class, FewRole from, const guint8 *roles)
{
  guint32 *all;
  guint n = get_class (draw->classes, class, &all);
  guint count = 0;
  for (guint i = 0; i < n; i++)
    if (draw->old[all[i]] == from && roles[all[i]] == FEW_ROLE_UNUSED)
      draw->members[count++] = all[i];
  return count;
}

/* Gives `role` to at most `shots` pictures of each class whose old role is `from` and that are
 * still unused, classes in the order in which they first come. */
static void
take (Draw *draw, FewRole from, FewRole role, guint shots, guint8 *roles)
{
  memset (draw->seen, 0, draw->n_classes);
  for (guint first = 0; first < draw->n; first++)
    {
      guint class = draw->labels[first];
      if (draw->old[first] != from || draw->seen[class])
        continue;
      draw->seen[class] = TRUE;
      guint count = list_unused (draw, class, from, roles);
      if (count >= shots)
        sample (draw, count, shots);
      for (guint i = 0; i < MIN (shots, count); i++)
        roles[count >= shots ? draw->picked[i] : draw->members[i]] = role;
    }
}

gboolean
few_shot_split (const guint32 *labels, guint n, guint n_classes, guint shots, guint64 seed,
                guint8 *roles, GError **error)
{
  g_return_val_if_fail (n == 0 || (labels != NULL && roles != NULL), FALSE);
  g_auto (Classes) classes = { 0 };
  g_auto (FewRoom) room = { 0 };
  Draw draw = { .labels = labels,
                .n = n,
                .n_classes = n_classes,
                .classes = &classes,
                .old = few_room_new (&room, guint8, n, 1),
                .members = few_room_new (&room, guint32, n, 1),
                .pool = few_room_new (&room, guint32, n, 1),
                .picked = few_room_new (&room, guint32, n, 1),
                .taken = few_room_new (&room, guint8, n, 1),
                .seen = few_room_new (&room, guint8, n_classes, 1) };
  guint32 words[2] = { (guint32) seed, (guint32) (seed >> 32) };
  gboolean has_validation = FALSE;
  if (few_room_is_short (&room, WHAT, error)
      || !classes_init (&classes, labels, NULL, n, n_classes, error))
    return FALSE;
  draw.rand = g_rand_new_with_seed_array (words, words[1] ? 2 : 1);
  for (guint i = 0; i < n; i++)
    {
      draw.old[i] = roles[i];
      has_validation |= roles[i] == FEW_ROLE_VALIDATION;
      if (roles[i] != FEW_ROLE_TEST)
        roles[i] = FEW_ROLE_UNUSED;
    }
  take (&draw, FEW_ROLE_TRAIN, FEW_ROLE_TRAIN, shots, roles);
  take (&draw, has_validation ? FEW_ROLE_VALIDATION : FEW_ROLE_TRAIN, FEW_ROLE_VALIDATION,
        MIN (shots, 4), roles);
  g_rand_free (draw.rand);
  return TRUE;
}
