/* SPDX-License-Identifier: MIT */
/* Near-duplicates by features: pairs whose squared distance is small beside what a picture usually
 * has to its nearest other one. Two passes over all pairs, each by blocks of rows and columns on
 * the threads: memory stays that of the features. A picture that was saved again may be farther
 * from itself than another is (a small model's features see what JPEG does): pairs that are merely
 * near are looked at as pictures. */
#include <fewshot/groups.h>
#include "adapt/automatic.h"
#include <fewshot/crop.h>
#include "base/words.h"
#include "image/look-alike.h"
#include "task/union.h"
#include <math.h>
#include <string.h>

enum { ROWS = 64, COLUMNS = 512 };
static const double CERTAIN = 1e-6; /* equal but for rounding */
/* Where most pictures have a twin, a picture's usual distance to its nearest is a twin's, and says
 * nothing: this share of the median squared distance of any two pictures counts, too. */
static const double TWIN = 0.003;
static const double TWIN_FLOOR = 0.0003;
/* Merely near, of the same two. */
static const double NEAR = 0.3;
static const double NEAR_FLOOR = 0.05;
enum { SAMPLED = 2048 };
enum { MOST_LOOKS = 16 }; /* a picture, in the mean */
enum { BUDGET = 512 << 20 }; /* bytes of pictures that are looked at, on all threads */
static const char WHAT[] = N_ ("comparing so many pictures");

typedef struct
{
  guint32 one, other;
} Pair;

typedef struct
{
  const double *x;     /* [n, D] unit rows */
  guint n, d;
  FewDense **dense;    /* one a thread */
  double **products;   /* [ROWS, COLUMNS] a thread */
  double *nearest;     /* [n] squared distance to the nearest other */
  double limit;
  double floor;        /* share of the usual distance between any two */
  const guint32 *files; /* [n] which parts are of one file; NULL: there are none */
  const char *const *paths; /* [n]; NULL: pictures are not looked at */
  double near;         /* what is nearer is looked at */
  GArray *pairs;       /* Pair: to be looked at */
  FewPrint **prints;   /* [n] of the pictures in them; NULL: not read */
  guint32 *read;       /* the pictures in them */
  FewDecodeBudget *budget;
  guint32 *parent;
  GMutex lock;         /* of parent and pairs */
  GCancellable *cancellable;
} Search;

/* Parts of one file are none of one another, however they overlap. */
static gboolean
can_be_twins (const Search *search, guint i, guint j)
{
  return i != j && !(search->files && search->files[i] == search->files[j]);
}

/* The products of rows first … first + m with columns at … at + n */
static const double *
multiply_block (const Search *search, guint thread, guint first, guint m, guint at, guint n)
{
  gsize d = search->d;
  double *products = search->products[thread];
  FewDenseProduct product = { .m = m,
                              .n = n,
                              .k = search->d,
                              .scale = 1,
                              .a = search->x + first * d,
                              .lda = d,
                              .b = search->x + at * d,
                              .ldb = d,
                              .transpose_b = TRUE,
                              .c = products,
                              .ldc = COLUMNS };
  few_dense_product (search->dense[thread], &product);
  return products;
}

static void
find_nearest_cb (gpointer user, guint index, guint thread)
{
  Search *search = user;
  guint first = index * ROWS;
  guint m = MIN (ROWS, search->n - first);
  for (guint i = first; i < first + m; i++)
    search->nearest[i] = INFINITY;
  if (g_cancellable_is_cancelled (search->cancellable))
    return;
  for (guint at = 0; at < search->n; at += COLUMNS)
    {
      guint n = MIN (COLUMNS, search->n - at);
      const double *products = multiply_block (search, thread, first, m, at, n);
      for (guint i = 0; i < m; i++)
        for (guint j = 0; j < n; j++)
          if (can_be_twins (search, at + j, first + i))
            search->nearest[first + i] =
                MIN (search->nearest[first + i], 2 - 2 * products[(gsize) i * COLUMNS + j]);
    }
}

static void
take_pair (Search *search, guint32 i, guint32 j, double distance)
{
  const Pair pair = { i, j };
  if (distance <= search->limit)
    few_union (search->parent, i, j);
  else if (distance <= search->near && search->pairs->len < (guint64) MOST_LOOKS * search->n)
    g_array_append_val (search->pairs, pair);
}

static void
unite_cb (gpointer user, guint index, guint thread)
{
  Search *search = user;
  guint first = index * ROWS;
  guint m = MIN (ROWS, search->n - first);
  if (g_cancellable_is_cancelled (search->cancellable))
    return;
  for (guint at = first / COLUMNS * COLUMNS; at < search->n; at += COLUMNS)
    {
      guint n = MIN (COLUMNS, search->n - at);
      const double *products = multiply_block (search, thread, first, m, at, n);
      g_mutex_lock (&search->lock);
      for (guint i = 0; i < m; i++)
        for (guint j = 0; j < n; j++)
          if (at + j > first + i && can_be_twins (search, at + j, first + i))
            take_pair (search, first + i, at + j, 2 - 2 * products[(gsize) i * COLUMNS + j]);
      g_mutex_unlock (&search->lock);
    }
}

/* ---- pictures that are looked at */

static void
read_print_cb (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  Search *search = user;
  guint32 i = search->read[index];
  FewPrint *print = search->prints[i];
  if (g_cancellable_is_cancelled (search->cancellable) || !search->paths[i]
      || !few_print_read (search->paths[i], search->budget, print))
    print->contrast = 0; /* alike to nothing */
}

/* FALSE: there is no memory. */
static gboolean
read_prints (Search *search, FewPool *pool, FewRoom *room)
{
  guint n = 0;
  search->prints = few_room_new (room, FewPrint *, search->n, 1);
  search->read = few_room_new (room, guint32, search->n, 1);
  for (guint i = 0; search->prints && search->read && i < search->pairs->len; i++)
    {
      const Pair *pair = &g_array_index (search->pairs, Pair, i);
      const guint32 both[] = { pair->one, pair->other };
      for (guint j = 0; j < 2; j++)
        if (!search->prints[both[j]])
          {
            search->prints[both[j]] = few_room_new (room, FewPrint, 1, 1);
            search->read[n++] = both[j];
          }
    }
  if (few_room_is_short (room, WHAT, NULL))
    return FALSE;
  search->budget = few_decode_budget_new (BUDGET);
  few_pool_run (pool, n, read_print_cb, search);
  few_decode_budget_unref (search->budget);
  return TRUE;
}

static gboolean
look_at_pairs (Search *search, FewPool *pool, GError **error)
{
  g_auto (FewRoom) room = { 0 };
  if (search->pairs->len == 0)
    return TRUE;
  if (!read_prints (search, pool, &room))
    return few_room_is_short (&room, WHAT, error) && FALSE;
  for (guint i = 0; i < search->pairs->len; i++)
    {
      const Pair *pair = &g_array_index (search->pairs, Pair, i);
      if (few_print_is_alike (search->prints[pair->one], search->prints[pair->other]))
        few_union (search->parent, pair->one, pair->other);
    }
  return TRUE;
}

/* ---- the search */

/* sorted [n] is written to */
static double
median (const double *values, guint n, double *sorted)
{
  memcpy (sorted, values, n * sizeof (double));
  qsort (sorted, n, sizeof (double), few_automatic_compare);
  return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* The median squared distance of pairs that are spread over all */
static double
measure_usual (const Search *search)
{
  double distances[SAMPLED];
  guint n = 0;
  if (search->n < 2)
    return 0;
  for (guint i = 0; i < SAMPLED; i++)
    {
      gsize one = (i * (guint64) 40503) % search->n;
      gsize other = (one + 1 + (i * (guint64) 9973) % (search->n - 1)) % search->n;
      const double *x = search->x + one * search->d;
      const double *y = search->x + other * search->d;
      double product = 0;
      for (guint j = 0; j < search->d; j++)
        product += x[j] * y[j];
      distances[n++] = 2 - 2 * product;
    }
  qsort (distances, n, sizeof *distances, few_automatic_compare);
  return distances[n / 2];
}

static gboolean
unite_pairs (Search *search, FewPool *pool, double factor, double *sorted, GError **error)
{
  guint pieces = (search->n + ROWS - 1) / ROWS;
  g_mutex_init (&search->lock);
  few_pool_run (pool, pieces, find_nearest_cb, search);
  double nearest = median (search->nearest, search->n, sorted);
  double usual = measure_usual (search);
  search->limit = MAX (MAX (factor * nearest, search->floor * usual), CERTAIN);
  search->near = search->paths ? MAX (NEAR * nearest, NEAR_FLOOR * usual) : 0;
  search->pairs = g_array_new (FALSE, FALSE, sizeof (Pair));
  few_pool_run (pool, pieces, unite_cb, search);
  g_mutex_clear (&search->lock);
  gboolean ok = look_at_pairs (search, pool, error);
  g_array_unref (search->pairs);
  return ok;
}

static gboolean
run (Search *search, double factor, guint threads, GError **error)
{
  FewPool *pool = few_pool_new (threads);
  g_auto (FewRoom) room = { 0 };
  double *sorted = few_room_new (&room, double, search->n, 1);
  threads = few_pool_threads (pool);
  search->dense = few_dense_new_each (pool, error);
  search->products = g_new (double *, threads);
  for (guint i = 0; i < threads; i++)
    search->products[i] = few_room_new (&room, double, ROWS, COLUMNS);
  gboolean ok = search->dense && !few_room_is_short (&room, WHAT, error);
  ok = ok && unite_pairs (search, pool, factor, sorted, error);
  few_dense_free_each (search->dense);
  g_free (search->products);
  few_pool_free (pool);
  return ok;
}

/* files [n]: the place of the first part of the same file. FALSE: none of them is a part. */
static gboolean
number_files (const char *const *paths, guint n, guint32 *files)
{
  g_autoptr (GHashTable) first = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean parts = FALSE;
  for (guint i = 0; i < n && files; i++)
    {
      gpointer at = NULL;
      g_autofree char *path = paths[i] ? few_address_split (paths[i], NULL) : NULL;
      parts |= path && few_address_has_crop (paths[i]);
      if (path && g_hash_table_lookup_extended (first, path, NULL, &at))
        files[i] = GPOINTER_TO_UINT (at);
      else
        files[i] = i;
      if (path && files[i] == i)
        g_hash_table_insert (first, g_steal_pointer (&path), GUINT_TO_POINTER (i));
    }
  return parts;
}

/* look: at pictures that are near. */
static gboolean
find_groups (const float *features, guint n, guint dim, double factor, double floor,
             const char *const *paths, gboolean look, guint threads, GCancellable *cancellable,
             guint32 *groups, GError **error)
{
  g_return_val_if_fail (dim > 0 && factor >= 0, FALSE);
  g_auto (FewRoom) room = { 0 };
  guint32 *files = paths ? few_room_new (&room, guint32, n, 1) : NULL;
  double *x = few_room_new (&room, double, n, dim);
  double *nearest = few_room_new (&room, double, n, 1);
  if (few_room_is_short (&room, WHAT, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      groups[i] = i;
      few_automatic_unit (features + (gsize) i * dim, dim, x + (gsize) i * dim);
    }
  Search search = { .x = x,
                    .n = n,
                    .d = dim,
                    .nearest = nearest,
                    .parent = groups,
                    .floor = floor,
                    .paths = look ? paths : NULL,
                    .cancellable = cancellable };
  if (paths && number_files (paths, n, files))
    search.files = files;
  if (n > 1 && !run (&search, factor, threads, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    groups[i] = few_union_root (groups, i);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

gboolean
few_near_duplicates (const float *features, guint n, guint dim, double factor, guint threads,
                     GCancellable *cancellable, guint32 *groups, GError **error)
{
  return find_groups (features, n, dim, factor, 0, NULL, FALSE, threads, cancellable, groups,
                      error);
}

gboolean
few_near_duplicates_apart (const float *features, guint n, guint dim, double factor,
                           const char *const *paths, guint threads, GCancellable *cancellable,
                           guint32 *groups, GError **error)
{
  g_return_val_if_fail (n == 0 || paths != NULL, FALSE);
  return find_groups (features, n, dim, factor, 0, paths, FALSE, threads, cancellable, groups,
                      error);
}

gboolean
few_twins (const float *features, guint n, guint dim, const char *const *paths, guint threads,
           GCancellable *cancellable, guint32 *groups, GError **error)
{
  return find_groups (features, n, dim, TWIN, TWIN_FLOOR, paths, paths != NULL, threads,
                      cancellable, groups, error);
}
