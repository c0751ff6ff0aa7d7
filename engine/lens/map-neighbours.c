/* SPDX-License-Identifier: MIT */
/* A map by t-SNE that follows α: layouts at some α, each of which begins where the one before it
 * ended, from the plane of most variance at α = 0. What is drawn between two is on the straight way
 * from one to the other. */
#include "base/memory.h"
#include "base/words.h"
#include "lens/axes.h"
#include "lens/map.h"
#include "lens/tsne.h"
#include <math.h>
#include <string.h>

enum { AXES = FEW_MAP_AXES, FRAMES = 5 };
/* Classes of a few-shot task have few pictures: more neighbours than that would be of others. */
static const double PERPLEXITY = 15;
static const double BEGINNING = 1e-4; /* deviation of the first axis that t-SNE begins with */
static const double THETA = 0.5;
/* Many are laid in fewer steps: somebody waits. */
enum { MANY = 4000 };
static const FewTsneStage gather = { 120, 12, 0.5 };
static const FewTsneStage settle = { 600, 1, 0.8 };
static const FewTsneStage gather_many = { 80, 12, 0.5 };
static const FewTsneStage settle_many = { 320, 1, 0.8 };
static const FewTsneStage follow = { 120, 1, 0.8 };

static const char WHAT[] = N_ ("the map");

typedef struct
{
  const float *f, *a; /* [n, d] */
  guint n, d;
  FewPool *pool;
  FewBackend *cpu;
  FewTsne *tsne;
  float *rows; /* [n, d] at one α */
  FewMap *map;
  const FewTsneStage *gather, *settle;
  FewMapTell tell;
  gpointer user;
  guint done, total;
  GCancellable *cancellable;
} Making;

static void
tell_steps (gpointer user, guint steps)
{
  Making *m = user;
  m->done += steps;
  if (m->tell)
    m->tell (m->user, m->done, m->total, NULL);
}

static float *
frame_of (Making *m, guint frame)
{
  return m->map->frames + (gsize) frame * m->n * AXES;
}

/* rows = αa + (1−α)f, to unit length; what is no numbers is 0 */
static void
blend_rows (Making *m, double alpha)
{
  for (guint i = 0; i < m->n; i++)
    {
      gsize at = (gsize) i * m->d;
      for (guint j = 0; j < m->d; j++)
        m->rows[at + j] = (float) (alpha * m->a[at + j] + (1 - alpha) * m->f[at + j]);
      double square = few_axes_multiply (m->rows + at, m->rows + at, m->d);
      float scale = square > 1e-24 ? (float) (1 / sqrt (square)) : 0;
      for (guint j = 0; j < m->d; j++)
        m->rows[at + j] = scale > 0 ? m->rows[at + j] * scale : 0;
    }
}

/* The plane of most variance of rows, which are left as they are, made small. */
static gboolean
begin_on_plane (Making *m, float *points, GError **error)
{
  gsize size = (gsize) m->n * m->d;
  g_autofree float *rows = few_try_copy (m->rows, size, sizeof (float), WHAT, error);
  g_autofree float *axes = g_new (float, (gsize) AXES * m->d);
  g_autofree float *mean = g_new0 (float, m->d);
  double variance[AXES];
  if (!rows)
    return FALSE;
  few_axes_centre (rows, m->n, m->d, mean);
  if (!few_axes_find (m->pool, rows, m->n, m->d, axes, variance, m->cancellable, error))
    return FALSE;
  double deviation = sqrt (variance[0] / m->n);
  double scale = deviation > 1e-12 ? BEGINNING / deviation : 0;
  for (guint i = 0; i < m->n; i++)
    for (guint k = 0; k < AXES; k++)
      points[AXES * i + k] =
          (float) (scale
                   * few_axes_multiply (rows + (gsize) i * m->d, axes + (gsize) k * m->d, m->d));
  return TRUE;
}

static gboolean
find_affinities (Making *m, FewAffinities *p, GError **error)
{
  double perplexity = CLAMP ((m->n - 1) / 3.0, 1, PERPLEXITY);
  guint k = MIN (m->n - 1, (guint) (3 * perplexity));
  g_auto (FewNeighbours) near = { 0 };
  return few_near_find (m->pool, m->cpu, m->rows, m->n, m->d, k, &near, m->cancellable, error)
         && few_affinities_find (m->pool, &near, perplexity, p, error);
}

/* Frame 0 from the plane, each other one from that before it. */
static gboolean
lay_frame (Making *m, guint frame, GError **error)
{
  FewTsneWatch watch = { tell_steps, m, m->cancellable };
  float *points = frame_of (m, frame);
  gsize size = (gsize) m->n * AXES;
  g_auto (FewAffinities) p = { 0 };
  blend_rows (m, m->map->n_frames > 1 ? frame / (m->map->n_frames - 1.0) : 0);
  if (frame > 0)
    memcpy (points, points - size, size * sizeof *points);
  else if (!begin_on_plane (m, points, error))
    return FALSE;
  if (!find_affinities (m, &p, error))
    return FALSE;
  if (frame > 0)
    return few_tsne_descend (m->tsne, &p, &follow, points, &watch, error);
  if (!few_tsne_descend (m->tsne, &p, m->gather, points, &watch, error)
      || !few_tsne_descend (m->tsne, &p, m->settle, points, &watch, error))
    return FALSE;
  m->map->info.divergence = few_tsne_divergence (m->tsne, &p, THETA, points);
  return TRUE;
}

static FewMap *
alloc_frames (const Making *m, const guint32 *ids, guint n_frames, GError **error)
{
  g_autoptr (FewMap) map = few_map_alloc (FEW_MAP_NEIGHBOURS, ids, m->n, error);
  gsize size = (gsize) m->n * AXES;
  if (!map)
    return NULL;
  map->n_frames = n_frames;
  map->frames = few_try_floats (n_frames, MAX (size, 1), WHAT, error);
  if (!map->frames)
    return NULL;
  memset (map->frames, 0, n_frames * size * sizeof *map->frames);
  return g_steal_pointer (&map);
}

/* What is known after the first frame, for who does not want to wait for the others. */
static void
tell_first (Making *m)
{
  g_autoptr (FewMap) first = alloc_frames (m, m->map->info.ids, 1, NULL);
  if (!first)
    return;
  memcpy (first->frames, m->map->frames, (gsize) m->n * AXES * sizeof *first->frames);
  first->info.divergence = m->map->info.divergence;
  few_map_cover (first, first->frames);
  m->tell (m->user, m->done, m->total, first);
}

static gboolean
lay_frames (Making *m, GError **error)
{
  guint n_frames = m->map->n_frames;
  m->gather = m->n > MANY ? &gather_many : &gather;
  m->settle = m->n > MANY ? &settle_many : &settle;
  m->total = m->gather->steps + m->settle->steps + (n_frames - 1) * follow.steps;
  for (guint frame = 0; frame < n_frames; frame++)
    {
      if (!lay_frame (m, frame, error))
        return FALSE;
      if (m->tell && frame == 0 && n_frames > 1)
        tell_first (m);
    }
  return TRUE;
}

FewMap *
few_map_new_neighbours (const float *f, const float *a, const guint32 *ids, guint n, guint d,
                        FewMapTell tell, gpointer user, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (d > 0 && (n == 0 || (f && a)), NULL);
  g_autofree float *rows = few_try_floats (n, d, WHAT, error);
  if (!rows)
    return NULL;
  gboolean learned = n > 0 && memcmp (f, a, (gsize) n * d * sizeof *f) != 0;
  guint n_frames = learned ? FRAMES : 1;
  g_autoptr (FewPool) pool = few_pool_new (0);
  g_autoptr (FewTsne) tsne = few_tsne_new (pool, n, error);
  g_autoptr (FewBackend) cpu = tsne ? few_backend_cpu_new (0, NULL, error) : NULL;
  Making m = { .f = f,
               .a = a,
               .n = n,
               .d = d,
               .pool = pool,
               .cpu = cpu,
               .tsne = tsne,
               .rows = rows,
               .tell = tell,
               .user = user,
               .cancellable = cancellable };
  g_autoptr (FewMap) map = cpu ? alloc_frames (&m, ids, n_frames, error) : NULL;
  m.map = map;
  if (!map || (n > 1 && !lay_frames (&m, error)))
    return NULL;
  for (guint frame = 0; frame < map->n_frames; frame++)
    few_map_cover (map, frame_of (&m, frame));
  return g_steal_pointer (&map);
}
