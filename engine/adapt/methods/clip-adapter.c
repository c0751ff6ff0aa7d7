/* SPDX-License-Identifier: MIT */
/* CLIP-Adapter (Gao et al., IJCV 2024): on the picture's feature (α), the text features (β), or
 * both; the ratios fixed, by a grid on validation pictures, or learned. */
#include "adapt/methods/insertion.h"
#include "adapt/trainer-private.h"
#include "adapt/training-groups.h"
#include "lens/lens.h"
#include <fewshot/dataset.h>
#include <fewshot/lens.h>
#include <fewshot/method.h>
#include <fewshot/trainer.h>
#include <math.h>
#include <string.h>

/* α and β: as usual, which is the α of the least out-of-fold log-loss on the picture's side alone,
 * trained at the given one, and otherwise a grid; the best of a grid of training ratios on
 * validation; as given; trained; or, for α, trained at the given one and the best on validation to
 * view it at. */
typedef enum { RATIO_USUAL, RATIO_GRID, RATIO_FIXED, RATIO_LEARNED, RATIO_VIEW } Ratio;

typedef struct
{
  Ratio ratio;
  guint after; /* inside a ViT: after so many blocks; 0: on the feature */
} AdapterSettings;

static const double grid_ratios[] = { 0.2, 0.4, 0.6, 0.8 };

/* groups [n] of the task's pictures, and of the views behind them: a view is its picture's. */
static gboolean
find_groups (FewMethodRun *r, guint n, guint32 *groups, GError **error)
{
  guint at = r->n;
  g_autofree guint32 *known =
      few_training_groups (r->task, r->d, FALSE, few_run_threads (r), r->cancellable, error);
  if (!known)
    return FALSE;
  memcpy (groups, known, r->n * sizeof *groups);
  for (guint i = 0; i < r->n && at < n; i++)
    for (guint v = 0; r->task->roles[i] == FEW_ROLE_TRAIN && v < r->views; v++)
      groups[at++] = known[i];
  return TRUE;
}

/* Training number `done` of `total`; FALSE when cancelled. */
static gboolean
step_through (FewMethodRun *r, FewTrainer *trainer, guint done, guint total, GError **error)
{
  guint shown = 0;
  guint epochs = trainer->options.epochs;
  while (few_trainer_step (trainer))
    if (few_trainer_epoch (trainer) != shown)
      {
        shown = few_trainer_epoch (trainer);
        if (!few_run_tick (r, done * epochs + shown, total * epochs, error))
          return FALSE;
      }
  return TRUE;
}

/* Trains once; scores of the run's pictures alone (its rows come behind them) into
 * result->scores. */
static gboolean
train_once (FewMethodRun *r, const FewTrainOptions *options, guint done, guint total,
            FewTrainer **trainer, GError **error)
{
  /* one table: the pictures, then the views as more training rows */
  guint d = r->d;
  guint extra = r->alone ? r->n_rows : r->n_rows - r->n_pictures;
  guint n = r->n + extra;
  guint at = r->n;
  g_auto (FewRoom) room = { 0 };
  float *features = few_room_new (&room, float, n, d);
  guint32 *labels = few_room_new (&room, guint32, n, 1);
  guint8 *roles = few_room_new (&room, guint8, n, 1);
  guint32 *groups = few_room_new (&room, guint32, n, 1);
  float *scores = few_room_new (&room, float, n, r->k);
  if (few_room_is_short (&room, FEW_RUN_WHAT, error))
    return FALSE;
  memcpy (features, r->task->features, (gsize) r->n * d * sizeof (float));
  memcpy (labels, r->task->labels, r->n * sizeof (guint32));
  memcpy (roles, r->task->roles, r->n);
  for (guint i = 0; i < r->n && r->alone; i++) /* its views take a picture's place */
    roles[i] = roles[i] == FEW_ROLE_TRAIN ? FEW_ROLE_UNUSED : roles[i];
  for (guint i = 0; i < r->n_rows; i++)
    if (r->alone || i % r->group > 0)
      {
        memcpy (features + (gsize) at * d, r->rows + (gsize) i * d, d * sizeof (float));
        labels[at] = r->row_labels[i];
        roles[at++] = FEW_ROLE_TRAIN;
      }
  const FewTask task = { .n = n,
                         .n_classes = r->k,
                         .features = features,
                         .labels = labels,
                         .roles = roles,
                         .text_features = r->task->text_features,
                         .class_names = r->task->class_names,
                         .groups = options->folds ? groups : NULL };
  if (options->folds && !find_groups (r, at, groups, error))
    return FALSE;
  g_autoptr (FewTrainer) t = few_trainer_new (r->model, options, &task, error);
  if (!t)
    return FALSE;
  few_trainer_views_from (t, r->n);
  gsize n_weights = few_trainer_get_weights (t, NULL);
  float *weights = few_room_new (&room, float, n_weights, 1);
  if (few_room_is_short (&room, FEW_RUN_WHAT, error))
    return FALSE;
  few_trainer_get_weights (t, weights);
  g_ptr_array_set_size (r->result->tensors, 0);
  few_run_learned (r, "weights.initial", 1, n_weights, weights);
  if (!step_through (r, t, done, total, error))
    return FALSE;
  few_trainer_scores (t, scores);
  memcpy (r->result->scores, scores, (gsize) r->n * r->k * sizeof (float));
  few_trainer_get_weights (t, weights);
  few_run_learned (r, "weights", 1, n_weights, weights);
  *trainer = g_steal_pointer (&t);
  return TRUE;
}

static gboolean
search_ratios (FewMethodRun *r, FewTrainOptions *options, GError **error)
{
  guint steps = G_N_ELEMENTS (grid_ratios);
  guint rows = options->side == FEW_SIDE_TEXT ? 1 : steps;
  guint columns = options->side == FEW_SIDE_VISUAL ? 1 : steps;
  few_run_grid (r, "alpha", rows > 1 ? grid_ratios : &options->alpha, rows, "beta",
                columns > 1 ? grid_ratios : &options->beta, columns);
  for (guint i = 0; i < rows * columns; i++)
    {
      FewTrainOptions one = *options;
      g_autoptr (FewTrainer) trainer = NULL;
      one.alpha = r->result->grid.row_values[i / columns];
      one.beta = r->result->grid.column_values[i % columns];
      if (!train_once (r, &one, i, rows * columns + 1, &trainer, error))
        return FALSE;
      g_autofree float *validation = few_run_validation_rows (r, r->result->scores);
      if (few_run_short (r, error))
        return FALSE;
      r->result->grid.accuracy[i] = few_run_validation_accuracy (r, validation);
    }
  guint row, column;
  few_run_grid_best (r, &row, &column);
  options->alpha = r->result->grid.row_values[row];
  options->beta = r->result->grid.column_values[column];
  return TRUE;
}

/* Scores at the α and the temperature that the folds chose. */
static void
view_by_folds (FewMethodRun *r, FewTrainer *trainer)
{
  GError **first = r->memory.error ? NULL : &r->memory.error; /* few_run_short tells */
  g_autoptr (FewSnapshot) snapshot = few_trainer_snapshot (trainer, first);
  if (!snapshot)
    return;
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  r->result->cross_validated = info->cross_validated;
  few_snapshot_scores (snapshot, trainer->alpha, r->n, r->result->scores);
  few_run_chose (r, "viewed_at", trainer->alpha);
  few_run_chose (r, "temperature", trainer->temperature);
  r->result->classifier = few_classifier_ref (info->classifier);
}

/* Scores at the α that is best on validation pictures, which is left in *alpha. */
static void
view_at_best (FewMethodRun *r, FewTrainer *trainer, double *alpha)
{
  g_autoptr (FewSnapshot) snapshot = few_trainer_snapshot (trainer, few_run_first_error (r));
  if (!snapshot)
    return;
  FewAlphaChoice choice;
  static const double one[] = { 0 };
  double alphas[FEW_CURVE_POINTS];
  for (guint i = 0; i < FEW_CURVE_POINTS; i++)
    alphas[i] = i / (FEW_CURVE_POINTS - 1.0);
  few_run_grid (r, "", one, 1, "alpha", alphas, FEW_CURVE_POINTS);
  memcpy (r->result->grid.accuracy, few_snapshot_info (snapshot)->curve, sizeof alphas);
  few_lens_choose_alpha (snapshot, &choice);
  few_snapshot_scores (snapshot, choice.best, r->n, r->result->scores);
  few_run_chose (r, "viewed_at", choice.best);
  *alpha = choice.best;
}

static guint
choose_hidden (const FewMethodRun *r, const FewTrainOptions *options)
{
  return options->hidden ? options->hidden : MAX (r->d / 4, 1);
}

/* β A (t) + (1 − β) t, normalised, times factor [K, D]. NULL: few_run_short tells, or there is
 * nobody to tell. */
static float *
adapt_text (FewMethodRun *r, const float *weights, const FewTrainOptions *options, double beta,
            double factor)
{
  gsize d = r->d;
  const float *text = r->task->text_features;
  float *w = few_run_host (r, float, r->k, d);
  few_run_keep_bottleneck (r, weights, choose_hidden (r, options), options->final_relu, beta);
  if (!r->result->classifier || !w)
    return NULL;
  few_classifier_apply (r->result->classifier, text, r->k, w);
  for (guint c = 0; c < r->k; c++)
    {
      float *row = w + c * d;
      double square = 0;
      for (guint j = 0; j < d; j++)
        {
          row[j] = (float) (beta * row[j] + (1 - beta) * text[c * d + j]);
          square += (double) row[j] * row[j];
        }
      float longer = square > 1e-24 ? (float) (factor / sqrt (square)) : 0;
      for (guint j = 0; j < d; j++)
        row[j] *= longer;
    }
  return w;
}

/* The text side is the linear classifier that it is; both are a sum without a linear part. */
static void
keep_side (FewMethodRun *r, FewTrainer *trainer, const FewTrainOptions *options, double alpha,
           double beta)
{
  guint hidden = choose_hidden (r, options);
  float *weights = few_run_host (r, float, few_trainer_get_weights (trainer, NULL), 1);
  if (!weights)
    return; /* few_run_short tells */
  few_trainer_get_weights (trainer, weights);
  if (options->side == FEW_SIDE_VISUAL)
    {
      few_run_keep_bottleneck (r, weights, hidden, options->final_relu, alpha);
      return;
    }
  gboolean both = options->side == FEW_SIDE_BOTH;
  const float *of_text = weights + (both ? 2 * (gsize) hidden * r->d : 0);
  float *text = adapt_text (r, of_text, options, beta, both ? 1 : r->scale);
  if (text && both)
    few_run_keep_both (r, weights, hidden, options->final_relu, alpha, text);
  else if (text)
    few_run_keep_linear (r, text, NULL);
}

static void
keep_learned (FewMethodRun *r, FewTrainer *trainer, const FewTrainOptions *options, double alpha,
              double beta)
{
  guint n;
  const FewEpoch *history = few_trainer_history (trainer, &n);
  few_run_add_epochs (r, history, n);
  if (options->side != FEW_SIDE_TEXT)
    few_run_chose (r, "alpha", alpha);
  if (options->side != FEW_SIDE_VISUAL)
    few_run_chose (r, "beta", beta);
  guint sides = options->side == FEW_SIDE_BOTH ? 2 : 1;
  r->result->parameters =
      2ull * sides * choose_hidden (r, options) * r->d + (options->learn_ratios ? sides : 0);
}

static gboolean
run_side (FewMethodRun *r, FewSide side, GError **error)
{
  AdapterSettings own;
  few_settings_own (r->options, &own, sizeof own);
  if (own.after > 0)
    return few_insertion_run (r, own.after, error);
  FewTrainOptions options = r->train;
  options.side = side;
  options.fresh = r->fresh ? r->views : 0;
  options.folds = own.ratio == RATIO_USUAL && side == FEW_SIDE_VISUAL;
  options.learn_ratios = own.ratio == RATIO_LEARNED;
  if (own.ratio == RATIO_USUAL && !options.folds)
    own.ratio = RATIO_GRID;
  gboolean view = own.ratio == RATIO_VIEW && side == FEW_SIDE_VISUAL;
  if (own.ratio == RATIO_GRID && few_run_may_choose (r) && !search_ratios (r, &options, error))
    return FALSE;
  g_autoptr (FewTrainer) trainer = NULL;
  guint before = r->result->grid.rows * r->result->grid.columns;
  if (!train_once (r, &options, before, before + 1, &trainer, error))
    return FALSE;
  double alpha, beta;
  few_trainer_ratios (trainer, &alpha, &beta);
  keep_learned (r, trainer, &options, alpha, beta);
  if (view && few_run_may_choose (r))
    view_at_best (r, trainer, &alpha);
  if (options.folds)
    view_by_folds (r, trainer);
  else
    keep_side (r, trainer, &options, alpha, beta);
  return TRUE;
}

static gboolean
run_visual (FewMethodRun *r, GError **error)
{
  return run_side (r, FEW_SIDE_VISUAL, error);
}

static gboolean
run_text (FewMethodRun *r, GError **error)
{
  return run_side (r, FEW_SIDE_TEXT, error);
}

static gboolean
run_both (FewMethodRun *r, GError **error)
{
  return run_side (r, FEW_SIDE_BOTH, error);
}

/* "grid", "learned", for α "folds" and "view", or the number itself */
static gboolean
parse_ratio (FewMethodOptions *options, const FewSetting *setting, const char *text, GError **error)
{
  AdapterSettings own;
  few_settings_own (options, &own, sizeof own);
  if (g_str_equal (text, "grid"))
    own.ratio = RATIO_GRID;
  else if (g_str_equal (text, "folds") && g_str_equal (setting->key, "alpha"))
    own.ratio = RATIO_USUAL;
  else if (g_str_equal (text, "learned"))
    own.ratio = RATIO_LEARNED;
  else if (g_str_equal (text, "view") && g_str_equal (setting->key, "alpha"))
    own.ratio = RATIO_VIEW;
  else
    own.ratio = RATIO_FIXED;
  memcpy (options->own, &own, sizeof own);
  return own.ratio != RATIO_FIXED || few_setting_parse_plain (setting, text, options, error);
}

/* The published code has no search: α is fixed at the preset's, unless it is given. */
static gboolean
parse_preset (FewMethodOptions *options, const FewSetting *setting G_GNUC_UNUSED, const char *text,
              GError **error G_GNUC_UNUSED)
{
  AdapterSettings own;
  few_settings_own (options, &own, sizeof own);
  own.ratio = g_str_equal (text, "published") ? RATIO_FIXED : own.ratio;
  memcpy (options->own, &own, sizeof own);
  return TRUE;
}

/* Epochs that are asked for are what counts. */
static gboolean
parse_epochs (FewMethodOptions *options, const FewSetting *setting, const char *text,
              GError **error)
{
  options->train.steps = 0;
  return few_setting_parse_plain (setting, text, options, error);
}

#define ALPHA { "alpha", FEW_SETTING_NUMBER, FEW_TRAIN (alpha), 0, 1, NULL, 0.6, parse_ratio }
#define BETA { "beta", FEW_SETTING_NUMBER, FEW_TRAIN (beta), 0, 1, NULL, 0.2, parse_ratio }
/* few_train_options_init's. */
#define SCHEDULE                                                                                   \
  FEW_TRAIN_STEPS (1000),                                                                          \
      { "epochs", FEW_SETTING_WHOLE, FEW_TRAIN (epochs), 1, 100000, NULL, 50, parse_epochs },      \
      FEW_TRAIN_RATE (3e-3), FEW_TRAIN_DECAY (1e-4), FEW_TRAIN_BATCH (32),                         \
      FEW_TRAIN_OPTIMIZER (FEW_OPTIMIZER_ADAMW),                                                   \
      { "preset", FEW_SETTING_PRESET, 0, 0, 0, NULL, 0, parse_preset },                            \
      { "hidden", FEW_SETTING_WHOLE, FEW_TRAIN (hidden), 1, 16384, NULL, 0, NULL }, /* 0: D/4 */   \
      { "relu", FEW_SETTING_WORD, FEW_TRAIN (final_relu), 0, 0, "0 1", TRUE, NULL },               \
      FEW_SETTINGS_END

static const FewSetting visual_settings[] = {
  ALPHA,
  FEW_OWN_WHOLE (AdapterSettings, after, "after", 1, 128, 0),
  SCHEDULE,
};
static const FewSetting text_settings[] = { BETA, SCHEDULE };
static const FewSetting both_settings[] = { ALPHA, BETA, SCHEDULE };

const FewMethod few_methods_clip_adapter[] = {
  { .info = { .name = "clip-adapter",
              .title = "CLIP-Adapter",
              .reference = "Gao et al., IJCV 2024",
              .texts = TRUE,
              .chooses = TRUE,
              .usual = TRUE,
              .published_views = 100,
              .fresh_views = TRUE,
              .keeps = TRUE },
    .settings = visual_settings,
    .run = run_visual },
  { .info = { .name = "clip-adapter-text",
              .title = "CLIP-Adapter, text",
              .reference = "Gao et al., IJCV 2024",
              .texts = TRUE,
              .chooses = TRUE,
              .keeps = TRUE },
    .settings = text_settings,
    .run = run_text },
  { .info = { .name = "clip-adapter-both",
              .title = "CLIP-Adapter, both",
              .reference = "Gao et al., IJCV 2024",
              .texts = TRUE,
              .chooses = TRUE,
              .keeps = TRUE },
    .settings = both_settings,
    .run = run_both },
  { .run = NULL },
};
