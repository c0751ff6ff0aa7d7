/* SPDX-License-Identifier: MIT */
/* The nearest by blocks of products: those of a block of rows with all rows from its first on, each
 * of which tells both its row and its column. */
#include "lens/near.h"
#include "base/memory.h"
#include "base/words.h"
#include <math.h>
#include <string.h>

enum { ROWS = 256, COLUMNS = 512, MOST_HALVINGS = 64 };
static const double ENTROPY_ERROR = 1e-5; /* nats */
static const char WHAT[] = N_ ("the map");

typedef struct
{
  FewNeighbours *near;
  guint first, m; /* the block */
  const float *products; /* [m, n − first] */
} Block;

/* Row i of the graph is a heap whose root is the least near. */
static void
replace_least (const FewNeighbours *near, guint i, guint32 other, float cosine)
{
  guint k = near->k;
  guint32 *index = near->index + (gsize) i * k;
  float *value = near->cosine + (gsize) i * k;
  guint at = 0;
  for (guint child = 1; child < k; child = 2 * at + 1)
    {
      if (child + 1 < k && value[child + 1] < value[child])
        child++;
      if (value[child] >= cosine)
        break;
      value[at] = value[child];
      index[at] = index[child];
      at = child;
    }
  value[at] = cosine;
  index[at] = other;
}

static void
take_row_cb (gpointer user, guint row, guint thread G_GNUC_UNUSED)
{
  const Block *b = user;
  const FewNeighbours *near = b->near;
  const float *products = b->products + (gsize) row * (near->n - b->first);
  guint i = b->first + row;
  const float *least = near->cosine + (gsize) i * near->k;
  for (guint j = b->first; j < near->n; j++)
    if (products[j - b->first] > *least && j != i)
      replace_least (near, i, j, products[j - b->first]);
}

/* What the block says of the rows behind it. */
static void
take_columns_cb (gpointer user, guint chunk, guint thread G_GNUC_UNUSED)
{
  const Block *b = user;
  const FewNeighbours *near = b->near;
  guint from = b->first + b->m + chunk * COLUMNS;
  guint to = MIN (from + COLUMNS, near->n);
  for (guint row = 0; row < b->m; row++)
    {
      const float *products = b->products + (gsize) row * (near->n - b->first);
      for (guint j = from; j < to; j++)
        if (products[j - b->first] > near->cosine[(gsize) j * near->k])
          replace_least (near, j, b->first + row, products[j - b->first]);
    }
}

static gboolean
take_block (FewPool *pool, const FewBackend *cpu, const float *x, guint d, Block *block,
            GError **error)
{
  guint n = block->near->n;
  guint behind = n - block->first - block->m;
  const float *from = x + (gsize) block->first * d;
  float *products = (float *) block->products;
  cpu->ops->gemm (cpu->stream, FALSE, TRUE, block->m, n - block->first, d, 1, from, d, from, d, 0,
                  products, n - block->first);
  if (!cpu->ops->check (cpu->stream, error))
    return FALSE;
  few_pool_run (pool, block->m, take_row_cb, block);
  few_pool_run (pool, (behind + COLUMNS - 1) / COLUMNS, take_columns_cb, block);
  return TRUE;
}

gboolean
few_near_find (FewPool *pool, const FewBackend *cpu, const float *x, guint n, guint d, guint k,
               FewNeighbours *near, GCancellable *cancellable, GError **error)
{
  g_autofree float *products = few_try_floats (MIN (n, ROWS), n, WHAT, error);
  *near = (FewNeighbours) { .n = n, .k = k };
  near->cosine = products ? few_try_floats (n, k, WHAT, error) : NULL;
  near->index =
      near->cosine ? few_try_copy (NULL, (gsize) n * k, sizeof (guint32), WHAT, error) : NULL;
  if (!near->index)
    return FALSE;
  for (gsize i = 0; i < (gsize) n * k; i++)
    near->cosine[i] = -INFINITY;
  memset (near->index, 0, (gsize) n * k * sizeof *near->index);
  for (guint first = 0; first < n; first += ROWS)
    {
      Block block = { near, first, MIN (ROWS, n - first), products };
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !take_block (pool, cpu, x, d, &block, error))
        return FALSE;
    }
  return TRUE;
}

void
few_near_clear (FewNeighbours *near)
{
  g_clear_pointer (&near->index, g_free);
  g_clear_pointer (&near->cosine, g_free);
}

/* ---- affinities */

typedef struct
{
  const FewNeighbours *near;
  double entropy;
  float *p; /* [n, k] of each given the row */
} Search;

/* p [k] = softmax of −beta·(distance − the least); its entropy */
static double
spread (const double *distances, double least, guint k, double beta, double *p)
{
  double total = 0;
  double mean = 0;
  for (guint j = 0; j < k; j++)
    {
      p[j] = exp (-beta * (distances[j] - least));
      total += p[j];
      mean += (distances[j] - least) * p[j];
    }
  for (guint j = 0; j < k; j++)
    p[j] /= total;
  return log (total) + beta * mean / total;
}

static void
find_spread_cb (gpointer user, guint i, guint thread G_GNUC_UNUSED)
{
  const Search *s = user;
  guint k = s->near->k;
  const float *cosine = s->near->cosine + (gsize) i * k;
  g_autofree double *distances = g_new (double, 2 * (gsize) k); /* squared; then p */
  double least = INFINITY;
  double beta = 1;
  double low = 0;
  double high = INFINITY;
  for (guint j = 0; j < k; j++)
    {
      distances[j] = MAX (2 - 2 * (double) cosine[j], 0);
      least = MIN (least, distances[j]);
    }
  for (guint round = 0; round < MOST_HALVINGS; round++)
    {
      double over = spread (distances, least, k, beta, distances + k) - s->entropy;
      if (fabs (over) <= ENTROPY_ERROR)
        break;
      if (over > 0)
        low = beta;
      else
        high = beta;
      beta = isinf (high) ? 2 * beta : (low + high) / 2;
    }
  for (guint j = 0; j < k; j++)
    s->p[(gsize) i * k + j] = (float) distances[k + j];
}

/* Adds what i and its neighbours say of each other to the rows of both; at [n]: the ends so far. */
static void
join_both (const FewNeighbours *near, const float *p, FewAffinities *to, guint *at)
{
  for (guint i = 0; i < near->n; i++)
    for (guint e = i * near->k; e < (i + 1) * near->k; e++)
      {
        guint j = near->index[e];
        to->index[at[i]] = j;
        to->p[at[i]++] = p[e] / (2 * (float) near->n);
        to->index[at[j]] = i;
        to->p[at[j]++] = p[e] / (2 * (float) near->n);
      }
}

/* Two entries of a row for one other become one. where [n]: any numbers. */
static void
merge_twins (FewAffinities *a, guint *where)
{
  guint end = 0;
  memset (where, 0xff, a->n * sizeof *where);
  for (guint i = 0; i < a->n; i++)
    {
      guint begin = a->start[i];
      a->start[i] = end;
      for (guint e = begin; e < a->start[i + 1]; e++)
        {
          guint j = a->index[e];
          gboolean known = where[j] != G_MAXUINT && where[j] >= a->start[i];
          guint to = known ? where[j] : end++;
          a->p[to] = known ? a->p[to] + a->p[e] : a->p[e];
          a->index[to] = j;
          where[j] = to;
        }
    }
  a->start[a->n] = end;
}

gboolean
few_affinities_find (FewPool *pool, const FewNeighbours *near, double perplexity,
                     FewAffinities *affinities, GError **error)
{
  guint n = near->n;
  gsize edges = (gsize) n * near->k;
  Search search = { near, log (perplexity), NULL };
  g_autofree float *p = few_try_floats (n, near->k, WHAT, error);
  g_autofree guint *at = p ? few_try_copy (NULL, n, sizeof (guint), WHAT, error) : NULL;
  *affinities = (FewAffinities) { .n = n };
  affinities->start = at ? few_try_bytes ((n + 1) * sizeof (guint), WHAT, error) : NULL;
  affinities->index =
      affinities->start ? few_try_copy (NULL, 2 * edges, sizeof (guint32), WHAT, error) : NULL;
  affinities->p = affinities->index ? few_try_floats (2, edges, WHAT, error) : NULL;
  if (!affinities->p)
    return FALSE;
  search.p = p;
  few_pool_run (pool, n, find_spread_cb, &search);
  guint *start = affinities->start;
  for (guint i = 0; i <= n; i++)
    start[i] = i > 0 ? near->k : 0;
  for (gsize e = 0; e < edges; e++)
    start[near->index[e] + 1]++;
  for (guint i = 0; i < n; i++)
    start[i + 1] += start[i];
  memcpy (at, start, n * sizeof *at);
  join_both (near, p, affinities, at);
  merge_twins (affinities, at);
  return TRUE;
}

void
few_affinities_clear (FewAffinities *affinities)
{
  g_clear_pointer (&affinities->start, g_free);
  g_clear_pointer (&affinities->index, g_free);
  g_clear_pointer (&affinities->p, g_free);
}
