/* SPDX-License-Identifier: MIT */
/* Seeded draws of pictures with any number of labels. */
#include <fewshot/several.h>
#include <fewshot/dataset.h>
#include "base/memory.h"
#include "base/random.h"
#include "base/words.h"
#include "task/stratify.h"
#include <string.h>

static const char WHAT[] = N_ ("a split of the pictures");
enum { LEAST_TO_TEST = 8 };

/* The pictures that take part come to these roles by these shares. */
static gboolean
share_out (const FewLabelSets *sets, guint n_labels, const guint8 *wanted, const double shares[3],
           guint64 seed, guint8 *roles, GError **error)
{
  static const FewRole order[] = { FEW_ROLE_TRAIN, FEW_ROLE_VALIDATION, FEW_ROLE_TEST };
  g_autofree guint32 *part = few_try_copy (NULL, sets->n, sizeof *part, WHAT, error);
  if (!part
      || !few_stratify (sets, n_labels, NULL, wanted, shares, G_N_ELEMENTS (order), seed, part,
                        error))
    return FALSE;
  for (guint i = 0; i < sets->n; i++)
    roles[i] = wanted && !wanted[i] ? FEW_ROLE_TEST : (guint8) order[part[i]];
  return TRUE;
}

/* ---- so many pictures a label */

typedef struct
{
  const FewLabelSets *sets;
  guint n_labels, shots;
  guint32 *order;   /* [n] pictures that may be taken, drawn */
  guint n;
  guint32 *left;    /* [n_labels] that may be taken, at first */
  guint32 *by_count; /* [n_labels] the rarest first */
  guint32 *taken;   /* [n_labels + 1] the last: pictures without a label */
  guint8 *picked;   /* [sets->n] */
  FewRoom room;
} Draw;

static void
pick (Draw *draw, guint picture)
{
  guint n;
  const guint32 *labels = few_label_sets_get (draw->sets, picture, &n);
  draw->picked[picture] = TRUE;
  for (guint l = 0; l < n; l++)
    draw->taken[labels[l]]++;
  draw->taken[draw->n_labels] += n == 0;
}

static int
compare_counts (gconstpointer a, gconstpointer b, gpointer user)
{
  const guint32 *left = user;
  guint32 x = *(const guint32 *) a;
  guint32 y = *(const guint32 *) b;
  if (left[x] != left[y])
    return left[x] < left[y] ? -1 : 1;
  return (x > y) - (x < y);
}

/* The rarest labels first: what is taken for them counts for the others. */
static void
pick_shots (Draw *draw)
{
  for (guint i = 0; i < draw->n_labels; i++)
    {
      guint32 label = draw->by_count[i];
      for (guint p = 0; p < draw->n && draw->taken[label] < draw->shots; p++)
        if (!draw->picked[draw->order[p]]
            && few_label_sets_hold (draw->sets, draw->order[p], label))
          pick (draw, draw->order[p]);
    }
  for (guint p = 0; p < draw->n && draw->taken[draw->n_labels] < draw->shots; p++)
    {
      guint n;
      few_label_sets_get (draw->sets, draw->order[p], &n);
      if (n == 0)
        pick (draw, draw->order[p]);
    }
}

/* Of the pictures that have one role, those that are not drawn get another. */
static gboolean
draw_shots (const FewLabelSets *sets, guint n_labels, guint shots, guint64 seed, FewRole rest,
            guint8 *roles, GError **error)
{
  guint n = sets->n;
  Draw draw = { .sets = sets, .n_labels = n_labels, .shots = shots };
  draw.order = few_room_new (&draw.room, guint32, n, 1);
  draw.left = few_room_new (&draw.room, guint32, n_labels, 1);
  draw.by_count = few_room_new (&draw.room, guint32, n_labels, 1);
  draw.taken = few_room_new (&draw.room, guint32, (gsize) n_labels + 1, 1);
  draw.picked = few_room_new (&draw.room, guint8, n, 1);
  gboolean ok = !few_room_is_short (&draw.room, WHAT, error);
  for (guint i = 0; ok && i < n; i++)
    {
      guint count;
      const guint32 *labels = few_label_sets_get (sets, i, &count);
      if (roles[i] != FEW_ROLE_TRAIN)
        continue;
      draw.order[draw.n++] = i;
      for (guint l = 0; l < count; l++)
        draw.left[labels[l]]++;
    }
  if (ok)
    {
      GRand *rand = few_rand_new (seed);
      few_shuffle (rand, draw.order, draw.n);
      g_rand_free (rand);
      for (guint l = 0; l < n_labels; l++)
        draw.by_count[l] = l;
      g_qsort_with_data (draw.by_count, (gint) n_labels, sizeof (guint32), compare_counts,
                         draw.left);
      pick_shots (&draw);
    }
  for (guint i = 0; ok && i < n; i++)
    if (roles[i] == FEW_ROLE_TRAIN && !draw.picked[i])
      roles[i] = (guint8) rest;
  few_room_clear (&draw.room);
  return ok;
}

/* ---- what is asked for */

gboolean
few_split_several (const FewLabelSets *sets, guint n_labels, const guint8 *pinned, guint shots,
                   FewShares shares, guint64 seed, guint8 *roles, GError **error)
{
  g_return_val_if_fail (sets != NULL && (sets->n == 0 || roles != NULL), FALSE);
  guint n_pinned = 0;
  g_autofree guint8 *wanted = few_try_bytes (sets->n, WHAT, error);
  if (!wanted)
    return FALSE;
  for (guint i = 0; i < sets->n; i++)
    {
      wanted[i] = !(pinned && pinned[i]);
      n_pinned += !wanted[i];
    }
  if (shots == 0)
    {
      gboolean tests = n_pinned == 0 && sets->n >= LEAST_TO_TEST;
      guint percent = shares.test > 0 ? shares.test : FEW_SHARE_USUAL;
      double test = tests ? percent / 100.0 : 0;
      double validation = MIN (shares.validation / 100.0, 1 - test);
      const double parts[] = { 1 - test - validation, validation, test };
      return share_out (sets, n_labels, wanted, parts, seed, roles, error);
    }
  g_autofree guint8 *drawn = few_try_bytes (sets->n, WHAT, error);
  if (!drawn)
    return FALSE;
  for (guint i = 0; i < sets->n; i++)
    drawn[i] = wanted[i] ? FEW_ROLE_TRAIN : FEW_ROLE_TEST;
  if (!draw_shots (sets, n_labels, shots, seed, FEW_ROLE_TEST, drawn, error))
    return FALSE;
  if (sets->n > 0)
    memcpy (roles, drawn, sets->n);
  return TRUE;
}

gboolean
few_hold_out_several (const FewLabelSets *sets, guint n_labels, guint64 seed, guint8 *roles,
                      GError **error)
{
  static const double halves[] = { 0.5, 0, 0.5 };
  g_return_val_if_fail (sets != NULL && (sets->n == 0 || roles != NULL), FALSE);
  return share_out (sets, n_labels, NULL, halves, seed, roles, error);
}

gboolean
few_shot_several (const FewLabelSets *sets, guint n_labels, guint shots, guint64 seed,
                  guint8 *roles, GError **error)
{
  g_return_val_if_fail (sets != NULL && (sets->n == 0 || roles != NULL), FALSE);
  return shots == 0 || draw_shots (sets, n_labels, shots, seed, FEW_ROLE_UNUSED, roles, error);
}
