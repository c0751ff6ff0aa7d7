/* SPDX-License-Identifier: MIT */
/* Trains CLIP-Adapter on cached features, written over the op table.
 *
 *   a = A_v (f),  y = u/|u|, u = αa + (1−α)f     (B, D)     the picture's side, or y = f/|f|
 *   e = A_t (t),  w = v/|v|, v = βe + (1−β)t     (K, D)     the text's side, or w = t
 *   logits = s · y wᵀ                            (B, K)
 * backward:
 *   dy = s · dlogits w,  da = α (dy − y (y·dy))/|u|,  dα = Σ da·(a − f)/α;  dw = s · dlogitsᵀ y
 *     and so on for the text */
#include "clip/model.h"
#include "base/error.h"
#include "lens/lens.h"
#include "adapt/adapter.h"
#include "adapt/batches.h"
#include "adapt/bottleneck.h"
#include "adapt/epochs.h"
#include <fewshot/dataset.h>
#include <fewshot/trainer.h>
#include <math.h>
#include <string.h>

enum { EVALUATION_ROWS = 256 };

/* One side: rows x, adapted to out = normalise (ratio · A (x) + (1 − ratio) · x). */
typedef struct
{
  gboolean adapted;
  FewBottleneck mlp;
  double ratio;
  /* rows in, A (x), rows out, 1/norms, gradients of out and then of a */
  float *x, *a, *out, *norm, *d;
} Side;

struct FewTrainer
{
  FewModel *model;
  FewBackend *backend;
  FewTrainOptions options;
  guint n, d, k, h;
  guint32 *labels, *ids;
  guint8 *roles;
  char **class_names;
  char *template_text;
  float *text_host; /* [K, D] */
  double scale;
  /* device */
  float *memory; /* [n_memory] */
  gsize n_memory;
  float *features, *ft, *ff;          /* [N, D], [N, K], [N] */
  /* [n_weights]: W1, W2 of each adapted side, then the ratios' logits when they are learned */
  float *weights, *gradients, *m, *v;
  gsize n_weights;
  Side visual, text;                  /* a batch or EVALUATION_ROWS pictures; K classes */
  float *logits, *dots;
  /* the epoch under way */
  guint32 *train, *validation; /* rows */
  guint n_validation;
  FewBatches batches;
  guint epoch;
  guint64 step;
  double rate;
  guint seen; /* pictures of the epoch */
  FewEpochs epochs;
  gint64 started;
};

/* ---- one batch */

static void
side_forward (FewTrainer *t, Side *side, guint m, const float *x)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->backend->stream;
  if (side->adapted)
    few_bottleneck_forward (&side->mlp, ops, s, m, x, t->d, side->a, t->d);
  ops->blend_normalise (s, m, t->d, side->adapted ? (float) side->ratio : 0,
                        side->adapted ? side->a : x, x, side->out, side->norm);
}

/* Turns side->d from the gradient of out into the weights'; returns the gradient of the ratio's
 * logit. */
static double
side_backward (FewTrainer *t, Side *side, guint m)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->backend->stream;
  double gradient = 0;
  ops->blend_normalise_backward (s, m, t->d, (float) side->ratio, side->out, side->norm, side->d,
                                 side->d);
  if (t->options.learn_ratios)
    {
      g_autofree float *host = g_new (float, m);
      ops->row_dots (s, m, t->d, side->d, side->a, t->dots);
      ops->download (s, host, t->dots, m);
      for (guint i = 0; i < m; i++)
        gradient += host[i];
      ops->row_dots (s, m, t->d, side->d, side->x, t->dots);
      ops->download (s, host, t->dots, m);
      for (guint i = 0; i < m; i++)
        gradient -= host[i];
    }
  few_bottleneck_backward (&side->mlp, ops, s, m, side->x, t->d, side->a, t->d, side->d);
  return gradient * (1 - side->ratio); /* dα/dρ = α (1 − α), and d carries an α already */
}

/* Ratios that are learned live as logits at the end of the weights. */
static void
read_ratios (FewTrainer *t)
{
  float logits[2];
  if (!t->options.learn_ratios)
    return;
  t->backend->ops->download (t->backend->stream, logits, t->weights + t->n_weights - 2, 2);
  t->visual.ratio = 1 / (1 + exp (-(double) logits[0]));
  t->text.ratio = 1 / (1 + exp (-(double) logits[1]));
}

/* Gradients of the mean cross-entropy over `rows`; leaves loss and correct [m] on the device,
 * from `at` on. */
static void
forward_backward (FewTrainer *t, const guint32 *rows, guint m, guint at)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->backend->stream;
  guint32 labels[m];
  float ratio_gradients[2] = { 0 };
  for (guint i = 0; i < m; i++)
    labels[i] = t->labels[rows[i]];
  float scale = (float) t->scale;
  read_ratios (t);
  ops->gather_rows (s, m, t->d, rows, t->features, t->d, t->visual.x);
  side_forward (t, &t->visual, m, t->visual.x);
  if (t->text.adapted)
    side_forward (t, &t->text, t->k, t->text.x);
  const float *w = t->text.adapted ? t->text.out : t->text.x;
  ops->gemm (s, FALSE, TRUE, m, t->k, t->d, scale, t->visual.out, t->d, w, t->d, 0, t->logits,
             t->k);
  ops->softmax_cross_entropy (s, m, t->k, labels, t->logits, t->epochs.loss + at,
                              t->epochs.correct + at);
  if (t->visual.adapted)
    {
      ops->gemm (s, FALSE, FALSE, m, t->d, t->k, scale, t->logits, t->k, w, t->d, 0, t->visual.d,
                 t->d);
      ratio_gradients[0] = (float) side_backward (t, &t->visual, m);
    }
  if (t->text.adapted)
    {
      ops->gemm (s, TRUE, FALSE, t->k, t->d, m, scale, t->logits, t->k, t->visual.out, t->d, 0,
                 t->text.d, t->d);
      ratio_gradients[1] = (float) side_backward (t, &t->text, t->k);
    }
  if (t->options.learn_ratios)
    ops->upload (s, t->gradients + t->n_weights - 2, ratio_gradients, 2);
}

static void
update (FewTrainer *t)
{
  const FewTrainOptions *o = &t->options;
  FewUpdate u = few_update_at (o, t->rate, ++t->step);
  if (o->optimizer == FEW_OPTIMIZER_SGD)
    t->backend->ops->sgd (t->backend->stream, t->n_weights, &u, t->gradients, t->m, t->weights);
  else
    t->backend->ops->adam (t->backend->stream, t->n_weights, &u, t->gradients, t->m, t->v,
                           t->weights);
}

/* of a batch of m */
static double
mean_loss (FewTrainer *t, guint m)
{
  g_autofree float *host = g_new (float, m);
  double sum = 0;
  t->backend->ops->download (t->backend->stream, host, t->epochs.loss, m);
  for (guint i = 0; i < m; i++)
    sum += host[i];
  return sum / m;
}

/* ---- epochs */

static void
begin_epoch (FewTrainer *t)
{
  few_batches_shuffle (&t->batches);
  t->seen = 0;
  t->rate = few_epoch_rate (&t->options, t->epoch);
}

/* Which validation pictures are right at the training ratios */
static void
validate (FewTrainer *t)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->backend->stream;
  read_ratios (t);
  if (t->text.adapted && t->n_validation > 0)
    side_forward (t, &t->text, t->k, t->text.x);
  const float *w = t->text.adapted ? t->text.out : t->text.x;
  for (guint first = 0; first < t->n_validation; first += EVALUATION_ROWS)
    {
      guint m = MIN (EVALUATION_ROWS, t->n_validation - first);
      guint32 labels[EVALUATION_ROWS];
      for (guint i = 0; i < m; i++)
        labels[i] = t->labels[t->validation[first + i]];
      ops->gather_rows (s, m, t->d, t->validation + first, t->features, t->d, t->visual.x);
      side_forward (t, &t->visual, m, t->visual.x);
      ops->gemm (s, FALSE, TRUE, m, t->k, t->d, 1, t->visual.out, t->d, w, t->d, 0, t->logits,
                 t->k);
      ops->softmax_cross_entropy (s, m, t->k, labels, t->logits, t->dots, t->epochs.right + first);
    }
}

gboolean
few_trainer_step (FewTrainer *t)
{
  if (t->epoch >= t->options.epochs)
    return FALSE;
  guint m;
  guint32 rows[t->options.batch];
  const guint32 *order = few_batches_next (&t->batches, &m);
  for (guint i = 0; i < m; i++)
    rows[i] = t->train[order[i]];
  forward_backward (t, rows, m, t->seen);
  update (t);
  t->seen += m;
  if (t->batches.at < t->batches.n)
    return TRUE;
  validate (t);
  few_epochs_close (&t->epochs);
  t->epoch++;
  begin_epoch (t);
  return t->epoch < t->options.epochs;
}

guint
few_trainer_epoch (const FewTrainer *t)
{
  return t->epoch;
}

const FewEpoch *
few_trainer_history (FewTrainer *t, guint *n)
{
  return few_epochs_read (&t->epochs, n);
}

gboolean
few_trainer_check (FewTrainer *t, GError **error)
{
  return t->backend->ops->check (t->backend->stream, error);
}

void
few_trainer_set_learning_rate (FewTrainer *t, double learning_rate)
{
  t->options.learning_rate = learning_rate;
  t->rate = few_epoch_rate (&t->options, t->epoch);
}

float
few_trainer_gradients (FewTrainer *t, const guint32 *rows, guint m, float *gradients)
{
  forward_backward (t, rows, m, 0);
  t->backend->ops->download (t->backend->stream, gradients, t->gradients, t->n_weights);
  return (float) mean_loss (t, m);
}

float
few_trainer_step_rows (FewTrainer *t, const guint32 *rows, guint m)
{
  forward_backward (t, rows, m, 0);
  update (t);
  return (float) mean_loss (t, m);
}

void
few_trainer_ratios (FewTrainer *t, double *alpha, double *beta)
{
  read_ratios (t);
  *alpha = t->visual.adapted ? t->visual.ratio : 0;
  *beta = t->text.adapted ? t->text.ratio : 0;
}

void
few_trainer_scores (FewTrainer *t, float *scores)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->backend->stream;
  read_ratios (t);
  if (t->text.adapted)
    side_forward (t, &t->text, t->k, t->text.x);
  for (guint first = 0; first < t->n; first += EVALUATION_ROWS)
    {
      guint m = MIN (EVALUATION_ROWS, t->n - first);
      side_forward (t, &t->visual, m, t->features + (gsize) first * t->d);
      ops->gemm (s, FALSE, TRUE, m, t->k, t->d, (float) t->scale, t->visual.out, t->d,
                 t->text.adapted ? t->text.out : t->text.x, t->d, 0, t->logits, t->k);
      ops->download (s, scores + (gsize) first * t->k, t->logits, (gsize) m * t->k);
    }
}

/* ---- snapshots */

FewSnapshot *
few_trainer_snapshot (FewTrainer *t)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->backend->stream;
  g_return_val_if_fail (t->options.side == FEW_SIDE_VISUAL, NULL);
  read_ratios (t);
  FewSnapshot *snapshot = few_snapshot_new (t->n, t->k, t->d, t->labels, t->roles, t->ids);
  for (guint first = 0; first < t->n; first += EVALUATION_ROWS)
    {
      guint m = MIN (EVALUATION_ROWS, t->n - first);
      const float *f = t->features + (gsize) first * t->d;
      const float *a = t->visual.a;
      side_forward (t, &t->visual, m, f);
      ops->gemm (s, FALSE, TRUE, m, t->k, t->d, 1, a, t->d, t->text.x, t->d, 0, t->logits, t->k);
      ops->download (s, snapshot->at + (gsize) first * t->k, t->logits, (gsize) m * t->k);
      ops->row_dots (s, m, t->d, a, a, t->dots);
      ops->download (s, snapshot->aa + first, t->dots, m);
      ops->row_dots (s, m, t->d, a, f, t->dots);
      ops->download (s, snapshot->af + first, t->dots, m);
    }
  ops->download (s, snapshot->ft, t->ft, (gsize) t->n * t->k);
  ops->download (s, snapshot->ff, t->ff, t->n);
  g_autofree float *weights = g_new (float, t->n_weights);
  ops->download (s, weights, t->weights, t->n_weights);
  const FewModelInfo *model = few_model_info (t->model);
  FewSnapshotInfo *info = &snapshot->info;
  FewAdapter *adapter =
      few_adapter_new (t->d, t->h, t->options.final_relu, weights, t->text_host,
                       (const char *const *) t->class_names, t->k, t->scale, t->visual.ratio,
                       t->template_text, model->name, model->sha256);
  few_snapshot_take_adapter (snapshot, adapter, (GDestroyNotify) few_adapter_unref);
  info->trained = TRUE;
  info->trained_alpha = t->visual.ratio;
  info->logit_scale = t->scale;
  const FewEpoch *history = few_epochs_read (&t->epochs, &info->epoch);
  info->history = g_memdup2 (history, info->epoch * sizeof *history);
  info->epochs = t->options.epochs;
  info->seconds = (double) (g_get_monotonic_time () - t->started) / G_USEC_PER_SEC;
  double done = t->epoch + (double) t->batches.at / t->batches.n;
  info->seconds_left = done > 0 ? info->seconds / done * (t->options.epochs - done) : 0;
  few_snapshot_seal (snapshot);
  return snapshot;
}

/* ---- life */

static gboolean
check (const FewTrainOptions *o, const float *features, gsize n_features, const guint8 *roles,
       const guint32 *labels, guint n, guint n_classes, GError **error)
{
  guint with_pictures = 0;
  g_autofree guint8 *seen = g_new0 (guint8, MAX (n_classes, 1));
  for (guint i = 0; i < n; i++)
    if (roles[i] == FEW_ROLE_TRAIN && !seen[labels[i]])
      {
        seen[labels[i]] = 1;
        with_pictures++;
      }
  if (n_classes < 2 || with_pictures < 2)
    {
      few_fail (error, INPUT, "Training needs pictures of at least two classes; there %s.",
                with_pictures == 1 ? "are pictures of one class only" : "are none");
      return FALSE;
    }
  if (!(o->alpha >= 0 && o->alpha <= 1) || !(o->beta >= 0 && o->beta <= 1) || o->epochs < 1
      || o->epochs > 100000 || o->batch < 1 || o->batch > 4096
      || !(o->learning_rate > 0 && o->learning_rate <= 10) || o->hidden > 16384
      || !(o->weight_decay >= 0 && o->weight_decay <= 10) || !(o->momentum >= 0 && o->momentum < 1))
    {
      few_fail (error, INPUT,
                "A training setting is out of range: α and β 0–1, epochs 1–100000, batch 1–4096, "
                "learning rate 0–10, hidden width up to 16384.");
      return FALSE;
    }
  for (gsize i = 0; i < n_features; i++)
    if (!isfinite (features[i]))
      {
        few_fail (error, INPUT,
                  "A picture's feature holds a value that is not a number. Clear the feature cache "
                  "and import it again.");
        return FALSE;
      }
  return TRUE;
}

static gboolean
alloc_memory (FewModel *model, gpointer user, GError **error)
{
  FewTrainer *t = user;
  t->backend = few_model_backend (model);
  t->memory = t->backend->ops->alloc (t->backend, t->n_memory, error);
  return t->memory != NULL;
}

FewTrainer *
few_trainer_new (FewModel *model, const FewTrainOptions *options, const float *features,
                 const guint32 *labels, const guint8 *roles, const guint32 *ids, guint n,
                 const float *text_features, const char *const *class_names, guint n_classes,
                 const char *template_text, GError **error)
{
  guint d = few_model_dim (model);
  guint k = n_classes;
  guint h = options->hidden ? options->hidden : MAX (d / 4, 1);
  if (!check (options, features, (gsize) n * d, roles, labels, n, n_classes, error))
    return NULL;
  g_autoptr (FewTrainer) t = g_new0 (FewTrainer, 1);
  t->model = few_model_ref (model);
  t->backend = few_model_backend (model);
  t->options = *options;
  t->n = n;
  t->d = d;
  t->k = k;
  t->h = h;
  t->scale = few_model_info (model)->logit_scale;
  t->labels = g_memdup2 (labels, n * sizeof *labels);
  t->roles = g_memdup2 (roles, n);
  t->ids = g_new (guint32, n);
  t->template_text = g_strdup (template_text);
  t->text_host = g_memdup2 (text_features, (gsize) k * d * sizeof (float));
  t->class_names = g_new0 (char *, k + 1);
  for (guint i = 0; i < k; i++)
    t->class_names[i] = g_strdup (class_names[i]);
  t->train = g_new (guint32, n);
  t->validation = g_new (guint32, n);
  guint n_train = 0;
  for (guint i = 0; i < n; i++)
    {
      t->ids[i] = ids ? ids[i] : i;
      if (roles[i] == FEW_ROLE_TRAIN)
        t->train[n_train++] = i;
      else if (roles[i] == FEW_ROLE_VALIDATION)
        t->validation[t->n_validation++] = i;
    }
  few_batches_init (&t->batches, n_train, options->batch, options->seed);
  t->visual.adapted = options->side != FEW_SIDE_TEXT;
  t->text.adapted = options->side != FEW_SIDE_VISUAL;
  t->visual.ratio = options->alpha;
  t->text.ratio = options->beta;

  /* One allocation; rows of a multiple of 16 floats keep every part aligned. */
  gsize rows = MAX (EVALUATION_ROWS, options->batch);
  gsize half = (gsize) h * d;
  gsize at = 0;
  guint sides = t->visual.adapted + t->text.adapted;
  t->n_weights = sides * 2 * half + (options->learn_ratios ? 2 : 0);
  Side *v = &t->visual;
  Side *w = &t->text;
  gsize v_rows = v->adapted ? rows : 0;
  gsize w_rows = w->adapted ? k : 0;
  /* few_trainer_gradients' batches may be larger than all that is learned from */
  guint room = (guint) MAX (rows, n_train);
  float *epochs;
  struct
  {
    float **part;
    gsize n;
  } parts[] = {
    { &t->features, (gsize) n * d },
    { &t->ft, (gsize) n * k },
    { &t->ff, n },
    { &t->weights, t->n_weights },
    { &t->gradients, t->n_weights },
    { &t->m, t->n_weights },
    { &t->v, t->n_weights },
    { &v->x, rows * d },
    { &v->out, rows * d },
    { &v->norm, rows },
    { &v->a, v_rows * d },
    { &v->d, v_rows * d },
    { &v->mlp.hidden, v_rows * h },
    { &v->mlp.d_hidden, v_rows * h },
    { &w->x, (gsize) k * d },
    { &w->out, w_rows * d },
    { &w->norm, w_rows },
    { &w->a, w_rows * d },
    { &w->d, w_rows * d },
    { &w->mlp.hidden, w_rows * h },
    { &w->mlp.d_hidden, w_rows * h },
    { &t->logits, rows * k },
    { &t->dots, MAX (rows, k) },
    { &epochs, few_epochs_floats (room, t->n_validation, options->epochs) },
  };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    at += (parts[i].n + 15) / 16 * 16;
  t->n_memory = at;
  if (!few_model_retry (model, alloc_memory, t, error))
    return NULL;
  at = 0;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      *parts[i].part = t->memory + at;
      at += (parts[i].n + 15) / 16 * 16;
    }
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->backend->stream;
  ops->upload (s, t->features, features, (gsize) n * d);
  ops->upload (s, w->x, text_features, (gsize) k * d);
  ops->gemm (s, FALSE, TRUE, n, k, d, 1, t->features, d, w->x, d, 0, t->ft, k);
  ops->row_dots (s, n, d, t->features, t->features, t->ff);
  g_autofree float *weights = g_new (float, t->n_weights);
  gsize offset = 0;
  for (Side *side = v; side; side = side == v ? w : NULL)
    if (side->adapted)
      {
        side->mlp.d = d;
        side->mlp.h = h;
        side->mlp.final_relu = options->final_relu;
        side->mlp.w1 = t->weights + offset;
        side->mlp.w2 = side->mlp.w1 + half;
        side->mlp.g1 = t->gradients + offset;
        side->mlp.g2 = side->mlp.g1 + half;
        few_bottleneck_init (d, h, t->batches.rand, weights + offset);
        offset += 2 * half;
      }
  for (Side *side = v; side && options->learn_ratios; side = side == v ? w : NULL)
    {
      double ratio = CLAMP (side->ratio, 0.01, 0.99); /* the ends have no finite logit */
      weights[offset++] = (float) log (ratio / (1 - ratio));
    }
  ops->upload (s, t->weights, weights, t->n_weights);
  few_epochs_init (&t->epochs, t->backend, epochs, room, n_train, t->n_validation, options->epochs);
  begin_epoch (t);
  t->started = g_get_monotonic_time ();
  return g_steal_pointer (&t);
}

void
few_trainer_set_weights (FewTrainer *t, const float *weights)
{
  t->backend->ops->upload (t->backend->stream, t->weights, weights, t->n_weights);
}

gsize
few_trainer_get_weights (FewTrainer *t, float *weights)
{
  if (weights)
    t->backend->ops->download (t->backend->stream, weights, t->weights, t->n_weights);
  return t->n_weights;
}

void
few_trainer_free (FewTrainer *t)
{
  if (t->memory)
    t->backend->ops->free (t->backend, t->memory);
  g_clear_pointer (&t->model, few_model_unref);
  few_epochs_clear (&t->epochs);
  few_batches_clear (&t->batches);
  g_strfreev (t->class_names);
  g_free (t->template_text);
  g_free (t->text_host);
  g_free (t->labels);
  g_free (t->roles);
  g_free (t->ids);
  g_free (t->train);
  g_free (t->validation);
  g_free (t);
}
