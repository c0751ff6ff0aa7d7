/* SPDX-License-Identifier: MIT */
/* Trains CLIP-Adapter on cached features: how a trainer is made and freed. */
#include "adapt/classifier.h"
#include "adapt/trainer-private.h"
#include "backend/backend.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/words.h"
#include "clip/model.h"
#include <fewshot/dataset.h>
#include <math.h>
#include <string.h>

static const char WHAT[] = N_ ("learning from so many pictures and classes");

/* ---- what is asked for */

static gboolean
check_options (const FewTrainOptions *o, GError **error)
{
  if (o->alpha >= 0 && o->alpha <= 1 && o->beta >= 0 && o->beta <= 1 && o->epochs >= 1
      && o->epochs <= 100000 && o->batch >= 1 && o->batch <= 4096 && o->learning_rate > 0
      && o->learning_rate <= 10 && o->hidden <= 16384 && o->weight_decay >= 0
      && o->weight_decay <= 10 && o->momentum >= 0 && o->momentum < 1)
    return TRUE;
  few_fail (error, INPUT,
            "A training setting is out of range: α and β 0–1, epochs 1–100000, batch 1–4096, "
            "learning rate 0–10, hidden width up to 16384.");
  return FALSE;
}

static gboolean
check_task (const FewTask *task, GError **error)
{
  guint with_pictures = 0;
  g_auto (FewRoom) room = { 0 };
  guint8 *seen = few_room_new (&room, guint8, task->n_classes, 1);
  if (few_room_is_short (&room, WHAT, error))
    return FALSE;
  for (guint i = 0; i < task->n; i++)
    if (task->roles[i] == FEW_ROLE_TRAIN && !seen[task->labels[i]])
      {
        seen[task->labels[i]] = 1;
        with_pictures++;
      }
  if (task->n_classes >= 2 && with_pictures >= 2)
    return TRUE;
  few_fail (error, INPUT, "Training needs pictures of at least two classes; there %s.",
            with_pictures == 1 ? _ ("are pictures of one class only") : _ ("are none"));
  return FALSE;
}

static gboolean
check_features (const float *features, gsize n_features, GError **error)
{
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
copy_task (FewTrainer *t, const FewTask *task, GError **error)
{
  guint n = task->n;
  t->n = n;
  t->k = task->n_classes;
  t->labels = few_room_new (&t->room, guint32, n, 1);
  t->roles = few_room_new (&t->room, guint8, n, 1);
  t->ids = few_room_new (&t->room, guint32, n, 1);
  t->text_host = few_room_new (&t->room, float, t->k, t->d);
  t->train = few_room_new (&t->room, guint32, n, 1);
  t->order = few_room_new (&t->room, guint32, n, 1);
  t->validation = few_room_new (&t->room, guint32, n, 1);
  if (few_room_is_short (&t->room, WHAT, error))
    return FALSE;
  if (n > 0)
    {
      memcpy (t->labels, task->labels, n * sizeof *t->labels);
      memcpy (t->roles, task->roles, n);
    }
  memcpy (t->text_host, task->text_features, (gsize) t->k * t->d * sizeof (float));
  t->template_text = g_strdup (task->template_text);
  t->prompts = few_classifier_prompts (task->prompts, task->n_classes);
  t->class_names = few_try_strings (task->class_names, t->k, WHAT, error);
  if (!t->class_names)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      t->ids[i] = task->ids ? task->ids[i] : i;
      if (task->roles[i] == FEW_ROLE_TRAIN)
        t->train[t->n_train++] = i;
      else if (task->roles[i] == FEW_ROLE_VALIDATION)
        t->validation[t->n_validation++] = i;
    }
  return TRUE;
}

/* ---- device memory */

/* few_trainer_gradients' batches may be larger than all that is learned from */
static guint
epoch_room (const FewTrainer *t)
{
  return MAX (MAX (EVALUATION_ROWS, t->options.batch), t->n_train);
}

static gboolean
alloc_parts (FewModel *model, gpointer user, GError **error)
{
  FewTrainer *t = user;
  t->backend = few_model_backend (model);
  t->stream = t->backend->stream;
  t->memory = t->backend->ops->alloc (t->backend, t->n_memory, error);
  return t->memory != NULL;
}

/* One allocation; rows of a multiple of 16 floats keep every part aligned. *epochs: what
 * few_epochs_init wants. */
static gboolean
alloc_memory (FewTrainer *t, float **epochs, GError **error)
{
  FewTrainerSide *v = &t->visual;
  FewTrainerSide *w = &t->text;
  gsize d = t->d;
  gsize h = t->h;
  gsize k = t->k;
  gsize rows = MAX (EVALUATION_ROWS, t->options.batch);
  gsize v_rows = v->adapted ? rows : 0;
  gsize w_rows = w->adapted ? k : 0;
  struct
  {
    float **part;
    gsize n;
  } parts[] = {
    { &t->features, t->n * d },
    { &t->ft, t->n * k },
    { &t->ff, t->n },
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
    { &w->x, k * d },
    { &w->out, w_rows * d },
    { &w->norm, w_rows },
    { &w->a, w_rows * d },
    { &w->d, w_rows * d },
    { &w->mlp.hidden, w_rows * h },
    { &w->mlp.d_hidden, w_rows * h },
    { &t->logits, rows * k },
    { &t->dots, MAX (rows, k) },
    { epochs, few_epochs_floats (epoch_room (t), t->n_validation, t->options.epochs) },
  };
  gsize at = 0;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    at += (parts[i].n + 15) / 16 * 16;
  t->n_memory = at;
  if (!few_model_retry (t->model, alloc_parts, t, error))
    return FALSE;
  at = 0;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      *parts[i].part = t->memory + at;
      at += (parts[i].n + 15) / 16 * 16;
    }
  return TRUE;
}

static void
upload_features (FewTrainer *t, const float *features)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->stream;
  float *text = t->text.x;
  ops->upload (s, t->features, features, (gsize) t->n * t->d);
  ops->upload (s, text, t->text_host, (gsize) t->k * t->d);
  ops->gemm (s, FALSE, TRUE, t->n, t->k, t->d, 1, t->features, t->d, text, t->d, 0, t->ft, t->k);
  ops->row_dots (s, t->n, t->d, t->features, t->features, t->ff);
}

/* Initial weights of the adapted sides, in the order of the generator that shuffles later. */
static gboolean
upload_weights (FewTrainer *t, GError **error)
{
  FewTrainerSide *sides[] = { &t->visual, &t->text };
  gsize half = (gsize) t->h * t->d;
  gsize at = 0;
  g_autofree float *weights = few_try_floats (t->n_weights, 1, "the adapter", error);
  if (!weights)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    if (sides[i]->adapted)
      {
        FewBottleneck *mlp = &sides[i]->mlp;
        mlp->d = t->d;
        mlp->h = t->h;
        mlp->final_relu = t->options.final_relu;
        mlp->w1 = t->weights + at;
        mlp->w2 = mlp->w1 + half;
        mlp->g1 = t->gradients + at;
        mlp->g2 = mlp->g1 + half;
        few_bottleneck_init (t->d, t->h, t->batches.rand, weights + at);
        at += 2 * half;
      }
  for (guint i = 0; i < G_N_ELEMENTS (sides) && t->options.learn_ratios; i++)
    {
      double ratio = CLAMP (sides[i]->ratio, 0.01, 0.99); /* the ends have no finite logit */
      weights[at++] = (float) log (ratio / (1 - ratio));
    }
  t->backend->ops->upload (t->stream, t->weights, weights, t->n_weights);
  return TRUE;
}

/* ---- life */

FewTrainer *
few_trainer_begin (FewModel *model, const FewTrainOptions *options, const FewTask *task,
                   GError **error)
{
  guint d = few_model_dim (model);
  float *epochs;
  if (!check_task (task, error) || !check_options (options, error)
      || !check_features (task->features, (gsize) task->n * d, error))
    return NULL;
  g_autoptr (FewTrainer) t = g_new0 (FewTrainer, 1);
  t->model = few_model_ref (model);
  t->backend = few_model_backend (model);
  t->stream = t->backend->stream;
  t->options = *options;
  t->d = d;
  t->h = options->hidden ? options->hidden : MAX (d / 4, 1);
  t->scale = few_model_info (model)->logit_scale;
  if (!copy_task (t, task, error))
    return NULL;
  guint rows = t->n_train / MAX (options->fresh, 1);
  few_batches_init (&t->batches, t->order, rows, options->batch, options);
  t->options.epochs = few_train_options_epochs (options, rows);
  t->visual.adapted = options->side != FEW_SIDE_TEXT;
  t->text.adapted = options->side != FEW_SIDE_VISUAL;
  t->visual.ratio = options->alpha;
  t->text.ratio = options->beta;
  guint sides = t->visual.adapted + t->text.adapted;
  t->n_weights = 2 * (gsize) sides * t->h * d + (options->learn_ratios ? 2 : 0);
  if (!alloc_memory (t, &epochs, error))
    return NULL;
  upload_features (t, task->features);
  if (!upload_weights (t, error))
    return NULL;
  few_epochs_init (&t->epochs, t->backend, epochs, epoch_room (t), t->batches.used, t->n_validation,
                   t->options.epochs);
  few_trainer_begin_epoch (t);
  t->alpha = t->visual.ratio;
  t->temperature = 1;
  t->started = g_get_monotonic_time ();
  return g_steal_pointer (&t);
}

void
few_trainer_set_weights (FewTrainer *t, const float *weights)
{
  g_return_if_fail (t != NULL && weights != NULL);
  t->backend->ops->upload (t->stream, t->weights, weights, t->n_weights);
}

gsize
few_trainer_get_weights (FewTrainer *t, float *weights)
{
  g_return_val_if_fail (t != NULL, 0);
  if (weights)
    t->backend->ops->download (t->stream, weights, t->weights, t->n_weights);
  return t->n_weights;
}

void
few_trainer_free (FewTrainer *t)
{
  g_return_if_fail (t != NULL);
  if (t->memory)
    t->backend->ops->free (t->backend, t->memory);
  g_clear_pointer (&t->model, few_model_unref);
  if (t->folds)
    t->free_folds (t->folds);
  g_clear_pointer (&t->out_of_fold, few_snapshot_unref);
  g_clear_error (&t->failure);
  few_epochs_clear (&t->epochs);
  few_batches_clear (&t->batches);
  g_strfreev (t->class_names);
  g_free (t->template_text);
  g_strfreev (t->prompts);
  few_room_clear (&t->room);
  g_free (t);
}
