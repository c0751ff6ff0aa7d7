/* CLAP (Silva-Rodríguez et al., CVPR 2024): class prototypes w that begin as the text features, pulled back towards them,
 * loss = CE (scale · cos (f, w)) + Σ λ_k |w_k − t_k|², λ_k = the mean zero-shot probability of class k on its own shots. No validation. */
#include "method.h"
#include <math.h>

static void
defaults (FewMethodOptions *o)
{
  o->train.optimizer = FEW_OPTIMIZER_SGD;
  o->train.learning_rate = 0.1;
  o->train.weight_decay = 0;
  o->train.epochs = 300;
  o->train.batch = 256;
}

/* λ [K], twice over, as the gradient of |w − t|² has a 2 */
static float *
pull_strength (FewMethodRun *r, const float *rows, const float *text)
{
  g_autofree float *logits = g_new (float, (gsize) r->n_rows * r->k), *sum = g_new0 (float, r->k);
  g_autofree guint *counts = g_new0 (guint, r->k);
  float *device = few_run_alloc (r, (gsize) r->n_rows * r->k);
  if (!device)
    return NULL;
  r->ops->gemm (r->stream, FALSE, TRUE, r->n_rows, r->k, r->d, (float) r->scale, rows, r->d, text, r->d, 0, device, r->k);
  r->ops->download (r->stream, logits, device, (gsize) r->n_rows * r->k);
  for (guint i = 0; i < r->n_rows; i++)
    {
      const float *row = logits + (gsize) i * r->k;
      guint own = r->row_labels[i];
      float largest = row[few_run_argmax (row, r->k)], total = 0;
      for (guint c = 0; c < r->k; c++)
        total += expf (row[c] - largest);
      sum[own] += expf (row[own] - largest) / total;
      counts[own]++;
    }
  for (guint c = 0; c < r->k; c++)
    sum[c] = counts[c] ? 2 * sum[c] / (float) counts[c] : 2;
  return few_run_upload (r, sum, r->k);
}

static gboolean
run (FewMethodRun *r, GError **error)
{
  const FewBackendOps *ops = r->ops;
  FewStream *s = r->stream;
  guint k = r->k, d = r->d, batch = MIN (r->train.batch, r->n_rows), m;
  gsize cells = (gsize) k * d;
  float *features = few_run_upload_normalised (r, r->task->features, r->n), *rows = few_run_upload_normalised (r, r->rows, r->n_rows);
  float *text = few_run_upload (r, r->task->text_features, cells), *w = few_run_upload (r, r->task->text_features, cells);
  float *y = few_run_alloc (r, cells), *norms = few_run_alloc (r, k), *gradient = few_run_alloc (r, cells), *moment = few_run_alloc (r, cells);
  float *second = few_run_alloc (r, cells), *f = few_run_alloc (r, (gsize) batch * d), *logits = few_run_alloc (r, (gsize) batch * k);
  float *loss = few_run_alloc (r, batch), *correct = few_run_alloc (r, batch), *strength = pull_strength (r, rows, text);
  if (few_run_short (r, error))
    return FALSE;
  g_auto (FewBatches) batches;
  few_batches_init (&batches, r->n_rows, batch, r->train.seed);
  guint64 step = 0;
  for (guint epoch = 0; epoch < r->train.epochs; epoch++)
    {
      double rate = few_epoch_rate (&r->train, epoch), loss_sum = 0, hits = 0;
      const guint32 *picked;
      few_batches_shuffle (&batches);
      while ((picked = few_batches_next (&batches, &m)))
        {
          guint32 labels[m];
          for (guint i = 0; i < m; i++)
            labels[i] = r->row_labels[picked[i]];
          ops->gather_rows (s, m, d, picked, rows, d, f);
          ops->blend_normalise (s, k, d, 1, w, w, y, norms);
          ops->gemm (s, FALSE, TRUE, m, k, d, (float) r->scale, f, d, y, d, 0, logits, k);
          ops->softmax_cross_entropy (s, m, k, labels, logits, loss, correct);
          ops->gemm (s, TRUE, FALSE, k, d, m, (float) r->scale, logits, k, f, d, 0, gradient, d);
          ops->blend_normalise_backward (s, k, d, 1, y, norms, gradient, gradient);
          ops->add_scaled_rows (s, k, d, strength, w, text, gradient);
          FewUpdate update = few_update_at (&r->train, rate, ++step);
          if (r->train.optimizer == FEW_OPTIMIZER_SGD)
            ops->sgd (s, cells, &update, gradient, moment, w);
          else
            ops->adam (s, cells, &update, gradient, moment, second, w);
          loss_sum += few_run_sum (r, loss, m), hits += few_run_sum (r, correct, m);
        }
      few_run_add_epoch (r, &(FewEpoch){ (float) (loss_sum / r->n_rows), (float) (hits / r->n_rows), NAN });
      if (!few_run_tick (r, epoch + 1, r->train.epochs, error))
        return FALSE;
    }
  ops->blend_normalise (s, k, d, 1, w, w, y, norms);
  few_run_score (r, features, y, r->scale, NULL);
  few_run_learned_device (r, "weight", k, d, w);
  r->result->parameters = cells;
  return TRUE;
}

const FewMethod few_method_clap = {
  { .name = "clap", .title = "CLAP", .reference = "Silva-Rodríguez et al., CVPR 2024", .keys = "epochs lr wd batch optimizer" }, defaults, run,
};
