/* SPDX-License-Identifier: MIT */
/* Tip-Adapter (Zhang et al., ECCV 2022): the training features are keys of a cache, their labels
 * its values, logits = scale·f·t + τ·exp (−β (1 − f·Fᵀ))·L; τ and β by validation. With
 * augmented views, a key is the mean of its picture's views. Tip-Adapter-F trains the keys, at
 * the β and τ that were best before, and chooses again afterwards: the published code has values
 * for each of its data sets there, β = 1 and τ from 1 to 10.
 *
 * `search=published` does what the authors' code does with its settings for ImageNet: β of 200
 * steps to 7 and τ of 20 steps to 3, whatever few validation pictures there are, and keys trained
 * at β = 1 and τ = 1.17. (Their code then keeps the epoch that is best on the test pictures; here
 * it is the last.) */
#include "adapt/method.h"
#include <fewshot/method.h>
#include <math.h>
#include <string.h>

enum { STEPS = 20, PUBLISHED_STEPS = 200 };
static const double own_sharpness = 5.5, own_tau = 1; /* the paper's, where nothing can be chosen */
static const double published_sharpness = 1, published_tau = 1.17; /* what keys are trained at */

typedef struct
{
  double tau, sharpness; /* weight of the cache, and β of its affinity; NAN: chosen */
  FewSearch search;
} TipSettings;

#define SHARPNESS FEW_OWN_NUMBER (TipSettings, sharpness, "sharpness", 0, 1000, NAN)
#define TAU FEW_OWN_NUMBER (TipSettings, tau, "tau", 0, 1000, NAN)

#define SEARCH FEW_OWN_SEARCH (TipSettings, search)

static const FewSetting plain_settings[] = { SHARPNESS, TAU, SEARCH, FEW_SETTINGS_END };

static const FewSetting trained_settings[] = {
  SHARPNESS,
  TAU,
  SEARCH,
  FEW_TRAIN_EPOCHS (20),
  FEW_TRAIN_RATE (1e-3),
  FEW_TRAIN_DECAY (0.01), /* torch's default, which the published code takes */
  FEW_TRAIN_BATCH (256),
  FEW_SETTINGS_END,
};

typedef struct
{
  FewMethodRun *run;
  guint n_keys;
  float *features, *text; /* normalised */
  float *keys; /* [n_keys, D] */
  guint32 *labels; /* of the keys */
  float *values; /* [n_keys, K] one-hot */
  TipSettings given;
  double sharpness, tau; /* chosen, given, or the paper's */
} Tip;

/* [pictures, D]: the mean of the normalised views; the pictures themselves without any */
static gboolean
make_keys (Tip *tip, GError **error)
{
  FewMethodRun *r = tip->run;
  guint d = r->d;
  guint group = r->group;
  tip->n_keys = r->n_pictures;
  float *rows = few_run_upload_normalised (r, r->rows, r->n_rows);
  tip->features = few_run_upload_normalised (r, r->task->features, r->n);
  tip->text = few_run_upload (r, r->task->text_features, (gsize) r->k * d);
  g_auto (FewRoom) room = { 0 };
  float *host = few_room_new (&room, float, r->n_rows, d);
  float *keys = few_room_new (&room, float, tip->n_keys, d);
  float *values = few_room_new (&room, float, tip->n_keys, r->k);
  tip->labels = few_run_host (r, guint32, tip->n_keys, 1);
  if (few_run_short (r, error) || few_room_is_short (&room, FEW_RUN_WHAT, error))
    return FALSE;
  r->ops->download (r->stream, host, rows, (gsize) r->n_rows * d);
  for (guint i = 0; i < tip->n_keys; i++)
    {
      for (guint v = group - MAX (r->views, 1); v < group; v++)
        for (guint j = 0; j < d; j++)
          keys[(gsize) i * d + j] += host[((gsize) i * group + v) * d + j];
      tip->labels[i] = r->row_labels[i * group];
      values[(gsize) i * r->k + tip->labels[i]] = 1;
    }
  tip->keys = few_run_upload_normalised (r, keys, tip->n_keys);
  tip->values = few_run_upload (r, values, (gsize) tip->n_keys * r->k);
  return !few_run_short (r, error);
}

/* sums [m, K]: exp (−β(1 − f·F))·L of host cosines [m, n_keys] */
static void
sum_cache (const Tip *tip, const float *cosines, guint m, double sharpness, float *sums)
{
  guint k = tip->run->k;
  memset (sums, 0, (gsize) m * k * sizeof (float));
  for (guint i = 0; i < m; i++)
    for (guint j = 0; j < tip->n_keys; j++)
      sums[(gsize) i * k + tip->labels[j]] +=
          expf ((float) sharpness * (cosines[(gsize) i * tip->n_keys + j] - 1));
}

/* rows_host [m] of pictures → cosines [m, n_keys] with the keys as they are now */
static gboolean
compute_cosines (Tip *tip, const guint32 *rows, guint m, float *cosines, GError **error)
{
  FewMethodRun *r = tip->run;
  float *f = few_run_alloc (r, (gsize) m * r->d);
  float *device = few_run_alloc (r, (gsize) m * tip->n_keys);
  if (few_run_short (r, error))
    return FALSE;
  r->ops->gather_rows (r->stream, m, r->d, rows, tip->features, r->d, f);
  r->ops->gemm (r->stream, FALSE, TRUE, m, tip->n_keys, r->d, 1, f, r->d, tip->keys, r->d, 0,
                device, tip->n_keys);
  r->ops->download (r->stream, cosines, device, (gsize) m * tip->n_keys);
  return TRUE;
}

/* What is tried for β and τ; one value each where it was given. */
typedef struct
{
  guint n_sharpness, n_tau;
  double sharpness[PUBLISHED_STEPS], tau[STEPS];
} TipGrid;

/* The grid is wide, as the published ranges differ by data set: up to 7 and 3 on one, 50 and 50 on
 * another. */
static void
fill_grid (const TipSettings *given, TipGrid *grid)
{
  gboolean published = given->search == FEW_SEARCH_PUBLISHED;
  grid->n_sharpness = published ? PUBLISHED_STEPS : STEPS;
  grid->n_tau = STEPS;
  for (guint i = 0; i < grid->n_sharpness; i++)
    grid->sharpness[i] = published ? 0.1 + i * (7 - 0.1) / PUBLISHED_STEPS
                                   : 0.5 * pow (100, i / (STEPS - 1.0)); /* 0.5 … 50 */
  for (guint i = 0; i < grid->n_tau; i++)
    grid->tau[i] = published ? 0.1 + i * (3 - 0.1) / STEPS
                             : 0.1 * pow (1000, i / (STEPS - 1.0)); /* 0.1 … 100 */
  if (!isnan (given->sharpness))
    {
      grid->n_sharpness = 1;
      grid->sharpness[0] = given->sharpness;
    }
  if (!isnan (given->tau))
    {
      grid->n_tau = 1;
      grid->tau[0] = given->tau;
    }
}

/* Accuracy on the validation pictures of every β and τ of the grid, with the keys as they are;
 * `scores` are zero-shot's. */
static gboolean
measure_grid (Tip *tip, const TipGrid *tried, const float *scores, GError **error)
{
  FewMethodRun *r = tip->run;
  guint n = r->n_validation;
  gsize cells = (gsize) n * r->k;
  few_run_grid (r, "sharpness", tried->sharpness, tried->n_sharpness, "tau", tried->tau,
                tried->n_tau);
  const FewGrid *grid = &r->result->grid;
  g_auto (FewRoom) room = { 0 };
  float *cosines = few_room_new (&room, float, n, tip->n_keys);
  float *sums = few_room_new (&room, float, n, r->k);
  float *blend = few_room_new (&room, float, n, r->k);
  g_autofree float *zero_shot = few_run_validation_rows (r, scores);
  if (few_room_is_short (&room, FEW_RUN_WHAT, error) || few_run_short (r, error)
      || !compute_cosines (tip, r->validation, n, cosines, error))
    return FALSE;
  for (guint row = 0; row < grid->rows; row++)
    {
      sum_cache (tip, cosines, n, tried->sharpness[row], sums);
      for (guint column = 0; column < grid->columns; column++)
        {
          for (gsize i = 0; i < cells; i++)
            blend[i] = zero_shot[i] + (float) tried->tau[column] * sums[i];
          grid->accuracy[row * grid->columns + column] = few_run_validation_accuracy (r, blend);
        }
      if (g_cancellable_set_error_if_cancelled (r->cancellable, error))
        return FALSE;
    }
  return TRUE;
}

/* The best β and τ on validation pictures, the first of several. */
static gboolean
choose_cache (Tip *tip, const float *scores, GError **error)
{
  FewMethodRun *r = tip->run;
  const TipSettings *given = &tip->given;
  gboolean published = given->search == FEW_SEARCH_PUBLISHED;
  tip->sharpness = isnan (given->sharpness) ? own_sharpness : given->sharpness;
  tip->tau = isnan (given->tau) ? own_tau : given->tau;
  if (!isnan (given->sharpness) && !isnan (given->tau))
    return TRUE;
  gboolean may_choose = few_run_may_choose (r) || published;
  if (!may_choose || r->n_validation == 0)
    return TRUE;
  TipGrid tried;
  fill_grid (given, &tried);
  if (!measure_grid (tip, &tried, scores, error))
    return FALSE;
  guint row, column;
  few_run_grid_best (r, &row, &column);
  tip->sharpness = tried.sharpness[row];
  tip->tau = tried.tau[column];
  return TRUE;
}

/* Adds the cache's share to the scores. */
static gboolean
add_cache (Tip *tip, GError **error)
{
  enum { ROWS = 512 };
  FewMethodRun *r = tip->run;
  float *affinities = few_run_alloc (r, (gsize) ROWS * tip->n_keys);
  float *share = few_run_alloc (r, (gsize) ROWS * r->k);
  float *host = few_run_host (r, float, ROWS, r->k);
  if (few_run_short (r, error))
    return FALSE;
  for (guint first = 0; first < r->n; first += ROWS)
    {
      guint m = MIN (ROWS, r->n - first);
      r->ops->gemm (r->stream, FALSE, TRUE, m, tip->n_keys, r->d, 1,
                    tip->features + (gsize) first * r->d, r->d, tip->keys, r->d, 0, affinities,
                    tip->n_keys);
      r->ops->affinity (r->stream, (gsize) m * tip->n_keys, (float) tip->sharpness, affinities);
      r->ops->gemm (r->stream, FALSE, FALSE, m, r->k, tip->n_keys, (float) tip->tau, affinities,
                    tip->n_keys, tip->values, r->k, 0, share, r->k);
      r->ops->download (r->stream, host, share, (gsize) m * r->k);
      for (gsize i = 0; i < (gsize) m * r->k; i++)
        r->result->scores[(gsize) first * r->k + i] += host[i];
    }
  few_run_chose (r, "sharpness", tip->sharpness);
  few_run_chose (r, "tau", tip->tau);
  few_run_learned_device (r, "keys", tip->n_keys, r->d, tip->keys);
  few_run_keep_cache (r, tip->keys, tip->labels, tip->n_keys, tip->tau, tip->sharpness);
  return TRUE;
}

/* ---- the keys by AdamW */

typedef struct
{
  Tip *tip;
  FewLearning learning; /* weights: the keys */
  float *rows, *f, *affinities, *d_affinities, *logits;
} Training;

static void
step_keys (gpointer user, const guint32 *rows, const guint32 *labels, guint m)
{
  Training *t = user;
  const Tip *tip = t->tip;
  FewMethodRun *r = tip->run;
  const FewBackendOps *ops = r->ops;
  FewStream *s = r->stream;
  guint k = r->k;
  guint d = r->d;
  guint n_keys = tip->n_keys;
  float sharpness = (float) tip->sharpness;
  float tau = (float) tip->tau;
  ops->gather_rows (s, m, d, rows, t->rows, d, t->f);
  ops->gemm (s, FALSE, TRUE, m, n_keys, d, 1, t->f, d, tip->keys, d, 0, t->affinities, n_keys);
  ops->affinity (s, (gsize) m * n_keys, sharpness, t->affinities);
  ops->gemm (s, FALSE, TRUE, m, k, d, (float) r->scale, t->f, d, tip->text, d, 0, t->logits, k);
  ops->gemm (s, FALSE, FALSE, m, k, n_keys, tau, t->affinities, n_keys, tip->values, k, 1,
             t->logits, k);
  ops->softmax_cross_entropy (s, m, k, labels, t->logits, t->learning.loss, t->learning.correct);
  ops->gemm (s, FALSE, TRUE, m, n_keys, k, tau, t->logits, k, tip->values, k, 0, t->d_affinities,
             n_keys);
  ops->multiply (s, (gsize) m * n_keys, sharpness, t->affinities, t->d_affinities);
  ops->gemm (s, TRUE, FALSE, n_keys, d, m, 1, t->d_affinities, n_keys, t->f, d, 0,
             t->learning.gradient, d);
}

static gboolean
train_keys (Tip *tip, GError **error)
{
  FewMethodRun *r = tip->run;
  Training t = { .tip = tip };
  few_run_learning_init (r, &t.learning);
  few_run_learning_alloc (r, &t.learning, tip->keys, (gsize) tip->n_keys * r->d);
  gsize batch = t.learning.batch;
  t.rows = few_run_upload_normalised (r, r->rows, r->n_rows);
  t.f = few_run_alloc (r, batch * r->d);
  t.logits = few_run_alloc (r, batch * r->k);
  t.affinities = few_run_alloc (r, batch * tip->n_keys);
  t.d_affinities = few_run_alloc (r, batch * tip->n_keys);
  if (few_run_short (r, error))
    return FALSE;
  t.learning.step = step_keys;
  t.learning.user = &t;
  t.learning.epsilon = 1e-4f; /* as published */
  r->result->parameters = t.learning.n_weights;
  return few_run_learn (r, &t.learning, error);
}

static gboolean
run_with (FewMethodRun *r, gboolean trained, GError **error)
{
  Tip tip = { .run = r };
  few_settings_own (r->options, &tip.given, sizeof tip.given);
  gboolean ok = make_keys (&tip, error);
  if (ok)
    few_run_score (r, tip.features, tip.text, r->scale, NULL);
  if (trained && tip.given.search == FEW_SEARCH_PUBLISHED)
    {
      tip.sharpness = published_sharpness;
      tip.tau = published_tau;
    }
  else
    ok = ok && choose_cache (&tip, r->result->scores, error);
  if (trained)
    ok = ok && train_keys (&tip, error) && choose_cache (&tip, r->result->scores, error);
  return ok && add_cache (&tip, error);
}

static gboolean
run_plain (FewMethodRun *r, GError **error)
{
  return run_with (r, FALSE, error);
}

static gboolean
run_trained (FewMethodRun *r, GError **error)
{
  return run_with (r, TRUE, error);
}

const FewMethod few_methods_tip_adapter[] = {
  { .info = { .name = "tip-adapter",
              .title = "Tip-Adapter",
              .reference = "Zhang et al., ECCV 2022",
              .chooses = TRUE,
              .usual = TRUE,
              .published_views = 10,
              .keeps = TRUE },
    .settings = plain_settings,
    .run = run_plain },
  { .info = { .name = "tip-adapter-f",
              .title = "Tip-Adapter-F",
              .reference = "Zhang et al., ECCV 2022",
              .chooses = TRUE,
              .usual = TRUE,
              .published_views = 10,
              .fresh_views = TRUE,
              .keeps = TRUE },
    .settings = trained_settings,
    .run = run_trained },
  { .run = NULL },
};
