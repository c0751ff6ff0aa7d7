/* SPDX-License-Identifier: MIT */
/* k-means: seeding by squared distance, then Lloyd's steps by matrix products. */
#include "adapt/clusters.h"
#include "backend/dense.h"
#include "base/memory.h"
#include "base/random.h"
#include <math.h>
#include <string.h>

enum { MOST_STEPS = 30, ROWS = 256 };

typedef struct
{
  const double *x;
  guint n, d, k;
  FewDense *dense;
  double *centres;  /* [K, D] */
  double *squares;  /* [K] |centre|² */
  double *products; /* [ROWS, K] */
  double *nearest;  /* [n] squared distance to the nearest centre, of seeding */
  guint *counts;    /* [K] */
  guint32 *cluster; /* [n] */
} Search;

static double
square_distance (const double *a, const double *b, guint d)
{
  double sum = 0;
  for (guint j = 0; j < d; j++)
    sum += (a[j] - b[j]) * (a[j] - b[j]);
  return sum;
}

/* The row at which the running sum of squared distances passes a share of the whole. */
static guint
draw_row (const Search *s, double share)
{
  double total = 0;
  for (guint i = 0; i < s->n; i++)
    total += s->nearest[i];
  double left = share * total;
  for (guint i = 0; i < s->n; i++)
    {
      left -= s->nearest[i];
      if (left < 0 && s->nearest[i] > 0)
        return i;
    }
  return 0;
}

/* 0 … 1 */
static double
draw_share (guint64 *state)
{
  return (double) (few_splitmix (state) >> 11) * 0x1p-53;
}

static void
seed_centres (Search *s, guint64 seed)
{
  guint64 state = seed;
  for (guint i = 0; i < s->n; i++)
    s->nearest[i] = INFINITY;
  guint row = (guint) (draw_share (&state) * s->n);
  for (guint c = 0; c < s->k; c++)
    {
      double *centre = s->centres + (gsize) c * s->d;
      memcpy (centre, s->x + (gsize) row * s->d, s->d * sizeof *centre);
      for (guint i = 0; i < s->n; i++)
        s->nearest[i] =
            MIN (s->nearest[i], square_distance (s->x + (gsize) i * s->d, centre, s->d));
      row = draw_row (s, draw_share (&state));
    }
}

/* Each row to its nearest centre; whether one moved. */
static gboolean
assign_rows (Search *s)
{
  gboolean moved = FALSE;
  for (guint c = 0; c < s->k; c++)
    {
      const double *centre = s->centres + (gsize) c * s->d;
      s->squares[c] = 0;
      for (guint j = 0; j < s->d; j++)
        s->squares[c] += centre[j] * centre[j];
    }
  for (guint first = 0; first < s->n; first += ROWS)
    {
      guint m = MIN (ROWS, s->n - first);
      FewDenseProduct product = { .m = m,
                                  .n = s->k,
                                  .k = s->d,
                                  .scale = 1,
                                  .a = s->x + (gsize) first * s->d,
                                  .lda = s->d,
                                  .b = s->centres,
                                  .ldb = s->d,
                                  .transpose_b = TRUE,
                                  .c = s->products,
                                  .ldc = s->k };
      few_dense_product (s->dense, &product);
      for (guint i = 0; i < m; i++)
        {
          const double *row = s->products + (gsize) i * s->k;
          guint best = 0;
          for (guint c = 1; c < s->k; c++)
            if (s->squares[c] - 2 * row[c] < s->squares[best] - 2 * row[best])
              best = c;
          moved |= s->cluster[first + i] != best;
          s->cluster[first + i] = best;
        }
    }
  return moved;
}

/* Means; a centre that lost all its rows stays where it is. */
static void
move_centres (Search *s)
{
  memset (s->counts, 0, s->k * sizeof *s->counts);
  for (guint i = 0; i < s->n; i++)
    s->counts[s->cluster[i]]++;
  for (guint c = 0; c < s->k; c++)
    if (s->counts[c] > 0)
      memset (s->centres + (gsize) c * s->d, 0, s->d * sizeof *s->centres);
  for (guint i = 0; i < s->n; i++)
    {
      double *centre = s->centres + (gsize) s->cluster[i] * s->d;
      for (guint j = 0; j < s->d; j++)
        centre[j] += s->x[(gsize) i * s->d + j] / s->counts[s->cluster[i]];
    }
}

gboolean
few_clusters_find (const double *x, guint n, guint d, guint k, guint64 seed,
                   GCancellable *cancellable, guint32 *cluster, GError **error)
{
  g_assert (k > 0 && k <= n);
  g_autoptr (FewDense) dense = few_dense_new (error);
  g_auto (FewRoom) room = { 0 };
  Search s = { .x = x, .n = n, .d = d, .k = k, .dense = dense, .cluster = cluster };
  s.centres = few_room_new (&room, double, k, d);
  s.squares = few_room_new (&room, double, k, 1);
  s.products = few_room_new (&room, double, ROWS, k);
  s.nearest = few_room_new (&room, double, n, 1);
  s.counts = few_room_new (&room, guint, k, 1);
  if (!dense || few_room_is_short (&room, "clusters of so many pictures", error))
    return FALSE;
  seed_centres (&s, seed);
  memset (cluster, 0xff, n * sizeof *cluster);
  for (guint step = 0; step < MOST_STEPS && assign_rows (&s); step++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      move_centres (&s);
    }
  return TRUE;
}
