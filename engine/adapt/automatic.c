/* SPDX-License-Identifier: MIT */
/* FewAutomatic: the public face of the fit of "automatic". */
#include "adapt/automatic.h"
#include "base/error.h"
#include <fewshot/dataset.h>
#include <math.h>
#include <string.h>

void
few_automatic_options_init (FewAutomaticOptions *options)
{
  *options = (FewAutomaticOptions) { .seed = 1 };
}

static gboolean
check_task (const FewTask *task, guint d, double scale, GError **error)
{
  if (task->n_classes == 0)
    {
      few_fail (error, INPUT, "There is no class to tell pictures by. Add one.");
      return FALSE;
    }
  gboolean finite = isfinite (scale);
  for (gsize i = 0; i < (gsize) task->n_classes * d && finite; i++)
    finite = isfinite (task->text_features[i]);
  for (guint i = 0; i < task->n; i++)
    {
      if (task->labels[i] >= task->n_classes)
        {
          few_fail (error, INPUT, "Picture %u has class %u, and there are %u classes.", i,
                    task->labels[i], task->n_classes);
          return FALSE;
        }
      for (guint j = 0; j < d && finite; j++)
        finite = isfinite (task->features[(gsize) i * d + j]);
    }
  if (!finite)
    few_fail (error, INPUT,
              "A feature holds a value that is not a number. Clear the feature cache and import "
              "the pictures again.");
  return finite;
}

/* The pictures that are learned from. */
static gboolean
choose_pictures (FewAutomatic *self, const FewTask *task, const FewAutomaticOptions *options,
                 GError **error)
{
  guint n = 0;
  self->pictures = few_room_new (&self->room, guint32, task->n, 1);
  self->labels = few_room_new (&self->room, guint32, task->n, 1);
  if (few_room_is_short (&self->room, FEW_AUTO_WHAT, error))
    return FALSE;
  for (guint i = 0; i < task->n; i++)
    if (task->roles[i] == FEW_ROLE_TRAIN
        || (options->validation_too && task->roles[i] == FEW_ROLE_VALIDATION))
      {
        self->pictures[n] = i;
        self->labels[n++] = task->labels[i];
      }
  self->info.n = n;
  return TRUE;
}

static void
describe (FewAutomatic *self)
{
  const FewAutoFit *fit = self->fit;
  self->info = (FewAutomaticInfo) { .n = fit->n,
                                    .n_classes = fit->k,
                                    .dim = fit->d,
                                    .pictures = self->pictures,
                                    .labels = self->labels,
                                    .weight = fit->w,
                                    .bias = fit->b,
                                    .alpha = fit->alpha,
                                    .temperature = fit->temperature,
                                    .zero_shot = fit->zero_shot,
                                    .gda = fit->gda,
                                    .gda_scale = fit->gda_scale,
                                    .lp = fit->lp,
                                    .n_folds = fit->folds_used,
                                    .folds = fit->folds,
                                    .out_of_fold = fit->out_of_fold,
                                    .told = fit->own };
}

FewAutomatic *
few_automatic_learn (const FewTask *task, guint dim, double logit_scale,
                     const FewAutomaticOptions *options, FewMethodProgress progress, gpointer user,
                     GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (task && dim > 0, NULL);
  FewAutomaticOptions usual;
  few_automatic_options_init (&usual);
  options = options ? options : &usual;
  if (!check_task (task, dim, logit_scale, error))
    return NULL;
  g_autoptr (FewAutomatic) self = g_new0 (FewAutomatic, 1);
  self->references = 1;
  if (!choose_pictures (self, task, options, error))
    return NULL;
  guint n = self->info.n;
  gsize cells = (gsize) task->n_classes * dim;
  g_auto (FewRoom) room = { 0 };
  double *x = few_room_new (&room, double, n, dim);
  double *t = few_room_new (&room, double, cells, 1);
  guint32 *groups = options->groups ? few_room_new (&room, guint32, n, 1) : NULL;
  if (few_room_is_short (&room, FEW_AUTO_WHAT, error))
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      few_automatic_unit (task->features + (gsize) self->pictures[i] * dim, dim,
                          x + (gsize) i * dim);
      if (groups)
        groups[i] = options->groups[self->pictures[i]];
    }
  for (gsize i = 0; i < cells; i++)
    t[i] = task->text_features[i];
  FewAutoTask labelled = { n, dim, task->n_classes, x, self->labels, t, logit_scale };
  FewAutoOptions fit_options = { .groups = groups,
                                 .seed = options->seed,
                                 .even_prior = options->even_prior,
                                 .balanced = options->balanced_priors,
                                 .threads = options->threads,
                                 .progress = progress,
                                 .user = user,
                                 .cancellable = cancellable };
  self->fit = few_auto_fit (&labelled, &fit_options, error);
  if (!self->fit)
    return NULL;
  describe (self);
  if (!few_automatic_collect (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

FewAutomatic *
few_automatic_ref (FewAutomatic *automatic)
{
  g_atomic_int_inc (&automatic->references);
  return automatic;
}

void
few_automatic_unref (FewAutomatic *automatic)
{
  if (!g_atomic_int_dec_and_test (&automatic->references))
    return;
  g_clear_pointer (&automatic->fit, few_auto_fit_free);
  few_room_clear (&automatic->room);
  g_free (automatic);
}

const FewAutomaticInfo *
few_automatic_info (const FewAutomatic *automatic)
{
  return &automatic->info;
}

void
few_automatic_at (const FewAutomatic *automatic, double alpha, double *weight, double *bias)
{
  g_return_if_fail (alpha >= 0 && alpha <= 1);
  few_auto_fit_at (automatic->fit, alpha, weight, bias);
}
