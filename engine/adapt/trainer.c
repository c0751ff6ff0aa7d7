/* Trains the visual adapter on cached features, written over the op table.
 *
 *   h = relu (f W1ᵀ)          (B, H)        a = [relu] (h W2ᵀ)      (B, D)
 *   y = u/|u|, u = αa + (1−α)f (B, D)        logits = s · y Tᵀ       (B, K)
 * backward:
 *   dy = s · dlogits T,  da = α (dy − y(y·dy))/|u|,  dz = da ⊙ [a > 0],
 *   dW2 = dzᵀ h,  dh = dz W2 ⊙ [h > 0],  dW1 = dhᵀ f */
#include "../clip/model.h"
#include "../error.h"
#include "../eval/snapshot.h"
#include "adapter.h"
#include <math.h>
#include <string.h>

enum { EVALUATION_ROWS = 256 };

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
  float *memory;
  float *features, *text, *ft, *ff;       /* [N, D], [K, D], [N, K], [N] */
  float *weights, *gradients, *m, *v;     /* [2·H·D] */
  float *f, *hidden, *a, *y, *logits;     /* a batch, or EVALUATION_ROWS pictures */
  float *d_hidden, *norm, *loss, *correct;
  /* the epoch under way */
  guint32 *order, n_train, at;
  guint32 *validation;
  guint n_validation;
  guint epoch;
  guint64 step;
  double rate;
  double loss_sum, correct_sum;
  guint seen;
  GArray *history; /* FewEpoch */
  GRand *rand;
  gint64 started;
};

/* ---- one batch */

static void
forward (FewTrainer *t, guint m, const float *f)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->backend->stream;
  const float *w1 = t->weights, *w2 = t->weights + (gsize) t->h * t->d;
  ops->gemm (s, FALSE, TRUE, m, t->h, t->d, 1, f, t->d, w1, t->d, 0, t->hidden, t->h);
  ops->relu (s, (gsize) m * t->h, t->hidden);
  ops->gemm (s, FALSE, TRUE, m, t->d, t->h, 1, t->hidden, t->h, w2, t->h, 0, t->a, t->d);
  if (t->options.final_relu)
    ops->relu (s, (gsize) m * t->d, t->a);
}

/* Gradients of the mean cross-entropy over `rows`; leaves loss and correct on the device. */
static void
forward_backward (FewTrainer *t, const guint32 *rows, guint m)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->backend->stream;
  guint32 labels[m];
  for (guint i = 0; i < m; i++)
    labels[i] = t->labels[rows[i]];
  gsize half = (gsize) t->h * t->d;
  const float *w2 = t->weights + half;
  float alpha = (float) t->options.alpha, scale = (float) t->scale;
  ops->gather_rows (s, m, t->d, rows, t->features, t->d, t->f);
  forward (t, m, t->f);
  ops->blend_normalise (s, m, t->d, alpha, t->a, t->f, t->y, t->norm);
  ops->gemm (s, FALSE, TRUE, m, t->k, t->d, scale, t->y, t->d, t->text, t->d, 0, t->logits, t->k);
  ops->softmax_cross_entropy (s, m, t->k, labels, t->logits, t->loss, t->correct);
  /* dy takes the place of the gathered batch until f is needed again for dW1 */
  float *dy = t->f;
  ops->gemm (s, FALSE, FALSE, m, t->d, t->k, scale, t->logits, t->k, t->text, t->d, 0, dy, t->d);
  ops->blend_normalise_backward (s, m, t->d, alpha, t->y, t->norm, dy, dy);
  if (t->options.final_relu)
    ops->relu_backward (s, (gsize) m * t->d, t->a, dy);
  ops->gemm (s, TRUE, FALSE, t->d, t->h, m, 1, dy, t->d, t->hidden, t->h, 0, t->gradients + half, t->h);
  ops->gemm (s, FALSE, FALSE, m, t->h, t->d, 1, dy, t->d, w2, t->h, 0, t->d_hidden, t->h);
  ops->relu_backward (s, (gsize) m * t->h, t->hidden, t->d_hidden);
  ops->gather_rows (s, m, t->d, rows, t->features, t->d, t->f);
  ops->gemm (s, TRUE, FALSE, t->h, t->d, m, 1, t->d_hidden, t->h, t->f, t->d, 0, t->gradients, t->d);
}

static void
update (FewTrainer *t)
{
  const FewTrainOptions *o = &t->options;
  gsize n = 2 * (gsize) t->h * t->d;
  FewUpdate u = { .rate = (float) t->rate, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f, .weight_decay = (float) o->weight_decay,
                  .decoupled = o->optimizer == FEW_OPTIMIZER_ADAMW, .step = ++t->step };
  if (o->optimizer == FEW_OPTIMIZER_SGD)
    {
      u.beta1 = (float) o->momentum;
      t->backend->ops->sgd (t->backend->stream, n, &u, t->gradients, t->m, t->weights);
    }
  else
    t->backend->ops->adam (t->backend->stream, n, &u, t->gradients, t->m, t->v, t->weights);
}

static double
mean_loss (FewTrainer *t, guint m, double *correct)
{
  float host[m];
  double sum = 0;
  t->backend->ops->download (t->backend->stream, host, t->correct, m);
  *correct = 0;
  for (guint i = 0; i < m; i++)
    *correct += host[i];
  t->backend->ops->download (t->backend->stream, host, t->loss, m);
  for (guint i = 0; i < m; i++)
    sum += host[i];
  return sum / m;
}

/* ---- epochs */

/* Dassl's ConstantWarmupScheduler around CosineAnnealingLR, one step an epoch. */
static double
epoch_rate (const FewTrainOptions *o, guint epoch)
{
  if (epoch < o->warmup_epochs)
    return 1e-5;
  if (!o->cosine)
    return o->learning_rate;
  guint step = o->warmup_epochs ? epoch - o->warmup_epochs + 1 : epoch;
  return 0.5 * o->learning_rate * (1 + cos (G_PI * step / o->epochs));
}

static void
shuffle (FewTrainer *t)
{
  for (guint i = t->n_train; i > 1; i--)
    {
      guint j = (guint) g_rand_int_range (t->rand, 0, (gint32) i);
      guint32 swap = t->order[i - 1];
      t->order[i - 1] = t->order[j], t->order[j] = swap;
    }
  t->at = 0, t->seen = 0;
  t->loss_sum = t->correct_sum = 0;
  t->rate = epoch_rate (&t->options, t->epoch);
}

/* Share of validation pictures right at the training α; the norm does not change the order of classes. */
static float
validation_accuracy (FewTrainer *t)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->backend->stream;
  guint hits = 0;
  g_autofree float *loss = g_new (float, EVALUATION_ROWS);
  for (guint first = 0; first < t->n_validation; first += EVALUATION_ROWS)
    {
      guint m = MIN (EVALUATION_ROWS, t->n_validation - first);
      guint32 labels[EVALUATION_ROWS];
      for (guint i = 0; i < m; i++)
        labels[i] = t->labels[t->validation[first + i]];
      ops->gather_rows (s, m, t->d, t->validation + first, t->features, t->d, t->f);
      forward (t, m, t->f);
      ops->blend_normalise (s, m, t->d, (float) t->options.alpha, t->a, t->f, t->y, t->norm);
      ops->gemm (s, FALSE, TRUE, m, t->k, t->d, 1, t->y, t->d, t->text, t->d, 0, t->logits, t->k);
      ops->softmax_cross_entropy (s, m, t->k, labels, t->logits, t->loss, t->correct);
      ops->download (s, loss, t->correct, m);
      for (guint i = 0; i < m; i++)
        hits += loss[i] > 0.5f;
    }
  return t->n_validation ? (float) hits / (float) t->n_validation : NAN;
}

gboolean
few_trainer_step (FewTrainer *t)
{
  if (t->epoch >= t->options.epochs)
    return FALSE;
  guint m = MIN (t->options.batch, t->n_train - t->at);
  double correct;
  forward_backward (t, t->order + t->at, m);
  update (t);
  t->loss_sum += mean_loss (t, m, &correct) * m;
  t->correct_sum += correct;
  t->seen += m, t->at += m;
  if (t->at < t->n_train)
    return TRUE;
  FewEpoch epoch = { (float) (t->loss_sum / t->seen), (float) (t->correct_sum / t->seen), validation_accuracy (t) };
  g_array_append_val (t->history, epoch);
  t->epoch++;
  shuffle (t);
  return t->epoch < t->options.epochs;
}

guint
few_trainer_epoch (const FewTrainer *t)
{
  return t->epoch;
}

void
few_trainer_set_learning_rate (FewTrainer *t, double learning_rate)
{
  t->options.learning_rate = learning_rate;
  t->rate = epoch_rate (&t->options, t->epoch);
}

float
few_trainer_gradients (FewTrainer *t, const guint32 *rows, guint m, float *gradients)
{
  double correct;
  forward_backward (t, rows, m);
  t->backend->ops->download (t->backend->stream, gradients, t->gradients, 2 * (gsize) t->h * t->d);
  return (float) mean_loss (t, m, &correct);
}

float
few_trainer_step_rows (FewTrainer *t, const guint32 *rows, guint m)
{
  double correct;
  forward_backward (t, rows, m);
  update (t);
  return (float) mean_loss (t, m, &correct);
}

/* ---- snapshots */

FewSnapshot *
few_trainer_snapshot (FewTrainer *t)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->backend->stream;
  FewSnapshot *snapshot = few_snapshot_new (t->n, t->k, t->d, t->labels, t->roles, t->ids);
  for (guint first = 0; first < t->n; first += EVALUATION_ROWS)
    {
      guint m = MIN (EVALUATION_ROWS, t->n - first);
      const float *f = t->features + (gsize) first * t->d;
      forward (t, m, f);
      ops->gemm (s, FALSE, TRUE, m, t->k, t->d, 1, t->a, t->d, t->text, t->d, 0, t->logits, t->k);
      ops->download (s, snapshot->at + (gsize) first * t->k, t->logits, (gsize) m * t->k);
      ops->row_dots (s, m, t->d, t->a, t->a, t->norm);
      ops->download (s, snapshot->aa + first, t->norm, m);
      ops->row_dots (s, m, t->d, t->a, f, t->norm);
      ops->download (s, snapshot->af + first, t->norm, m);
    }
  ops->download (s, snapshot->ft, t->ft, (gsize) t->n * t->k);
  ops->download (s, snapshot->ff, t->ff, t->n);
  gsize n_weights = 2 * (gsize) t->h * t->d;
  g_autofree float *weights = g_new (float, n_weights);
  ops->download (s, weights, t->weights, n_weights);
  const FewModelInfo *model = few_model_info (t->model);
  FewSnapshotInfo *info = &snapshot->info;
  info->adapter = few_adapter_new (t->d, t->h, t->options.final_relu, weights, t->text_host, (const char *const *) t->class_names, t->k, t->scale,
                                   t->options.alpha, t->template_text, model->name, model->sha256);
  info->trained = TRUE;
  info->trained_alpha = t->options.alpha;
  info->logit_scale = t->scale;
  info->epoch = t->history->len;
  info->epochs = t->options.epochs;
  info->history = g_memdup2 (t->history->data, t->history->len * sizeof (FewEpoch));
  info->seconds = (double) (g_get_monotonic_time () - t->started) / G_USEC_PER_SEC;
  double done = t->epoch + (double) t->at / t->n_train;
  info->seconds_left = done > 0 ? info->seconds / done * (t->options.epochs - done) : 0;
  few_snapshot_seal (snapshot);
  return snapshot;
}

/* ---- life */

static gboolean
check (const FewTrainOptions *o, const float *features, gsize n_features, const guint8 *roles, const guint32 *labels, guint n, guint n_classes,
       GError **error)
{
  guint with_pictures = 0;
  g_autofree guint8 *seen = g_new0 (guint8, MAX (n_classes, 1));
  for (guint i = 0; i < n; i++)
    if (roles[i] == FEW_ROLE_TRAIN && !seen[labels[i]])
      seen[labels[i]] = 1, with_pictures++;
  if (n_classes < 2 || with_pictures < 2)
    {
      few_fail (error, INPUT, "Training needs pictures of at least two classes; there %s.",
                with_pictures == 1 ? "are pictures of one class only" : "are none");
      return FALSE;
    }
  if (!(o->alpha >= 0 && o->alpha <= 1) || o->epochs < 1 || o->epochs > 100000 || o->batch < 1 || o->batch > 4096
      || !(o->learning_rate > 0 && o->learning_rate <= 10) || o->hidden > 16384 || !(o->weight_decay >= 0 && o->weight_decay <= 10)
      || !(o->momentum >= 0 && o->momentum < 1))
    {
      few_fail (error, INPUT,
                "A training setting is out of range: α 0–1, epochs 1–100000, batch 1–4096, learning rate 0–10, hidden width up to 16384.");
      return FALSE;
    }
  for (gsize i = 0; i < n_features; i++)
    if (!isfinite (features[i]))
      {
        few_fail (error, INPUT, "A picture's feature holds a value that is not a number. Clear the feature cache and import it again.");
        return FALSE;
      }
  return TRUE;
}

FewTrainer *
few_trainer_new (FewModel *model, const FewTrainOptions *options, const float *features, const guint32 *labels, const guint8 *roles,
                 const guint32 *ids, guint n, const float *text_features, const char *const *class_names, guint n_classes,
                 const char *template_text, GError **error)
{
  guint d = few_model_dim (model), k = n_classes, h = options->hidden ? options->hidden : MAX (d / 4, 1);
  if (!check (options, features, (gsize) n * d, roles, labels, n, n_classes, error))
    return NULL;
  g_autoptr (FewTrainer) t = g_new0 (FewTrainer, 1);
  t->model = few_model_ref (model);
  t->backend = few_model_backend (model);
  t->options = *options;
  t->n = n, t->d = d, t->k = k, t->h = h;
  t->scale = few_model_info (model)->logit_scale;
  t->labels = g_memdup2 (labels, n * sizeof *labels);
  t->roles = g_memdup2 (roles, n);
  t->ids = g_new (guint32, n);
  t->template_text = g_strdup (template_text);
  t->text_host = g_memdup2 (text_features, (gsize) k * d * sizeof (float));
  t->class_names = g_new0 (char *, k + 1);
  for (guint i = 0; i < k; i++)
    t->class_names[i] = g_strdup (class_names[i]);
  t->order = g_new (guint32, n), t->validation = g_new (guint32, n);
  for (guint i = 0; i < n; i++)
    {
      t->ids[i] = ids ? ids[i] : i;
      if (roles[i] == FEW_ROLE_TRAIN)
        t->order[t->n_train++] = i;
      else if (roles[i] == FEW_ROLE_VALIDATION)
        t->validation[t->n_validation++] = i;
    }
  guint32 seeds[2] = { (guint32) options->seed, (guint32) (options->seed >> 32) };
  t->rand = g_rand_new_with_seed_array (seeds, 2);
  t->history = g_array_new (FALSE, FALSE, sizeof (FewEpoch));

  /* One allocation; rows of a multiple of 16 floats keep every part aligned. */
  gsize rows = MAX (EVALUATION_ROWS, options->batch), half = (gsize) h * d, at = 0;
  struct
  {
    float **part;
    gsize n;
  } parts[] = {
    { &t->features, (gsize) n * d }, { &t->text, (gsize) k * d }, { &t->ft, (gsize) n * k }, { &t->ff, n }, { &t->weights, 2 * half },
    { &t->gradients, 2 * half },     { &t->m, 2 * half },         { &t->v, 2 * half },       { &t->f, rows * d }, { &t->hidden, rows * h },
    { &t->a, rows * d },             { &t->y, rows * d },         { &t->logits, rows * k },  { &t->d_hidden, rows * h }, { &t->norm, rows },
    { &t->loss, rows },              { &t->correct, rows },
  };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    at += (parts[i].n + 15) / 16 * 16;
  t->memory = t->backend->ops->alloc (t->backend, at, error);
  if (!t->memory)
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
  ops->upload (s, t->text, text_features, (gsize) k * d);
  ops->gemm (s, FALSE, TRUE, n, k, d, 1, t->features, d, t->text, d, 0, t->ft, k);
  ops->row_dots (s, n, d, t->features, t->features, t->ff);
  /* torch Linear: U (±1/√fan_in) */
  g_autofree float *weights = g_new (float, 2 * half);
  double bound1 = 1 / sqrt (d), bound2 = 1 / sqrt (h);
  for (gsize i = 0; i < 2 * half; i++)
    weights[i] = (float) (i < half ? g_rand_double_range (t->rand, -bound1, bound1) : g_rand_double_range (t->rand, -bound2, bound2));
  ops->upload (s, t->weights, weights, 2 * half);
  shuffle (t);
  t->started = g_get_monotonic_time ();
  return g_steal_pointer (&t);
}

void
few_trainer_set_weights (FewTrainer *t, const float *weights)
{
  t->backend->ops->upload (t->backend->stream, t->weights, weights, 2 * (gsize) t->h * t->d);
}

void
few_trainer_free (FewTrainer *t)
{
  if (t->memory)
    t->backend->ops->free (t->backend, t->memory);
  g_clear_pointer (&t->model, few_model_unref);
  g_clear_pointer (&t->history, g_array_unref);
  g_clear_pointer (&t->rand, g_rand_free);
  g_strfreev (t->class_names);
  g_free (t->template_text);
  g_free (t->text_host);
  g_free (t->labels);
  g_free (t->roles);
  g_free (t->ids);
  g_free (t->order);
  g_free (t->validation);
  g_free (t);
}
