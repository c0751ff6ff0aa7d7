/* SPDX-License-Identifier: MIT */
#include "adapt/method.h"
#include "adapt/epochs.h"
#include <fewshot/dataset.h>
#include <fewshot/method.h>
#include <math.h>
#include <string.h>

static const FewMethod *const methods[] = {
  &few_method_zero_shot,    &few_method_linear_probe,  &few_method_coop,
  &few_method_clip_adapter, &few_method_text_adapter,  &few_method_both_adapters,
  &few_method_tip_adapter,  &few_method_tip_adapter_f, &few_method_gda,
  &few_method_clap,         &few_method_lp_plus_plus,
};

/* ---- specifications */

const FewMethodInfo *
few_method_info (guint index)
{
  return index < G_N_ELEMENTS (methods) ? &methods[index]->info : NULL;
}

static const FewMethod *
find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (methods[i]->info.name, name))
      return methods[i];
  return NULL;
}

/* a number in [low, high] */
static gboolean
parse_number (const char *key, const char *text, double low, double high, double *value,
              GError **error)
{
  char *end;
  *value = g_ascii_strtod (text, &end);
  if (end != text && *end == '\0' && *value >= low && *value <= high)
    return TRUE;
  few_fail (error, INPUT, "%s=%s: a number from %g to %g is wanted.", key, text, low, high);
  return FALSE;
}

static gboolean
parse_whole (const char *key, const char *text, guint low, guint high, guint *value, GError **error)
{
  guint64 number;
  if (g_ascii_string_to_unsigned (text, 10, low, high, &number, NULL))
    {
      *value = (guint) number;
      return TRUE;
    }
  few_fail (error, INPUT, "%s=%s: a whole number from %u to %u is wanted.", key, text, low, high);
  return FALSE;
}

/* the place of `text` among the words of `choices` */
static gboolean
parse_word (const char *key, const char *text, const char *choices, guint *index, GError **error)
{
  g_auto (GStrv) words = g_strsplit (choices, " ", -1);
  for (*index = 0; words[*index]; ++*index)
    if (g_str_equal (words[*index], text))
      return TRUE;
  few_fail (error, INPUT, "%s=%s: known are %s.", key, text, choices);
  return FALSE;
}

static gboolean
parse_ratio (FewMethodOptions *o, const char *key, const char *text, double *value, GError **error)
{
  if (g_str_equal (text, "grid"))
    o->ratio = FEW_RATIO_GRID;
  else if (g_str_equal (text, "learned"))
    o->ratio = FEW_RATIO_LEARNED;
  else if (g_str_equal (text, "view") && g_str_equal (key, "alpha"))
    o->ratio = FEW_RATIO_VIEW;
  else
    {
      o->ratio = FEW_RATIO_FIXED;
      return parse_number (key, text, 0, 1, value, error);
    }
  return TRUE;
}

static gboolean
parse_setting (FewMethodOptions *o, const char *key, const char *text, GError **error)
{
  FewTrainOptions *t = &o->train;
  guint word;
  if (g_str_equal (key, "alpha"))
    return parse_ratio (o, key, text, &t->alpha, error);
  if (g_str_equal (key, "beta"))
    return parse_ratio (o, key, text, &t->beta, error);
  if (g_str_equal (key, "lr"))
    return parse_number (key, text, 1e-9, 10, &t->learning_rate, error);
  if (g_str_equal (key, "wd"))
    return parse_number (key, text, 0, 10, &t->weight_decay, error);
  if (g_str_equal (key, "epochs"))
    return parse_whole (key, text, 1, 100000, &t->epochs, error);
  if (g_str_equal (key, "batch"))
    return parse_whole (key, text, 1, 4096, &t->batch, error);
  if (g_str_equal (key, "hidden"))
    return parse_whole (key, text, 1, 16384, &t->hidden, error);
  if (g_str_equal (key, "after"))
    return parse_whole (key, text, 1, 128, &o->after, error);
  if (g_str_equal (key, "context"))
    return parse_whole (key, text, 1, 64, &o->context, error);
  if (g_str_equal (key, "c"))
    return parse_number (key, text, 1e-12, 1e12, &o->c, error);
  if (g_str_equal (key, "tau"))
    return parse_number (key, text, 0, 1000, &o->tau, error);
  if (g_str_equal (key, "sharpness"))
    return parse_number (key, text, 0, 1000, &o->sharpness, error);
  if (g_str_equal (key, "a"))
    return parse_number (key, text, 0, 1e6, &o->gda, error);
  if (g_str_equal (key, "relu"))
    return parse_word (key, text, "0 1", (guint *) &t->final_relu, error);
  if (g_str_equal (key, "csc"))
    return parse_word (key, text, "0 1", (guint *) &o->class_specific, error);
  if (g_str_equal (key, "optimizer"))
    {
      if (!parse_word (key, text, "adamw adam sgd", &word, error))
        return FALSE;
      t->optimizer = (FewOptimizer) word;
      return TRUE;
    }
  if (!parse_word (key, text, "end middle front", &word, error)) /* position */
    return FALSE;
  o->position = (FewPosition) word;
  return TRUE;
}

gboolean
few_method_parse (const char *specification, FewMethodOptions *options, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (specification, ":", 2);
  const FewMethod *method = parts[0] ? find (parts[0]) : NULL;
  if (!method)
    {
      g_autoptr (GString) names = g_string_new (NULL);
      for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
        g_string_append_printf (names, "%s%s", i ? ", " : "", methods[i]->info.name);
      few_fail (error, INPUT, "There is no method “%s”. Known are %s.", specification, names->str);
      return FALSE;
    }
  *options = (FewMethodOptions) {
    .name = method->info.name, .c = NAN, .tau = NAN, .sharpness = NAN, .gda = NAN
  };
  few_train_options_init (&options->train);
  if (method->defaults)
    method->defaults (options);
  g_auto (GStrv) settings = g_strsplit (parts[1] ? parts[1] : "", ",", -1);
  g_auto (GStrv) known = g_strsplit (method->info.keys, " ", -1);
  for (guint pass = 0; pass < 2; pass++) /* a preset first: it changes what the others then set */
    for (char **setting = settings; *setting; setting++)
      {
        g_auto (GStrv) pair = g_strsplit (*setting, "=", 2);
        if (!pair[0] || !pair[1] || !g_strv_contains ((const char *const *) known, pair[0]))
          {
            few_fail (error, INPUT,
                      "%s has no setting “%s”. Its settings are written key=value; known are: %s.",
                      method->info.name, *setting, *method->info.keys ? method->info.keys : "none");
            return FALSE;
          }
        gboolean preset = g_str_equal (pair[0], "preset");
        if (preset && pass == 0 && !few_train_options_preset (&options->train, pair[1]))
          {
            few_fail (error, INPUT, "preset=%s: known are default, seed and published.", pair[1]);
            return FALSE;
          }
        if (!preset && pass == 1 && !parse_setting (options, pair[0], pair[1], error))
          {
            g_prefix_error (error, "%s: ", method->info.name);
            return FALSE;
          }
      }
  return TRUE;
}

/* ---- helpers of the methods */

gboolean
few_run_tick (FewMethodRun *run, guint done, guint total, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (run->cancellable, error))
    return FALSE;
  if (run->progress)
    run->progress (run->user, done, total);
  return TRUE;
}

float *
few_run_alloc (FewMethodRun *run, gsize n)
{
  return few_memory_get (&run->memory, MAX (n, 1));
}

gboolean
few_run_short (FewMethodRun *run, GError **error)
{
  if (!run->memory.error)
    return FALSE;
  g_propagate_error (error, g_steal_pointer (&run->memory.error));
  return TRUE;
}

float *
few_run_upload (FewMethodRun *run, const float *host, gsize n)
{
  float *device = few_run_alloc (run, n);
  if (device)
    run->ops->upload (run->stream, device, host, n);
  return device;
}

float *
few_run_upload_normalised (FewMethodRun *run, const float *rows_host, guint m)
{
  float *norms = few_run_alloc (run, m);
  float *device = few_run_upload (run, rows_host, (gsize) m * run->d);
  if (device)
    run->ops->blend_normalise (run->stream, m, run->d, 0, device, device, device, norms);
  return device;
}

void
few_run_score (FewMethodRun *run, const float *features, const float *w, double scale,
               const float *bias)
{
  enum { ROWS = 1024 };
  float *scores = run->result->scores;
  float *block =
      run->memory.error
          ? NULL
          : run->ops->alloc (run->backend, (gsize) MIN (ROWS, run->n) * run->k, &run->memory.error);
  for (guint first = 0; block && first < run->n; first += ROWS)
    {
      guint m = MIN (ROWS, run->n - first);
      run->ops->gemm (run->stream, FALSE, TRUE, m, run->k, run->d, (float) scale,
                      features + (gsize) first * run->d, run->d, w, run->d, 0, block, run->k);
      run->ops->download (run->stream, scores + (gsize) first * run->k, block, (gsize) m * run->k);
    }
  if (block)
    run->ops->free (run->backend, block);
  for (gsize i = 0; bias && i < (gsize) run->n * run->k; i++)
    scores[i] += bias[i % run->k];
}

void
few_run_learning_init (const FewMethodRun *run, FewLearning *learning)
{
  *learning =
      (FewLearning) { .n = run->n_rows, .stride = 1, .batch = MIN (run->train.batch, run->n_rows) };
}

void
few_run_learning_alloc (FewMethodRun *run, FewLearning *learning, float *weights, gsize n_weights)
{
  learning->weights = weights;
  learning->n_weights = n_weights;
  learning->gradient = few_run_alloc (run, n_weights);
  learning->first = few_run_alloc (run, n_weights);
  learning->second = few_run_alloc (run, n_weights);
}

gboolean
few_run_learn (FewMethodRun *run, FewLearning *l, GError **error)
{
  const FewTrainOptions *o = &run->train;
  guint m;
  guint done = 0;
  guint steps = o->epochs * ((l->n + l->batch - 1) / l->batch);
  g_autofree guint32 *labels = g_new (guint32, l->batch);
  float *memory = few_run_alloc (run, few_epochs_floats (l->n, 0, o->epochs));
  if (few_run_short (run, error))
    return FALSE;
  g_auto (FewEpochs) epochs;
  g_auto (FewBatches) batches;
  few_epochs_init (&epochs, run->backend, memory, l->n, l->n, 0, o->epochs);
  few_batches_init (&batches, l->n, l->batch, o->seed);
  for (guint epoch = 0; epoch < o->epochs; epoch++)
    {
      const guint32 *rows;
      double rate = few_epoch_rate (o, epoch);
      few_batches_shuffle (&batches);
      l->loss = epochs.loss;
      l->correct = epochs.correct;
      while ((rows = few_batches_next (&batches, &m)))
        {
          for (guint i = 0; i < m; i++)
            labels[i] = run->row_labels[rows[i] * l->stride];
          l->step (l->user, rows, labels, m);
          FewUpdate update = few_update_at (o, rate, ++done);
          update.epsilon = l->epsilon > 0 ? l->epsilon : update.epsilon;
          if (o->optimizer == FEW_OPTIMIZER_SGD)
            run->ops->sgd (run->stream, l->n_weights, &update, l->gradient, l->first, l->weights);
          else
            run->ops->adam (run->stream, l->n_weights, &update, l->gradient, l->first, l->second,
                            l->weights);
          l->loss += m;
          l->correct += m;
          if (!few_run_tick (run, done, steps, error))
            return FALSE;
        }
      few_epochs_close (&epochs);
    }
  const FewEpoch *history = few_epochs_read (&epochs, &m);
  few_run_add_epochs (run, history, m);
  return TRUE;
}

guint
few_run_argmax (const float *row, guint k)
{
  guint best = 0;
  for (guint c = 1; c < k; c++)
    if (row[c] > row[best])
      best = c;
  return best;
}

/* As few_lens_choose_alpha: with fewer, one picture moves the accuracy by ten points. */
gboolean
few_run_may_choose (FewMethodRun *run)
{
  run->result->too_few = run->n_validation < MAX (10, run->k);
  return !run->result->too_few;
}

double
few_run_validation_accuracy (const FewMethodRun *run, const float *scores)
{
  guint right = 0;
  for (guint i = 0; i < run->n_validation; i++)
    right += few_run_argmax (scores + (gsize) i * run->k, run->k)
             == run->task->labels[run->validation[i]];
  return run->n_validation ? (double) right / run->n_validation : NAN;
}

float *
few_run_validation_rows (const FewMethodRun *run, const float *scores)
{
  float *rows = g_new (float, (gsize) MAX (run->n_validation, 1) * run->k);
  for (guint i = 0; i < run->n_validation; i++)
    memcpy (rows + (gsize) i * run->k, scores + (gsize) run->validation[i] * run->k,
            run->k * sizeof (float));
  return rows;
}

static void
learned_free (gpointer data)
{
  FewLearned *learned = data;
  g_free (learned->name);
  g_free (learned->values);
  g_free (learned);
}

void
few_run_learned (FewMethodRun *run, const char *name, gsize rows, gsize columns,
                 const float *values)
{
  FewLearned *learned = g_new (FewLearned, 1);
  *learned = (FewLearned) { g_strdup (name), rows, columns,
                            g_memdup2 (values, rows * columns * sizeof (float)) };
  g_ptr_array_add (run->result->tensors, learned);
}

void
few_run_learned_device (FewMethodRun *run, const char *name, gsize rows, gsize columns,
                        const float *device)
{
  g_autofree float *host = g_new (float, rows *columns);
  run->ops->download (run->stream, host, device, rows * columns);
  few_run_learned (run, name, rows, columns, host);
}

void
few_run_chose (FewMethodRun *run, const char *name, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (number, sizeof number, "%.4g", value);
  char *old = run->result->chosen;
  run->result->chosen = g_strdup_printf ("%s%s%s=%s", old ? old : "", old ? " " : "", name, number);
  g_free (old);
}

void
few_run_add_epochs (FewMethodRun *run, const FewEpoch *epochs, guint n)
{
  FewMethodResult *r = run->result;
  r->history = g_renew (FewEpoch, r->history, r->epochs + n);
  memcpy (r->history + r->epochs, epochs, n * sizeof *epochs);
  r->epochs += n;
}

double
few_run_sum (FewMethodRun *run, const float *device, guint m)
{
  g_autofree float *host = g_new (float, m);
  double sum = 0;
  run->ops->download (run->stream, host, device, m);
  for (guint i = 0; i < m; i++)
    sum += host[i];
  return sum;
}

void
few_run_grid (FewMethodRun *run, const char *row_name, const double *row_values, guint rows,
              const char *column_name, const double *column_values, guint columns)
{
  FewGrid *grid = &run->result->grid;
  g_free (grid->row_values);
  g_free (grid->column_values);
  g_free (grid->accuracy);
  *grid = (FewGrid) { row_name,
                      column_name,
                      rows,
                      columns,
                      g_memdup2 (row_values, rows * sizeof (double)),
                      g_memdup2 (column_values, columns * sizeof (double)),
                      g_new (double, rows *columns) };
  for (guint i = 0; i < rows * columns; i++)
    grid->accuracy[i] = NAN;
}

void
few_run_grid_best (const FewMethodRun *run, guint *row, guint *column)
{
  const FewGrid *grid = &run->result->grid;
  guint best = 0;
  for (guint i = 1; i < grid->rows * grid->columns; i++)
    if (grid->accuracy[i] > grid->accuracy[best])
      best = i;
  *row = best / grid->columns;
  *column = best % grid->columns;
}

/* ---- running */

void
few_interval (guint right, guint n, double *low, double *high)
{
  const double z = 1.959963984540054;
  if (n == 0)
    {
      *low = *high = NAN;
      return;
    }
  double p = (double) right / n;
  double scale = 1 / (1 + z * z / n);
  double centre = (p + z * z / (2 * n)) * scale;
  double half = z * scale * sqrt (p * (1 - p) / n + z * z / (4.0 * n * n));
  *low = CLAMP (centre - half, 0, p);
  *high = CLAMP (centre + half, p, 1); /* rounding must not put p outside */
}

void
few_method_result_free (FewMethodResult *result)
{
  g_free (result->scores);
  g_free (result->predicted);
  g_free (result->chosen);
  g_free (result->history);
  g_free (result->grid.row_values);
  g_free (result->grid.column_values);
  g_free (result->grid.accuracy);
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

static gboolean
check (const FewMethodRun *run, GError **error)
{
  const FewTask *task = run->task;
  gsize d = run->d;
  g_autofree guint *shots = g_new0 (guint, MAX (run->k, 1));
  guint seen = 0;
  for (guint i = 0; i < run->n; i++)
    if (task->roles[i] == FEW_ROLE_TRAIN)
      seen += shots[task->labels[i]]++ == 0;
  if (run->k < 2)
    few_fail (error, INPUT, "Telling classes apart needs at least two; there %s.",
              run->k ? "is one" : "are none");
  else if (seen < 2 && !g_str_equal (run->options->name, few_method_zero_shot.info.name))
    few_fail (error, INPUT, "Learning needs training pictures of at least two classes; there %s.",
              seen ? "are pictures of one class only" : "are none");
  else
    return check_finite (task->features, run->n * d, error)
           && check_finite (task->text_features, run->k * d, error);
  return FALSE;
}

static void
gather (FewMethodRun *run)
{
  const FewTask *task = run->task;
  gsize d = run->d;
  for (guint i = 0; i < run->n; i++)
    run->n_pictures += task->roles[i] == FEW_ROLE_TRAIN;
  run->views = task->views ? task->n_views : 0;
  run->n_rows = run->n_pictures * (1 + run->views);
  run->rows = g_new (float, MAX (run->n_rows * d, 1));
  run->row_labels = g_new (guint32, MAX (run->n_rows, 1));
  run->validation = g_new (guint32, MAX (run->n, 1));
  guint row = 0;
  guint picture = 0;
  for (guint i = 0; i < run->n; i++)
    if (task->roles[i] == FEW_ROLE_VALIDATION)
      run->validation[run->n_validation++] = i;
    else if (task->roles[i] == FEW_ROLE_TRAIN)
      {
        memcpy (run->rows + row * d, task->features + i * d, d * sizeof (float));
        if (run->views)
          memcpy (run->rows + (row + 1) * d, task->views + (gsize) picture * run->views * d,
                  run->views * d * sizeof (float));
        for (guint v = 0; v <= run->views; v++)
          run->row_labels[row++] = task->labels[i];
        picture++;
      }
  run->train = run->options->train;
  if (run->train.epochs > 0)
    run->train.epochs = MAX (1, run->train.epochs / (1 + run->views));
}

static void
finish (FewMethodRun *run, gint64 started)
{
  FewMethodResult *r = run->result;
  guint right[3] = { 0 };
  guint count[3] = { 0 };
  for (guint i = 0; i < run->n; i++)
    {
      guint role = run->task->roles[i];
      r->predicted[i] = few_run_argmax (r->scores + (gsize) i * run->k, run->k);
      if (role <= FEW_ROLE_TEST)
        {
          count[role]++;
          right[role] += r->predicted[i] == run->task->labels[i];
        }
    }
  for (guint role = 0; role < 3; role++)
    r->accuracy[role] = count[role] ? (double) right[role] / count[role] : NAN;
  few_interval (right[FEW_ROLE_TEST], count[FEW_ROLE_TEST], &r->low, &r->high);
  r->seconds = (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC;
}

static FewMethodResult *
run_once (FewModel *model, const FewTask *task, const FewMethodOptions *options,
          FewMethodProgress progress, gpointer user, GCancellable *cancellable, GError **error)
{
  const FewMethod *method = find (options->name);
  gint64 started = g_get_monotonic_time ();
  FewBackend *backend = few_model_backend (model);
  g_autoptr (FewMethodResult) result = g_new0 (FewMethodResult, 1);
  result->n = task->n;
  result->n_classes = task->n_classes;
  result->scores = g_new0 (float, MAX ((gsize) task->n * task->n_classes, 1));
  result->predicted = g_new0 (guint32, MAX (task->n, 1));
  result->tensors = g_ptr_array_new_with_free_func (learned_free);
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
                       .progress = progress,
                       .user = user,
                       .cancellable = cancellable,
                       .result = result };
  few_memory_init (&run.memory, backend);
  gboolean ok = check (&run, error);
  if (ok)
    {
      gather (&run);
      ok = check_finite (run.rows, (gsize) run.n_rows * run.d, error)
           && few_run_tick (&run, 0, 1, error) && method->run (&run, error)
           && !few_run_short (&run, error) && run.ops->check (run.stream, error);
    }
  if (ok)
    finish (&run, started);
  few_memory_clear (&run.memory);
  g_free (run.rows);
  g_free (run.row_labels);
  g_free (run.validation);
  return ok ? g_steal_pointer (&result) : NULL;
}

typedef struct
{
  const FewTask *task;
  const FewMethodOptions *options;
  FewMethodProgress progress;
  gpointer user;
  GCancellable *cancellable;
  FewMethodResult *result; /* out */
} Attempt;

static gboolean
try_method (FewModel *model, gpointer user, GError **error)
{
  Attempt *a = user;
  a->result = run_once (model, a->task, a->options, a->progress, a->user, a->cancellable, error);
  return a->result != NULL;
}

FewMethodResult *
few_method_run (FewModel *model, const FewTask *task, const FewMethodOptions *options,
                FewMethodProgress progress, gpointer user, GCancellable *cancellable,
                GError **error)
{
  Attempt attempt = { task, options, progress, user, cancellable, NULL };
  few_model_retry (model, try_method, &attempt, error);
  return attempt.result;
}
