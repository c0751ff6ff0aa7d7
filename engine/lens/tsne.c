/* SPDX-License-Identifier: MIT */
/* Gradient descent with momentum and a gain for each number, as in the papers; the length of a step
 * is n / exaggeration (Belkina et al., “Automated optimized parameters for t-SNE”, Nature
 * Communications 2019), which is why few steps are enough. */
#include "lens/tsne.h"
#include "base/memory.h"
#include "base/words.h"
#include "lens/tree.h"
#include <math.h>
#include <string.h>

enum { CHUNK = 256, SORT_EVERY = 8, TELL_EVERY = 10 };
static const double THETA = 0.5;
static const double LEAST_RATE = 50;
static const float LEAST_GAIN = 0.01f;

struct FewTsne
{
  FewPool *pool;
  FewTree *tree;
  guint n;
  float *push, *gradient, *velocity, *gains; /* [n, 2] */
  FewRoom room;
};

FewTsne *
few_tsne_new (FewPool *pool, guint n, GError **error)
{
  g_autoptr (FewTsne) tsne = g_new0 (FewTsne, 1);
  tsne->pool = pool;
  tsne->n = n;
  tsne->push = few_room_new (&tsne->room, float, n, 2);
  tsne->gradient = few_room_new (&tsne->room, float, n, 2);
  tsne->velocity = few_room_new (&tsne->room, float, n, 2);
  tsne->gains = few_room_new (&tsne->room, float, n, 2);
  if (few_room_is_short (&tsne->room, N_ ("the map"), error))
    return NULL;
  tsne->tree = few_tree_new (pool, n, error);
  return tsne->tree ? g_steal_pointer (&tsne) : NULL;
}

void
few_tsne_free (FewTsne *tsne)
{
  g_clear_pointer (&tsne->tree, few_tree_free);
  few_room_clear (&tsne->room);
  g_free (tsne);
}

typedef struct
{
  const FewTsne *tsne;
  const FewAffinities *p;
  const float *points;
  float *gradient;
  float pull, push;
} Pull;

/* 4 (Σ_j p_ij q_ij (y_i − y_j) − Σ_j q_ij² (y_i − y_j) / Z) */
static void
pull_chunk_cb (gpointer user, guint chunk, guint thread G_GNUC_UNUSED)
{
  const Pull *pull = user;
  guint to = MIN ((chunk + 1) * CHUNK, pull->p->n);
  for (guint i = chunk * CHUNK; i < to; i++)
    {
      float x = pull->points[2 * i];
      float y = pull->points[2 * i + 1];
      float sum_x = 0;
      float sum_y = 0;
      for (guint e = pull->p->start[i]; e < pull->p->start[i + 1]; e++)
        {
          guint j = pull->p->index[e];
          float dx = x - pull->points[2 * j];
          float dy = y - pull->points[2 * j + 1];
          float weight = pull->p->p[e] / (1 + dx * dx + dy * dy);
          sum_x += weight * dx;
          sum_y += weight * dy;
        }
      pull->gradient[2 * i] = pull->pull * sum_x - pull->push * pull->tsne->push[2 * i];
      pull->gradient[2 * i + 1] = pull->pull * sum_y - pull->push * pull->tsne->push[2 * i + 1];
    }
}

void
few_tsne_gradient (FewTsne *tsne, const FewAffinities *p, double exaggeration, double theta,
                   const float *points, float *gradient)
{
  double z = few_tree_repel (tsne->tree, points, theta, tsne->push);
  Pull pull = {
    tsne, p, points, gradient, (float) (4 * exaggeration), (float) (4 / MAX (z, 1e-30))
  };
  few_pool_run (tsne->pool, (p->n + CHUNK - 1) / CHUNK, pull_chunk_cb, &pull);
}

double
few_tsne_divergence (FewTsne *tsne, const FewAffinities *p, double theta, const float *points)
{
  double z = few_tree_repel (tsne->tree, points, theta, tsne->push);
  double sum = 0;
  for (guint i = 0; i < p->n; i++)
    for (guint e = p->start[i]; e < p->start[i + 1]; e++)
      {
        double dx = (double) points[2 * i] - points[2 * p->index[e]];
        double dy = (double) points[2 * i + 1] - points[2 * p->index[e] + 1];
        if (p->p[e] > 0)
          sum += p->p[e] * log (p->p[e] * z * (1 + dx * dx + dy * dy));
      }
  return sum;
}

/* A number that goes on in one direction goes faster. */
static void
step (FewTsne *tsne, double rate, double momentum, float *points)
{
  for (guint i = 0; i < 2 * tsne->n; i++)
    {
      gboolean turned = tsne->velocity[i] * tsne->gradient[i] > 0;
      float gain = turned ? tsne->gains[i] * 0.8f : tsne->gains[i] + 0.2f;
      tsne->gains[i] = MAX (gain, LEAST_GAIN);
      tsne->velocity[i] =
          (float) momentum * tsne->velocity[i] - (float) rate * tsne->gains[i] * tsne->gradient[i];
      points[i] += tsne->velocity[i];
    }
}

gboolean
few_tsne_descend (FewTsne *tsne, const FewAffinities *p, const FewTsneStage *stage, float *points,
                  const FewTsneWatch *watch, GError **error)
{
  double rate = MAX (tsne->n / stage->exaggeration / 4, LEAST_RATE);
  for (guint i = 0; i < 2 * tsne->n; i++)
    {
      tsne->velocity[i] = 0;
      tsne->gains[i] = 1;
    }
  for (guint s = 0; s < stage->steps; s++)
    {
      if (g_cancellable_set_error_if_cancelled (watch->cancellable, error))
        return FALSE;
      if (s % SORT_EVERY == 0)
        few_tree_sort (tsne->tree, points);
      few_tsne_gradient (tsne, p, stage->exaggeration, THETA, points, tsne->gradient);
      step (tsne, rate, stage->momentum, points);
      if (watch->progress && (s + 1) % TELL_EVERY == 0)
        watch->progress (watch->user, TELL_EVERY);
    }
  return TRUE;
}
