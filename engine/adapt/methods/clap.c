/* SPDX-License-Identifier: MIT */
/* CLAP (Silva-Rodríguez et al., CVPR 2024), as its authors published it: class prototypes w that
 * begin as the text features before normalising, pulled back towards them: loss = CE (scale ·
 * cos (f, w)) + mean_k λ_k |w_k − t_k|², λ_k = the mean zero-shot probability of class k on its own
 * shots. SGD at 0.1 with momentum, one epoch of warm-up. No validation.
 *
 * `prototypes=unit` is a variant of ours that begins at the normalised features and sums the pull
 * over classes: at the same rate, prototypes of length 1 turn much faster than those of length 10
 * (CLIP's) or 30 (the pocket model's). */
#include "adapt/method.h"
#include <fewshot/method.h>
#include <math.h>

typedef enum { PROTOTYPES_RAW, PROTOTYPES_UNIT } Prototypes;

typedef struct
{
  Prototypes prototypes;
} ClapSettings;

static const FewSetting settings[] = {
  FEW_OWN_WORD (ClapSettings, prototypes, "prototypes", "raw unit", PROTOTYPES_RAW),
  FEW_TRAIN_EPOCHS (300),
  FEW_TRAIN_RATE (0.1),
  FEW_TRAIN_DECAY (0),
  FEW_TRAIN_BATCH (256),
  FEW_TRAIN_OPTIMIZER (FEW_OPTIMIZER_SGD),
  FEW_TRAIN_WARMUP (1),
  FEW_TRAIN_DROP_LAST (TRUE),
  FEW_SETTINGS_END,
};

/* λ [K], twice over, as the gradient of |w − t|² has a 2, times `share` */
static float *
measure_pull (FewMethodRun *r, const float *rows, const float *text, double share)
{
  float *logits = few_run_host (r, float, r->n_rows, r->k);
  float *sum = few_run_host (r, float, r->k, 1);
  guint *counts = few_run_host (r, guint, r->k, 1);
  float *device = few_run_alloc (r, (gsize) r->n_rows * r->k);
  if (!device || !logits || !sum || !counts)
    return NULL; /* few_run_short tells */
  r->ops->gemm (r->stream, FALSE, TRUE, r->n_rows, r->k, r->d, (float) r->scale, rows, r->d, text,
                r->d, 0, device, r->k);
  r->ops->download (r->stream, logits, device, (gsize) r->n_rows * r->k);
  for (guint i = 0; i < r->n_rows; i++)
    {
      const float *row = logits + (gsize) i * r->k;
      guint own = r->row_labels[i];
      float largest = row[few_run_argmax (row, r->k)];
      float total = 0;
      for (guint c = 0; c < r->k; c++)
        total += expf (row[c] - largest);
      sum[own] += expf (row[own] - largest) / total;
      counts[own]++;
    }
  for (guint c = 0; c < r->k; c++)
    sum[c] = (float) (2 * share) * (counts[c] ? sum[c] / (float) counts[c] : 1);
  return few_run_upload (r, sum, r->k);
}

typedef struct
{
  FewMethodRun *run;
  FewLearning learning; /* weights: the prototypes w [K, D] */
  float *rows, *start, *pull; /* start [K, D]: the prototypes as they begin */
  float *y, *norms, *f, *logits; /* w/|w| and 1/|w|; a batch */
} Clap;

static void
step_prototypes (gpointer user, const guint32 *rows, const guint32 *labels, guint m)
{
  Clap *c = user;
  FewMethodRun *r = c->run;
  const FewBackendOps *ops = r->ops;
  FewStream *s = r->stream;
  guint k = r->k;
  guint d = r->d;
  float *w = c->learning.weights;
  float *gradient = c->learning.gradient;
  ops->gather_rows (s, m, d, rows, c->rows, d, c->f);
  ops->blend_normalise (s, k, d, 1, w, w, c->y, c->norms);
  ops->gemm (s, FALSE, TRUE, m, k, d, (float) r->scale, c->f, d, c->y, d, 0, c->logits, k);
  ops->softmax_cross_entropy (s, m, k, labels, c->logits, c->learning.loss, c->learning.correct);
  ops->gemm (s, TRUE, FALSE, k, d, m, (float) r->scale, c->logits, k, c->f, d, 0, gradient, d);
  ops->blend_normalise_backward (s, k, d, 1, c->y, c->norms, gradient, gradient);
  ops->add_scaled_rows (s, k, d, c->pull, w, c->start, gradient);
}

static gboolean
run_clap (FewMethodRun *r, GError **error)
{
  Clap c = { .run = r };
  gsize cells = (gsize) r->k * r->d;
  few_run_learning_init (r, &c.learning);
  ClapSettings own;
  few_settings_own (r->options, &own, sizeof own);
  gboolean raw = own.prototypes == PROTOTYPES_RAW;
  const float *start = raw && r->task->text_raw ? r->task->text_raw : r->task->text_features;
  few_run_learning_alloc (r, &c.learning, few_run_upload (r, start, cells), cells);
  float *features = few_run_upload_normalised (r, r->task->features, r->n);
  c.rows = few_run_upload_normalised (r, r->rows, r->n_rows);
  c.start = few_run_upload (r, start, cells);
  float *text = few_run_upload (r, r->task->text_features, cells);
  c.y = few_run_alloc (r, cells);
  c.norms = few_run_alloc (r, r->k);
  c.f = few_run_alloc (r, (gsize) c.learning.batch * r->d);
  c.logits = few_run_alloc (r, (gsize) c.learning.batch * r->k);
  const double share = raw ? 1.0 / r->k : 1;
  c.pull = text ? measure_pull (r, c.rows, text, share) : NULL;
  if (few_run_short (r, error))
    return FALSE;
  c.learning.step = step_prototypes;
  c.learning.user = &c;
  if (!few_run_learn (r, &c.learning, error))
    return FALSE;
  r->ops->blend_normalise (r->stream, r->k, r->d, 1, c.learning.weights, c.learning.weights, c.y,
                           c.norms);
  few_run_score (r, features, c.y, r->scale, NULL);
  few_run_keep_scaled (r, c.y, r->scale);
  few_run_learned_device (r, "weight", r->k, r->d, c.learning.weights);
  r->result->parameters = cells;
  return TRUE;
}

const FewMethod few_methods_clap[] = {
  { .info = { .name = "clap",
              .title = "CLAP",
              .reference = "Silva-Rodríguez et al., CVPR 2024",
              .texts = TRUE,
              .usual = TRUE,
              .published_views = 20,
              .keeps = TRUE },
    .settings = settings,
    .run = run_clap },
  { .run = NULL },
};
