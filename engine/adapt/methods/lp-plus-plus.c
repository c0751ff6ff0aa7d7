/* SPDX-License-Identifier: MIT */
/* LP++ (Huang et al., CVPR 2024): a linear probe beside the text features, logits = f·(w_k + a_k
 * t_k), by gradient descent whose two step sizes follow from the data: 4N/λmax (FᵀF) for w and
 * N/(4·max_k Σ (f·t_k)²) for a. It begins at zero-shot CLIP: w = 0, a = logit_scale. */
#include "adapt/method.h"
#include "adapt/epochs.h"
#include <fewshot/method.h>
#include <math.h>
#include <string.h>

static const FewSetting settings[] = { FEW_TRAIN_EPOCHS (300), FEW_SETTINGS_END };

/* the largest eigenvalue of FᵀF by the power method, from a vector that no data is orthogonal to
 * but by chance */
static double
find_largest_eigenvalue (FewMethodRun *r, const float *rows, float *vector, float *image)
{
  double value = 0;
  g_autofree float *start = g_new (float, r->d);
  g_autofree float *host = g_new (float, r->d);
  for (guint i = 0; i < r->d; i++)
    start[i] = (float) (1 / sqrt (r->d) * (1 + 0.01 * (i % 7)));
  r->ops->upload (r->stream, vector, start, r->d);
  for (guint i = 0; i < 100; i++)
    {
      r->ops->gemm (r->stream, FALSE, TRUE, 1, r->n_rows, r->d, 1, vector, r->d, rows, r->d, 0,
                    image, r->n_rows);
      r->ops->gemm (r->stream, FALSE, FALSE, 1, r->d, r->n_rows, 1, image, r->n_rows, rows, r->d, 0,
                    vector, r->d);
      r->ops->download (r->stream, host, vector, r->d);
      double square = 0;
      double before = value;
      for (guint j = 0; j < r->d; j++)
        square += (double) host[j] * host[j];
      value = sqrt (square);
      for (guint j = 0; j < r->d; j++)
        host[j] = (float) (host[j] / MAX (value, 1e-30));
      r->ops->upload (r->stream, vector, host, r->d);
      if (fabs (value - before) <= 1e-7 * value)
        break;
    }
  return value;
}

/* max_k Σ_i (f_i·t_k)² */
static double
find_largest_text_energy (FewMethodRun *r, const float *rows, const float *text, float *logits)
{
  g_autofree float *host = g_new (float, (gsize) r->n_rows * r->k);
  double largest = 0;
  r->ops->gemm (r->stream, FALSE, TRUE, r->n_rows, r->k, r->d, 1, rows, r->d, text, r->d, 0, logits,
                r->k);
  r->ops->download (r->stream, host, logits, (gsize) r->n_rows * r->k);
  for (guint c = 0; c < r->k; c++)
    {
      double sum = 0;
      for (guint i = 0; i < r->n_rows; i++)
        sum += (double) host[(gsize) i * r->k + c] * host[(gsize) i * r->k + c];
      largest = MAX (largest, sum);
    }
  return largest;
}

static gboolean
run_lp_plus_plus (FewMethodRun *r, GError **error)
{
  const FewBackendOps *ops = r->ops;
  FewStream *s = r->stream;
  guint k = r->k;
  guint d = r->d;
  guint n = r->n_rows;
  gsize cells = (gsize) k * d;
  float *features = few_run_upload_normalised (r, r->task->features, r->n);
  float *rows = few_run_upload_normalised (r, r->rows, n);
  float *text = few_run_upload (r, r->task->text_features, cells);
  float *w = few_run_alloc (r, cells);
  float *a = few_run_alloc (r, k);
  float *v = few_run_alloc (r, cells);
  float *gradient = few_run_alloc (r, cells);
  float *a_gradient = few_run_alloc (r, k);
  float *velocity = few_run_alloc (r, cells);
  float *a_velocity = few_run_alloc (r, k);
  float *logits = few_run_alloc (r, (gsize) n * k);
  float *sums = few_run_alloc (r, few_epochs_floats (n, 0, r->train.epochs));
  float *vector = few_run_alloc (r, d);
  float *image = few_run_alloc (r, n);
  if (few_run_short (r, error))
    return FALSE;
  g_autofree float *a_host = g_new (float, k);
  for (guint c = 0; c < k; c++)
    a_host[c] = (float) r->scale;
  ops->upload (s, a, a_host, k);
  FewUpdate w_step = { .rate =
                           (float) (4.0 * n / find_largest_eigenvalue (r, rows, vector, image)) };
  FewUpdate a_step = { .rate =
                           (float) (n / (4.0 * find_largest_text_energy (r, rows, text, logits))) };
  g_auto (FewEpochs) epochs;
  few_epochs_init (&epochs, r->backend, sums, n, n, 0, r->train.epochs);
  for (guint epoch = 0; epoch < r->train.epochs; epoch++)
    {
      ops->clear (s, v, cells);
      ops->add_scaled_rows (s, k, d, a, text, NULL, v);
      w_step.step = a_step.step = epoch + 1;
      ops->gemm (s, FALSE, TRUE, n, k, d, 1, rows, d, w, d, 0, logits, k);
      ops->gemm (s, FALSE, TRUE, n, k, d, 1, rows, d, v, d, 1, logits, k);
      ops->softmax_cross_entropy (s, n, k, r->row_labels, logits, epochs.loss, epochs.correct);
      ops->gemm (s, TRUE, FALSE, k, d, n, 1, logits, k, rows, d, 0, gradient, d);
      ops->row_dots (s, k, d, gradient, text, a_gradient);
      ops->sgd (s, cells, &w_step, gradient, velocity, w);
      ops->sgd (s, k, &a_step, a_gradient, a_velocity, a);
      few_epochs_close (&epochs);
      if (!few_run_tick (r, epoch + 1, r->train.epochs, error))
        return FALSE;
    }
  guint read;
  const FewEpoch *history = few_epochs_read (&epochs, &read);
  few_run_add_epochs (r, history, read);
  ops->add_scaled_rows (s, k, d, a, text, NULL, w);
  few_run_score (r, features, w, 1, NULL);
  few_run_learned_device (r, "weight", k, d, w);
  r->result->parameters = (guint64) cells + k;
  return TRUE;
}

const FewMethod few_methods_lp_plus_plus[] = {
  { .info = { .name = "lp++",
              .title = "LP++",
              .reference = "Huang et al., CVPR 2024",
              .usual = TRUE },
    .settings = settings,
    .run = run_lp_plus_plus },
  { .run = NULL },
};
