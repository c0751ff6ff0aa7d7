/* SPDX-License-Identifier: MIT */
/* ProLIP (Fahes et al., 2024) on features: a square matrix M behind CLIP's visual projection, which
 * begins as the identity and is held near it,
 *
 *   loss = CE (scale · cos (M f, t)) + λ |M − 1|²,  λ = 1 / shots
 *
 * Adam on all pictures at once, no validation. Theirs learns the projection P itself; from what
 * comes out of it one learns M of M P, which they call the regularised linear adapter. */
#include "adapt/method.h"
#include "task/task.h"
#include <fewshot/method.h>
#include <math.h>

typedef struct
{
  double pull; /* λ; NAN: 1 / shots */
} ProlipSettings;

static const FewSetting settings[] = {
  FEW_OWN_NUMBER (ProlipSettings, pull, "lambda", 0, 1000, NAN),
  FEW_TRAIN_EPOCHS (300),
  FEW_TRAIN_RATE (1e-4),
  FEW_TRAIN_DECAY (0),
  FEW_TRAIN_BATCH (4096),
  FEW_TRAIN_OPTIMIZER (FEW_OPTIMIZER_ADAM),
  FEW_SETTINGS_END,
};

typedef struct
{
  FewMethodRun *run;
  FewLearning learning; /* weights: M [D, D] */
  float *rows, *text, *start, *pull; /* start: the identity; pull [D]: 2 λ */
  float *f, *y, *norms, *unit, *logits, *d_unit; /* a batch */
} Prolip;

/* y [m, D] = M f, and its unit rows */
static void
map_rows (const Prolip *p, guint m, const float *f, float *y, float *unit, float *norms)
{
  FewMethodRun *r = p->run;
  r->ops->gemm (r->stream, FALSE, TRUE, m, r->d, r->d, 1, f, r->d, p->learning.weights, r->d, 0, y,
                r->d);
  r->ops->blend_normalise (r->stream, m, r->d, 1, y, y, unit, norms);
}

static void
step_map (gpointer user, const guint32 *rows, const guint32 *labels, guint m)
{
  Prolip *p = user;
  FewMethodRun *r = p->run;
  const FewBackendOps *ops = r->ops;
  FewStream *s = r->stream;
  guint d = r->d;
  guint k = r->k;
  float scale = (float) r->scale;
  ops->gather_rows (s, m, d, rows, p->rows, d, p->f);
  map_rows (p, m, p->f, p->y, p->unit, p->norms);
  ops->gemm (s, FALSE, TRUE, m, k, d, scale, p->unit, d, p->text, d, 0, p->logits, k);
  ops->softmax_cross_entropy (s, m, k, labels, p->logits, p->learning.loss, p->learning.correct);
  ops->gemm (s, FALSE, FALSE, m, d, k, scale, p->logits, k, p->text, d, 0, p->d_unit, d);
  ops->blend_normalise_backward (s, m, d, 1, p->unit, p->norms, p->d_unit, p->d_unit);
  ops->gemm (s, TRUE, FALSE, d, d, m, 1, p->d_unit, d, p->f, d, 0, p->learning.gradient, d);
  ops->add_scaled_rows (s, d, d, p->pull, p->learning.weights, p->start, p->learning.gradient);
}

/* The map as a bottleneck that keeps both signs: M f = [M, −M] ReLU ([1; −1] f). */
static void
keep_map (FewMethodRun *r, const float *map)
{
  gsize d = r->d;
  float *weights = few_run_host (r, float, 4 * d, d);
  if (!weights)
    return; /* few_run_short tells */
  float *w2 = weights + 2 * d * d;
  for (gsize i = 0; i < d; i++)
    {
      weights[i * d + i] = 1;
      weights[(d + i) * d + i] = -1;
      for (gsize j = 0; j < d; j++)
        {
          w2[i * 2 * d + j] = map[i * d + j];
          w2[i * 2 * d + d + j] = -map[i * d + j];
        }
    }
  few_run_keep_bottleneck (r, weights, 2 * r->d, FALSE, 1);
}

static gboolean
score_all (Prolip *p, GError **error)
{
  FewMethodRun *r = p->run;
  gsize cells = (gsize) r->n * r->d;
  float *features = few_run_upload_normalised (r, r->task->features, r->n);
  float *y = few_run_alloc (r, cells);
  float *unit = few_run_alloc (r, cells);
  float *norms = few_run_alloc (r, r->n);
  float *map = few_run_host (r, float, r->d, r->d);
  if (few_run_short (r, error))
    return FALSE;
  map_rows (p, r->n, features, y, unit, norms);
  few_run_score (r, unit, p->text, r->scale, NULL);
  r->ops->download (r->stream, map, p->learning.weights, (gsize) r->d * r->d);
  few_run_learned (r, "map", r->d, r->d, map);
  keep_map (r, map);
  return !few_run_short (r, error);
}

static gboolean
run_prolip (FewMethodRun *r, GError **error)
{
  Prolip p = { .run = r };
  ProlipSettings own;
  gsize d = r->d;
  few_settings_own (r->options, &own, sizeof own);
  double pull = isnan (own.pull) ? 1.0 / MAX (few_task_most_shots (r->task), 1) : own.pull;
  float *identity = few_run_host (r, float, d, d);
  float *pulls = few_run_host (r, float, d, 1);
  if (few_run_short (r, error))
    return FALSE;
  for (gsize i = 0; i < d; i++)
    {
      identity[i * d + i] = 1;
      pulls[i] = (float) (2 * pull);
    }
  few_run_learning_init (r, &p.learning);
  few_run_learning_alloc (r, &p.learning, few_run_upload (r, identity, d * d), d * d);
  gsize batch = p.learning.batch;
  p.rows = few_run_upload_normalised (r, r->rows, r->n_rows);
  p.text = few_run_upload (r, r->task->text_features, (gsize) r->k * d);
  p.start = few_run_upload (r, identity, d * d);
  p.pull = few_run_upload (r, pulls, d);
  p.f = few_run_alloc (r, batch * d);
  p.y = few_run_alloc (r, batch * d);
  p.unit = few_run_alloc (r, batch * d);
  p.d_unit = few_run_alloc (r, batch * d);
  p.norms = few_run_alloc (r, batch);
  p.logits = few_run_alloc (r, batch * r->k);
  if (few_run_short (r, error))
    return FALSE;
  p.learning.step = step_map;
  p.learning.user = &p;
  p.learning.epsilon = 1e-4f; /* as published */
  few_run_chose (r, "lambda", pull);
  r->result->parameters = d * d;
  return few_run_learn (r, &p.learning, error) && score_all (&p, error);
}

const FewMethod few_methods_prolip[] = {
  { .info = { .name = "prolip",
              .title = "ProLIP",
              .reference = "Fahes et al., 2024",
              .texts = TRUE,
              .keeps = TRUE },
    .settings = settings,
    .run = run_prolip },
  { .run = NULL },
};
