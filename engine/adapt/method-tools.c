/* SPDX-License-Identifier: MIT */
/* What most methods need: device memory of the run, scores, validation, what the result keeps. */
#include "adapt/epochs.h"
#include "base/words.h"
#include "adapt/method.h"
#include <math.h>
#include <string.h>

/* ---- device memory */

guint
few_run_threads (const FewMethodRun *run)
{
  return g_str_equal (run->backend->name, "cpu") ? run->backend->lanes : 0;
}

gboolean
few_run_tick (FewMethodRun *run, guint done, guint total, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (run->cancellable, error))
    return FALSE;
  if (run->watch->progress)
    run->watch->progress (run->watch->user, done, total);
  return TRUE;
}

float *
few_run_alloc (FewMethodRun *run, gsize n)
{
  return few_memory_get (&run->memory, MAX (n, 1));
}

GError **
few_run_first_error (FewMethodRun *run)
{
  return run->memory.error ? NULL : &run->memory.error;
}

gboolean
few_run_short (FewMethodRun *run, GError **error)
{
  if (!run->memory.error)
    return few_room_is_short (&run->room, FEW_RUN_WHAT, error);
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
few_run_balance (const FewMethodRun *run, float *bias)
{
  for (guint c = 0; c < run->k; c++)
    {
      guint count = 0;
      for (guint i = 0; i < run->n_rows; i++)
        count += run->row_labels[i] == c;
      bias[c] -= (float) log ((double) MAX (count, 1) * run->k / run->n_rows);
    }
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
few_run_validation_rows (FewMethodRun *run, const float *scores)
{
  float *rows = few_try_floats (run->n_validation, run->k, FEW_RUN_WHAT, few_run_first_error (run));
  for (guint i = 0; rows && i < run->n_validation; i++)
    memcpy (rows + (gsize) i * run->k, scores + (gsize) run->validation[i] * run->k,
            run->k * sizeof (float));
  return rows;
}

void
few_run_learned (FewMethodRun *run, const char *name, gsize rows, gsize columns,
                 const float *values)
{
  float *own =
      few_try_copy (values, rows * columns, sizeof *own, FEW_RUN_WHAT, few_run_first_error (run));
  if (!own)
    return;
  FewLearned *learned = g_new (FewLearned, 1);
  *learned = (FewLearned) { g_strdup (name), rows, columns, own };
  g_ptr_array_add (run->result->tensors, learned);
}

void
few_run_learned_device (FewMethodRun *run, const char *name, gsize rows, gsize columns,
                        const float *device)
{
  g_autofree float *host = few_try_floats (rows, columns, FEW_RUN_WHAT, few_run_first_error (run));
  if (!host)
    return;
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
  FewEpoch *history = g_try_renew (FewEpoch, r->history, MAX (r->epochs + n, 1));
  if (!history)
    {
      g_set_error_literal (few_run_first_error (run), FEW_ERROR, FEW_ERROR_MEMORY,
                           _ ("There is not enough memory for so many epochs."));
      return;
    }
  r->history = history;
  memcpy (r->history + r->epochs, epochs, n * sizeof *epochs);
  r->epochs += n;
}

double
few_run_sum (FewMethodRun *run, const float *device, guint m)
{
  return few_device_sum (run->ops, run->stream, device, m);
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
