/* SPDX-License-Identifier: MIT */
/* LP++ (Huang et al., CVPR 2024), as its authors published it: a linear probe beside the text
 * features, logits = w_k·f + b_k + a_k (t_k·f), by gradient descent on all pictures at once, whose
 * step sizes follow from the data.
 *
 * w begins as the sum of its class's features and b as 0; both move each epoch, by SGD with
 * momentum 0.9 at the rate 4N/λmax (FᵀF). a begins as 250 times the mean cosine of a class's
 * pictures with its text, and moves every tenth epoch at the rate N/(4·max_k Σ (f·t_k)²), along the
 * sum of all gradients so far: their code never clears it. The epoch that is best on the validation
 * pictures is kept, the last of several; the last of all where there are none.
 *
 * The authors draw b from ±1/√D; 0 is what it is drawn around, and hardly matters beside w. */
#include "adapt/method.h"
#include "backend/dense.h"
#include "adapt/epochs.h"
#include <fewshot/method.h>
#include <math.h>
#include <string.h>

enum { TEXT_EPOCHS = 10 };       /* between two steps of the texts' strength */
#define MOMENTUM 0.9f
#define START_STRENGTH 250.0 /* of the texts, per unit of cosine */

typedef struct
{
  gboolean balanced;
} LpSettings;

static const FewSetting settings[] = { FEW_TRAIN_EPOCHS (300),
                                       FEW_OWN_PRIORS (LpSettings, balanced), FEW_SETTINGS_END };

/* λmax (FᵀF) of device rows F [n_rows, D] */
static gboolean
find_largest_eigenvalue (FewMethodRun *r, const float *rows, double *largest, GError **error)
{
  guint d = r->d;
  gsize cells = (gsize) d * d;
  float *gram = few_run_alloc (r, cells);
  float *host = few_run_host (r, float, d, d);
  double *matrix = few_run_host (r, double, d, d);
  if (few_run_short (r, error))
    return FALSE;
  r->ops->gemm (r->stream, TRUE, FALSE, d, d, r->n_rows, 1, rows, d, rows, d, 0, gram, d);
  r->ops->download (r->stream, host, gram, cells);
  for (gsize i = 0; i < cells; i++)
    matrix[i] = host[i];
  return few_dense_largest_eigenvalue (matrix, d, largest, error);
}

/* What the text features are to the training pictures. */
typedef struct
{
  double largest_energy; /* max_k Σ_i (f_i·t_k)² */
  double mean_own_cosine; /* over classes, of the mean of f·t over the class's pictures */
} TextCosines;

/* cosines [n_rows, K] and logits, device, are written to. */
static TextCosines
measure_text_cosines (FewMethodRun *r, const float *rows, const float *text, float *logits,
                      float *cosines)
{
  guint n = r->n_rows;
  guint k = r->k;
  TextCosines result = { 0 };
  guint present = 0;
  r->ops->gemm (r->stream, FALSE, TRUE, n, k, r->d, 1, rows, r->d, text, r->d, 0, logits, k);
  r->ops->download (r->stream, cosines, logits, (gsize) n * k);
  for (guint c = 0; c < k; c++)
    {
      double energy = 0;
      double own = 0;
      guint count = 0;
      for (guint i = 0; i < n; i++)
        {
          double cosine = cosines[(gsize) i * k + c];
          energy += cosine * cosine;
          if (r->row_labels[i] != c)
            continue;
          own += cosine;
          count++;
        }
      result.largest_energy = MAX (result.largest_energy, energy);
      result.mean_own_cosine += count > 0 ? own / count : 0;
      present += count > 0;
    }
  result.mean_own_cosine /= MAX (present, 1);
  return result;
}

/* The bias is a last column of w, beside features with a last column of ones: [·, D + 1]. */
typedef struct
{
  FewMethodRun *run;
  guint width; /* D + 1 */
  float *rows, *validation, *text; /* normalised, with their last column: 1, 1, 0 */
  float *start_w, *start_a; /* what w and a begin as */
  float *w, *a, *v; /* v [K, D + 1] = w + a·t */
  float *gradient, *velocity; /* of w */
  float *a_gradient, *a_sum; /* of a: of this epoch, and of all so far */
  float *ones; /* [K] */
  float *logits, *validation_logits; /* [N, K], [validation, K] */
  float *unused_loss; /* [validation] */
  guint32 *validation_labels;
  FewUpdate w_step, a_step;
  float *sums; /* of the epochs */
} Probe;

/* m rows [D] on the host, RAW → device [m, D + 1] normalised, and `last` in the last column */
static float *
upload_padded (const Probe *p, const float *host, guint m, gboolean normalise, float last)
{
  guint d = p->run->d;
  float *padded = few_run_host (p->run, float, m, p->width);
  if (!padded)
    return NULL;
  for (guint i = 0; i < m; i++)
    {
      const float *row = host + (gsize) i * d;
      float *to = padded + (gsize) i * p->width;
      double square = 0;
      for (guint j = 0; j < d; j++)
        square += (double) row[j] * row[j];
      float scale = normalise && square > 0 ? (float) (1 / sqrt (square)) : 1;
      for (guint j = 0; j < d; j++)
        to[j] = row[j] * scale;
      to[d] = last;
    }
  return few_run_upload (p->run, padded, (gsize) m * p->width);
}

/* w as it begins: the sums of the classes' features, 0 for the bias */
static float *
upload_class_sums (const Probe *p)
{
  FewMethodRun *r = p->run;
  guint width = p->width;
  float *rows = few_run_host (r, float, r->n_rows, width);
  float *sums = few_run_host (r, float, r->k, width);
  if (!rows || !sums)
    return NULL;
  r->ops->download (r->stream, rows, p->rows, (gsize) r->n_rows * width);
  for (guint i = 0; i < r->n_rows; i++)
    for (guint j = 0; j < r->d; j++)
      sums[(gsize) r->row_labels[i] * width + j] += rows[(gsize) i * width + j];
  return few_run_upload (r, sums, (gsize) r->k * width);
}

static void
upload_validation (Probe *p)
{
  FewMethodRun *r = p->run;
  guint m = r->n_validation;
  float *host = few_run_host (r, float, m, r->d);
  p->validation_labels = few_run_host (r, guint32, m, 1);
  if (!host || !p->validation_labels)
    return;
  for (guint i = 0; i < m; i++)
    {
      memcpy (host + (gsize) i * r->d, r->task->features + (gsize) r->validation[i] * r->d,
              r->d * sizeof (float));
      p->validation_labels[i] = r->task->labels[r->validation[i]];
    }
  p->validation = upload_padded (p, host, m, TRUE, 1);
  p->validation_logits = few_run_alloc (r, (gsize) m * r->k);
  p->unused_loss = few_run_alloc (r, m);
}

static gboolean
prepare_probe (Probe *p, GError **error)
{
  FewMethodRun *r = p->run;
  guint k = r->k;
  gsize cells = (gsize) k * p->width;
  float *rows = few_run_upload_normalised (r, r->rows, r->n_rows);
  float *text = few_run_upload (r, r->task->text_features, (gsize) k * r->d);
  p->logits = few_run_alloc (r, (gsize) r->n_rows * k);
  p->rows = upload_padded (p, r->rows, r->n_rows, TRUE, 1);
  p->text = upload_padded (p, r->task->text_features, k, FALSE, 0);
  if (r->n_validation > 0)
    upload_validation (p);
  float *host_cosines = few_run_host (r, float, r->n_rows, k);
  float *a = few_run_host (r, float, k, 1);
  float *ones = few_run_host (r, float, k, 1);
  double eigenvalue;
  if (few_run_short (r, error) || !find_largest_eigenvalue (r, rows, &eigenvalue, error))
    return FALSE;
  TextCosines cosines = measure_text_cosines (r, rows, text, p->logits, host_cosines);
  for (guint c = 0; c < k; c++)
    a[c] = (float) (START_STRENGTH * cosines.mean_own_cosine);
  p->w_step = (FewUpdate) { .rate = (float) (4.0 * r->n_rows / MAX (eigenvalue, 1e-30)),
                            .beta1 = MOMENTUM };
  /* momentum 1: a sum */
  p->a_step = (FewUpdate) { .beta1 = 1 };
  p->a_step.rate = (float) (r->n_rows / (4 * MAX (cosines.largest_energy, 1e-30)));
  for (guint c = 0; c < k; c++)
    ones[c] = 1;
  p->ones = few_run_upload (r, ones, k);
  p->start_w = upload_class_sums (p);
  p->start_a = few_run_upload (r, a, k);
  p->w = few_run_alloc (r, cells);
  p->a = few_run_alloc (r, k);
  p->v = few_run_alloc (r, cells);
  p->gradient = few_run_alloc (r, cells);
  p->velocity = few_run_alloc (r, cells);
  p->a_gradient = few_run_alloc (r, k);
  p->a_sum = few_run_alloc (r, k);
  p->sums = few_run_alloc (r, few_epochs_floats (r->n_rows, r->n_validation, r->train.epochs));
  return !few_run_short (r, error);
}

/* to [K, columns] = from */
static void
copy_classes (const Probe *p, const float *from, guint columns, float *to)
{
  FewMethodRun *r = p->run;
  r->ops->clear (r->stream, to, (gsize) r->k * columns);
  r->ops->add_scaled_rows (r->stream, r->k, columns, p->ones, from, NULL, to);
}

/* v = w + a·t */
static void
join_text (const Probe *p)
{
  const FewBackendOps *ops = p->run->ops;
  FewStream *s = p->run->stream;
  guint width = p->width;
  copy_classes (p, p->w, width, p->v);
  ops->add_scaled_rows (s, p->run->k, width, p->a, p->text, NULL, p->v);
}

/* logits [m, K] = rows [m, D + 1] · vᵀ */
static void
score_rows (const Probe *p, const float *rows, guint m, float *logits)
{
  FewMethodRun *r = p->run;
  r->ops->gemm (r->stream, FALSE, TRUE, m, r->k, p->width, 1, rows, p->width, p->v, p->width, 0,
                logits, r->k);
}

/* One step over all pictures from v on, to the next v, and how many of the validation pictures are
 * right with that. */
static void
run_epoch (Probe *p, guint epoch, FewEpochs *epochs)
{
  FewMethodRun *r = p->run;
  const FewBackendOps *ops = r->ops;
  FewStream *s = r->stream;
  guint width = p->width;
  score_rows (p, p->rows, r->n_rows, p->logits);
  ops->softmax_cross_entropy (s, r->n_rows, r->k, r->row_labels, p->logits, epochs->loss,
                              epochs->correct);
  ops->gemm (s, TRUE, FALSE, r->k, width, r->n_rows, 1, p->logits, r->k, p->rows, width, 0,
             p->gradient, width);
  ops->row_dots (s, r->k, width, p->gradient, p->text, p->a_gradient);
  FewUpdate a_step = p->a_step;
  a_step.rate = (epoch + 1) % TEXT_EPOCHS == 0 ? p->a_step.rate : 0;
  p->w_step.step = a_step.step = epoch + 1;
  ops->sgd (s, (gsize) r->k * width, &p->w_step, p->gradient, p->velocity, p->w);
  ops->sgd (s, r->k, &a_step, p->a_gradient, p->a_sum, p->a);
  join_text (p);
  if (r->n_validation > 0)
    {
      score_rows (p, p->validation, r->n_validation, p->validation_logits);
      ops->softmax_cross_entropy (s, r->n_validation, r->k, p->validation_labels,
                                  p->validation_logits, p->unused_loss, epochs->right);
    }
  few_epochs_close (epochs);
}

static gboolean
run_epochs (Probe *p, guint n, FewEpochs *epochs, GError **error)
{
  FewMethodRun *r = p->run;
  gsize cells = (gsize) r->k * p->width;
  copy_classes (p, p->start_w, p->width, p->w);
  copy_classes (p, p->start_a, 1, p->a);
  r->ops->clear (r->stream, p->velocity, cells);
  r->ops->clear (r->stream, p->a_sum, r->k);
  join_text (p);
  for (guint epoch = 0; epoch < n; epoch++)
    {
      run_epoch (p, epoch, epochs);
      if (!few_run_tick (r, epoch + 1, r->train.epochs, error))
        return FALSE;
    }
  return TRUE;
}

/* How many epochs to keep: up to the last that was best on the validation pictures. */
static guint
best_epochs (const FewEpoch *history, guint n)
{
  guint best = n;
  float most = -1;
  for (guint i = 0; i < n; i++)
    if (history[i].validation_accuracy >= most)
      {
        most = history[i].validation_accuracy;
        best = i + 1;
      }
  return best;
}

static gboolean
learn_probe (Probe *p, GError **error)
{
  FewMethodRun *r = p->run;
  g_auto (FewEpochs) epochs;
  few_epochs_init (&epochs, r->backend, p->sums, r->n_rows, r->n_rows, r->n_validation,
                   r->train.epochs);
  if (!run_epochs (p, r->train.epochs, &epochs, error))
    return FALSE;
  guint n;
  const FewEpoch *history = few_epochs_read (&epochs, &n);
  few_run_add_epochs (r, history, n);
  guint kept = best_epochs (history, n);
  few_run_chose (r, "epochs", kept);
  if (kept == n)
    return TRUE;
  /* Once more, as far as that: cheaper than keeping the weights of each epoch. */
  g_auto (FewEpochs) again;
  few_epochs_init (&again, r->backend, p->sums, r->n_rows, r->n_rows, r->n_validation, kept);
  return run_epochs (p, kept, &again, error);
}

/* Scores every picture by v [K, D + 1]. */
static gboolean
score_all (const Probe *p, GError **error)
{
  FewMethodRun *r = p->run;
  guint d = r->d;
  float *v = few_run_host (r, float, r->k, p->width);
  float *weight = few_run_host (r, float, r->k, d);
  float *bias = few_run_host (r, float, r->k, 1);
  if (few_run_short (r, error))
    return FALSE;
  r->ops->download (r->stream, v, p->v, (gsize) r->k * p->width);
  for (guint c = 0; c < r->k; c++)
    {
      memcpy (weight + (gsize) c * d, v + (gsize) c * p->width, d * sizeof (float));
      bias[c] = v[(gsize) c * p->width + d];
    }
  LpSettings own;
  few_settings_own (r->options, &own, sizeof own);
  if (own.balanced)
    few_run_balance (r, bias);
  float *features = few_run_upload_normalised (r, r->task->features, r->n);
  float *device_weight = few_run_upload (r, weight, (gsize) r->k * d);
  if (few_run_short (r, error))
    return FALSE;
  few_run_score (r, features, device_weight, 1, bias);
  few_run_learned (r, "weight", r->k, d, weight);
  few_run_learned (r, "bias", 1, r->k, bias);
  few_run_keep_linear (r, weight, bias);
  r->result->parameters = (guint64) r->k * (d + 2);
  return TRUE;
}

static gboolean
run_lp_plus_plus (FewMethodRun *r, GError **error)
{
  Probe p = { .run = r, .width = r->d + 1 };
  return prepare_probe (&p, error) && learn_probe (&p, error) && score_all (&p, error);
}

const FewMethod few_methods_lp_plus_plus[] = {
  { .info = { .name = "lp++",
              .title = "LP++",
              .reference = "Huang et al., CVPR 2024",
              .chooses = TRUE,
              .usual = TRUE,
              .keeps = TRUE },
    .settings = settings,
    .run = run_lp_plus_plus },
  { .run = NULL },
};
