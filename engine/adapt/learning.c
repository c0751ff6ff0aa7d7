/* SPDX-License-Identifier: MIT */
/* Learning by steps: the loop that methods share, around a step of their own. */
#include "adapt/batches.h"
#include "adapt/epochs.h"
#include "adapt/method.h"

void
few_run_learning_init (const FewMethodRun *run, FewLearning *learning)
{
  guint n = run->fresh ? run->n_pictures : run->n_rows;
  *learning = (FewLearning) { .n = n, .stride = 1, .batch = MIN (run->train.batch, n) };
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

typedef struct
{
  const FewMethodRun *run;
  const FewLearning *learning;
  const guint32 *rows, *labels;
  guint m;
  FewUpdate update;
} Step;

static void
run_step (gpointer user)
{
  const Step *s = user;
  const FewLearning *l = s->learning;
  const FewBackendOps *ops = s->run->ops;
  l->step (l->user, s->rows, s->labels, s->m);
  if (s->run->train.optimizer == FEW_OPTIMIZER_SGD)
    ops->sgd (s->run->stream, l->n_weights, &s->update, l->gradient, l->first, l->weights);
  else
    ops->adam (s->run->stream, l->n_weights, &s->update, l->gradient, l->first, l->second,
               l->weights);
}

gboolean
few_run_learn (FewMethodRun *run, FewLearning *l, GError **error)
{
  const FewTrainOptions *o = &run->train;
  guint m;
  guint done = 0;
  guint32 *labels = few_run_host (run, guint32, l->batch, 1);
  guint32 *order = few_run_host (run, guint32, l->n, 1);
  guint32 *taken = few_run_host (run, guint32, l->batch, 1);
  float *memory = few_run_alloc (run, few_epochs_floats (l->n, 0, o->epochs));
  if (few_run_short (run, error))
    return FALSE;
  g_auto (FewEpochs) epochs;
  g_auto (FewBatches) batches;
  few_batches_init (&batches, order, l->n, l->batch, o);
  guint steps = o->epochs * ((batches.used + l->batch - 1) / l->batch);
  few_epochs_init (&epochs, run->backend, memory, l->n, batches.used, 0, o->epochs);
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
            {
              taken[i] = run->fresh ? rows[i] * run->group + epoch % run->views : rows[i];
              labels[i] = run->row_labels[taken[i] * l->stride];
            }
          Step step = { run, l, taken, labels, m, few_update_at (o, rate, ++done) };
          step.update.epsilon = l->epsilon > 0 ? l->epsilon : step.update.epsilon;
          run->ops->repeat (run->stream, l, m, run_step, &step);
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
