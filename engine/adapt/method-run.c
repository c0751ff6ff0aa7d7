/* SPDX-License-Identifier: MIT */
/* Runs a method on a task: looks whether it can, puts the task into the shape that methods want,
 * counts what comes out. */
#include "adapt/method.h"
#include "base/memory.h"
#include "base/words.h"
#include <fewshot/dataset.h>
#include <math.h>
#include <string.h>

static void
free_learned (gpointer data)
{
  FewLearned *learned = data;
  g_free (learned->name);
  g_free (learned->values);
  g_free (learned);
}

void
few_method_result_free (FewMethodResult *result)
{
  g_return_if_fail (result != NULL);
  g_clear_pointer (&result->several_test, few_several_free);
  g_clear_pointer (&result->several_cross_validated, few_several_free);
  g_free (result->scores);
  g_free (result->predicted);
  g_free (result->chosen);
  g_free (result->inserted);
  g_free (result->history);
  g_free (result->grid.row_values);
  g_free (result->grid.column_values);
  g_free (result->grid.accuracy);
  g_clear_pointer (&result->classifier, few_classifier_unref);
  g_clear_pointer (&result->tensors, g_ptr_array_unref);
  g_free (result);
}

static gboolean
check_finite (const float *values, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++)
    if (!isfinite (values[i]))
      {
        few_fail (error, INPUT,
                  "A feature holds a value that is not a number. Clear the feature cache and "
                  "import the pictures again.");
        return FALSE;
      }
  return TRUE;
}

/* Whether the method learns from pictures with as many labels as the task's have. */
static gboolean
check_labels (const FewMethod *method, const FewTask *task, GError **error)
{
  if (task->sets && task->n_classes > FEW_SEVERAL_MOST_LABELS)
    few_fail (
        error, LIMIT,
        "There are %u labels, and where a picture may have several no more than %d are taken.",
        task->n_classes, FEW_SEVERAL_MOST_LABELS);
  else if (task->sets && !method->info.several && !method->untrained)
    few_fail (error, UNSUPPORTED,
              "%s learns from pictures with one class each, and these have any number of labels. "
              "Choose One-vs-rest.",
              method->info.title);
  else if (!task->sets && method->info.several)
    few_fail (error, UNSUPPORTED,
              "%s learns from pictures with any number of labels, and these have one class each.",
              method->info.title);
  else
    return TRUE;
  return FALSE;
}

static void
fail_class (guint picture, guint32 class, guint k, GError **error)
{
  few_fail (error, INPUT, "Picture %u has class %u, and there are %u classes.", picture, class, k);
}

/* The same as check_classes asks: a label that some pictures have and others have not. */
static gboolean
check_sets (const FewMethod *method, FewMethodRun *run, GError **error)
{
  const FewTask *task = run->task;
  guint trained = 0;
  gboolean told = method->untrained;
  guint *counts = few_run_host (run, guint, run->k, 1);
  if (few_run_short (run, error))
    return FALSE;
  for (guint i = 0; i < run->n; i++)
    {
      guint n;
      const guint32 *labels = few_label_sets_get (task->sets, i, &n);
      gboolean trains = task->roles[i] == FEW_ROLE_TRAIN;
      trained += trains;
      for (guint l = 0; l < n; l++)
        if (labels[l] >= run->k)
          {
            fail_class (i, labels[l], run->k, error);
            return FALSE;
          }
        else
          counts[labels[l]] += trains;
    }
  for (guint k = 0; k < run->k; k++)
    told |= counts[k] > 0 && counts[k] < trained;
  if (!told)
    few_fail (error, INPUT,
              "Learning needs a label that some training pictures have and others have not.");
  return told;
}

/* What is learned from, chosen by or tested on has a class that there is; `seen`: how many there
 * are training pictures of. */
static gboolean
count_seen (FewMethodRun *run, guint *seen, GError **error)
{
  const FewTask *task = run->task;
  guint *shots = few_run_host (run, guint, run->k, 1);
  *seen = 0;
  if (few_run_short (run, error))
    return FALSE;
  for (guint i = 0; i < run->n; i++)
    {
      if (task->roles[i] > FEW_ROLE_TEST)
        continue;
      if (task->labels[i] >= run->k)
        {
          fail_class (i, task->labels[i], run->k, error);
          return FALSE;
        }
      if (task->roles[i] == FEW_ROLE_TRAIN)
        *seen += shots[task->labels[i]]++ == 0;
    }
  return TRUE;
}

static gboolean
check_classes (const FewMethod *method, FewMethodRun *run, GError **error)
{
  guint seen;
  if (run->k < 2)
    {
      few_fail (error, INPUT, "Telling classes apart needs at least two; there %s.",
                run->k ? _ ("is one") : _ ("are none"));
      return FALSE;
    }
  if (!count_seen (run, &seen, error))
    return FALSE;
  if (seen >= 2 || method->untrained)
    return TRUE;
  few_fail (error, INPUT, "Learning needs training pictures of at least two classes; there %s.",
            seen ? _ ("are pictures of one class only") : _ ("are none"));
  return FALSE;
}

static gboolean
check_texts (const FewMethod *method, const FewMethodRun *run, GError **error)
{
  if (!method->info.texts)
    return TRUE;
  if (!few_method_check_texts (run->model, method->info.title, error))
    return FALSE;
  if (run->k == 0 || run->task->class_names)
    return TRUE;
  few_fail (error, INPUT,
            "%s needs the class names, and none are given. Name the classes, or take automatic, a "
            "linear probe or GDA.",
            method->info.title);
  return FALSE;
}

static gboolean
check_run (const FewMethod *method, FewMethodRun *run, GError **error)
{
  const FewTask *task = run->task;
  gsize d = run->d;
  return check_texts (method, run, error)
         && (task->sets ? check_sets (method, run, error) : check_classes (method, run, error))
         && check_finite (task->features, run->n * d, error)
         && check_finite (task->text_features, run->k * d, error);
}

static gboolean
gather_rows (FewMethodRun *run, GError **error)
{
  const FewTask *task = run->task;
  gsize d = run->d;
  for (guint i = 0; i < run->n; i++)
    run->n_pictures += task->roles[i] == FEW_ROLE_TRAIN;
  run->views = task->views ? MIN (task->n_views, run->options->views) : 0;
  run->alone = run->options->views_alone && run->views > 0;
  run->fresh = run->alone && few_method_info_find (run->options->name)->fresh_views;
  run->group = run->views + !run->alone;
  run->n_rows = run->n_pictures * run->group;
  run->rows = few_run_host (run, float, run->n_rows, d);
  run->row_labels = few_run_host (run, guint32, run->n_rows, 1);
  run->validation = few_run_host (run, guint32, run->n, 1);
  if (few_run_short (run, error))
    return FALSE;
  guint row = 0;
  guint picture = 0;
  for (guint i = 0; i < run->n; i++)
    if (task->roles[i] == FEW_ROLE_VALIDATION)
      run->validation[run->n_validation++] = i;
    else if (task->roles[i] == FEW_ROLE_TRAIN)
      {
        if (!run->alone)
          memcpy (run->rows + row * d, task->features + i * d, d * sizeof (float));
        if (run->views && task->views)
          memcpy (run->rows + (row + !run->alone) * d,
                  task->views + (gsize) picture * task->n_views * d,
                  run->views * d * sizeof (float));
        for (guint v = 0; v < run->group; v++)
          run->row_labels[row++] = task->labels[i];
        picture++;
      }
  run->train = run->options->train;
  if (run->train.epochs > 0 && !run->alone)
    run->train.epochs = MAX (1, run->train.epochs / (1 + run->views));
  return TRUE;
}

static gboolean
sum_up_sets (FewMethodRun *run, const guint32 *test, guint n_test, GError **error)
{
  FewMethodResult *r = run->result;
  const FewClassifierInfo *k = r->classifier ? few_classifier_info (r->classifier) : NULL;
  gsize cells = (gsize) run->n * run->k;
  if (k && k->thresholds) /* they are of probabilities */
    for (gsize i = 0; i < cells; i++)
      r->scores[i] = 1 / (1 + expf (-r->scores[i]));
  r->several_test = few_several_measure (r->scores, run->task->sets, k ? k->thresholds : NULL, test,
                                         n_test, run->k, error);
  return r->several_test != NULL;
}

static gboolean
sum_up (FewMethodRun *run, gint64 started, GError **error)
{
  FewMethodResult *r = run->result;
  guint right[3] = { 0 };
  guint count[3] = { 0 };
  guint n_test = 0;
  guint32 *test = few_run_host (run, guint32, run->n, 1);
  if (few_run_short (run, error))
    return FALSE;
  for (guint i = 0; i < run->n; i++)
    {
      guint role = run->task->roles[i];
      if (run->task->sets && role == FEW_ROLE_TEST)
        test[n_test++] = i;
      if (run->task->sets)
        continue;
      r->predicted[i] = few_run_argmax (r->scores + (gsize) i * run->k, run->k);
      if (role <= FEW_ROLE_TEST)
        {
          count[role]++;
          right[role] += r->predicted[i] == run->task->labels[i];
        }
      if (role == FEW_ROLE_TEST)
        test[n_test++] = i;
    }
  for (guint role = 0; role < 3; role++)
    r->accuracy[role] = count[role] ? (double) right[role] / count[role] : NAN;
  r->seconds = (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC;
  if (run->task->sets)
    {
      r->test = (FewScores) { .accuracy = NAN, .swallowing = FEW_NO_CLASS };
      return sum_up_sets (run, test, n_test, error);
    }
  few_scores_measure (r->scores, run->task->labels, test, n_test, run->k, &r->test);
  return TRUE;
}

static FewMethodResult *
run_once (FewModel *model, const FewTask *task, const FewMethodOptions *options,
          const FewLearnWatch *watch, GCancellable *cancellable, GError **error)
{
  const FewMethod *method = few_method_find (options->name);
  gint64 started = g_get_monotonic_time ();
  FewBackend *backend = few_model_backend (model);
  g_autoptr (FewMethodResult) result = g_new0 (FewMethodResult, 1);
  result->n = task->n;
  result->n_classes = task->n_classes;
  result->scores = few_try_floats (task->n, task->n_classes, "the scores", error);
  result->predicted =
      result->scores ? few_try_copy (NULL, task->n, sizeof (guint32), "the scores", error) : NULL;
  if (!result->predicted)
    return NULL;
  memset (result->scores, 0, (gsize) task->n * task->n_classes * sizeof (float));
  memset (result->predicted, 0, (gsize) task->n * sizeof (guint32));
  result->tensors = g_ptr_array_new_with_free_func (free_learned);
  FewMethodRun run = { .model = model,
                       .backend = backend,
                       .ops = backend->ops,
                       .stream = backend->stream,
                       .task = task,
                       .options = options,
                       .n = task->n,
                       .d = few_model_dim (model),
                       .k = task->n_classes,
                       .scale = few_model_info (model)->logit_scale,
                       .watch = watch,
                       .cancellable = cancellable,
                       .result = result };
  few_memory_init (&run.memory, backend);
  gboolean ok = check_run (method, &run, error);
  ok = ok && gather_rows (&run, error) && check_finite (run.rows, (gsize) run.n_rows * run.d, error)
       && few_run_tick (&run, 0, 1, error) && method->run (&run, error)
       && !few_run_short (&run, error) && run.ops->check (run.stream, error);
  ok = ok && sum_up (&run, started, error);
  few_memory_clear (&run.memory);
  few_room_clear (&run.room);
  return ok ? g_steal_pointer (&result) : NULL;
}

typedef struct
{
  const FewTask *task;
  const FewMethodOptions *options;
  const FewLearnWatch *watch;
  GCancellable *cancellable;
  FewMethodResult *result; /* out */
} Attempt;

static gboolean
try_method (FewModel *model, gpointer user, GError **error)
{
  Attempt *a = user;
  a->result = run_once (model, a->task, a->options, a->watch, a->cancellable, error);
  return a->result != NULL;
}

FewMethodResult *
few_method_run_watched (FewModel *model, const FewTask *task, const FewMethodOptions *options,
                        const FewLearnWatch *watch, GCancellable *cancellable, GError **error)
{
  const FewLearnWatch nobody = { NULL };
  g_return_val_if_fail (model != NULL && task != NULL && options != NULL, NULL);
  g_return_val_if_fail (few_method_find (options->name) != NULL, NULL);
  g_return_val_if_fail (task->n == 0 || (task->features && task->labels && task->roles), NULL);
  g_return_val_if_fail (task->n_classes == 0 || task->text_features, NULL);
  if (!check_labels (few_method_find (options->name), task, error))
    return NULL;
  Attempt attempt = { task, options, watch ? watch : &nobody, cancellable, NULL };
  few_model_retry (model, try_method, &attempt, error);
  return attempt.result;
}

FewMethodResult *
few_method_run (FewModel *model, const FewTask *task, const FewMethodOptions *options,
                FewMethodProgress progress, gpointer user, GCancellable *cancellable,
                GError **error)
{
  const FewLearnWatch watch = { .progress = progress, .user = user };
  return few_method_run_watched (model, task, options, &watch, cancellable, error);
}
