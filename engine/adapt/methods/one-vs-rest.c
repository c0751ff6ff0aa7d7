/* SPDX-License-Identifier: MIT */
/* One-vs-rest: of pictures with any number of labels, a logistic regression a label. Views of a
 * picture are more of the same, in its fold; thresholds and what the folds tell are of pictures. */
#include "adapt/classifier.h"
#include "adapt/method.h"
#include "adapt/automatic.h"
#include "adapt/one-vs-rest.h"
#include "adapt/training-groups.h"
#include "task/stratify.h"
#include <fewshot/dataset.h>
#include <math.h>
#include <string.h>

enum { FOLDS = 5 };

typedef struct
{
  double c, prior;
} OneVsRestSettings;

static const FewSetting settings[] = {
  FEW_OWN_NUMBER (OneVsRestSettings, c, "c", 1e-6, 1e6, NAN),
  FEW_OWN_NUMBER (OneVsRestSettings, prior, "prior", 0, 10, NAN),
  FEW_SETTINGS_END,
};

/* What is learned from: a picture's rows beside each other. */
typedef struct
{
  guint n;
  guint32 *rows; /* [n] the places of their pictures in the task */
  double *x, *t;
  guint32 *fold;
  FewLabelSets *sets;
} Lesson;

static gboolean
deal_folds (FewMethodRun *r, Lesson *l, GError **error)
{
  const double shares[FOLDS] = { 1.0 / FOLDS, 1.0 / FOLDS, 1.0 / FOLDS, 1.0 / FOLDS, 1.0 / FOLDS };
  g_autofree guint32 *groups =
      few_training_groups (r->task, r->d, FALSE, few_run_threads (r), r->cancellable, error);
  guint32 *own = few_run_host (r, guint32, l->n, 1);
  if (!groups || few_run_short (r, error))
    return FALSE;
  for (guint i = 0; i < l->n; i++)
    own[i] = groups[l->rows[i]];
  return few_stratify (l->sets, r->k, own, NULL, shares, FOLDS, r->options->train.seed, l->fold,
                       error);
}

static gboolean
gather (FewMethodRun *r, Lesson *l, GError **error)
{
  l->rows = few_run_host (r, guint32, r->n_rows, 1);
  l->x = few_run_host (r, double, r->n_rows, r->d);
  l->t = few_run_host (r, double, r->k, r->d);
  l->fold = few_run_host (r, guint32, r->n_rows, 1);
  if (few_run_short (r, error))
    return FALSE;
  for (guint i = 0; i < r->n; i++)
    for (guint v = 0; r->task->roles[i] == FEW_ROLE_TRAIN && v < r->group; v++)
      {
        gsize at = (gsize) l->n * r->d;
        few_automatic_unit (r->rows + at, r->d, l->x + at);
        l->rows[l->n++] = i;
      }
  for (gsize i = 0; i < (gsize) r->k * r->d; i++)
    l->t[i] = (double) r->task->text_features[i];
  l->sets = few_label_sets_pick (r->task->sets, l->rows, l->n, r->k, error);
  return l->sets && deal_folds (r, l, error);
}

static void
show_progress (gpointer user, guint done, guint total)
{
  FewMethodRun *r = user;
  if (r->watch->progress)
    r->watch->progress (r->watch->user, done, total);
}

/* The classifier, the scores of all pictures, and what the folds say. */
static gboolean
keep (FewMethodRun *r, const Lesson *l, const FewOneVsRestFit *fit, GError **error)
{
  gsize cells = (gsize) r->k * r->d;
  float *w = few_run_host (r, float, cells, 1);
  float *b = few_run_host (r, float, r->k, 1);
  float *thresholds = few_run_host (r, float, r->k, 1);
  float *told = few_run_host (r, float, l->n, r->k);
  float *folds = few_run_host (r, float, l->n, 1);
  guint32 *pictures = few_run_host (r, guint32, r->n_pictures, 1);
  float *device = few_run_alloc (r, cells);
  float *f = few_run_upload_normalised (r, r->task->features, r->n);
  if (few_run_short (r, error))
    return FALSE;
  for (gsize i = 0; i < cells; i++)
    w[i] = (float) fit->w[i];
  for (guint c = 0; c < r->k; c++)
    {
      b[c] = (float) fit->b[c];
      thresholds[c] = (float) fit->thresholds[c];
    }
  for (gsize i = 0; i < (gsize) l->n * r->k; i++)
    told[i] = (float) fit->out_of_fold[i];
  for (guint i = 0; i < l->n; i++)
    folds[i] = (float) l->fold[i];
  r->ops->upload (r->stream, device, w, cells);
  few_run_score (r, f, device, 1, b);
  few_run_keep_independent (r, w, b, thresholds, fit->positives, fit->strength, fit->prior);
  few_run_chose (r, "c", fit->strength);
  few_run_chose (r, "prior", fit->prior);
  r->result->parameters = cells + r->k;
  few_run_learned (r, "weight", r->k, r->d, w);
  few_run_learned (r, "bias", 1, r->k, b);
  few_run_learned (r, "thresholds", 1, r->k, thresholds);
  few_run_learned (r, "out_of_fold", l->n, r->k, told);
  few_run_learned (r, "folds", 1, l->n, folds);
  for (guint i = 0; i < r->n_pictures; i++)
    pictures[i] = i * r->group;
  r->result->several_cross_validated =
      few_several_measure (told, l->sets, thresholds, pictures, r->n_pictures, r->k, error);
  return r->result->several_cross_validated != NULL;
}

static gboolean
learn_labels (FewMethodRun *r, GError **error)
{
  Lesson lesson = { 0 };
  FewOneVsRestFit fit = { .w = NULL };
  OneVsRestSettings own;
  few_settings_own (r->options, &own, sizeof own);
  gboolean ok = gather (r, &lesson, error);
  const FewOneVsRest task = { .n = lesson.n,
                              .d = r->d,
                              .k = r->k,
                              .every = r->group,
                              .x = lesson.x,
                              .sets = lesson.sets,
                              .t = lesson.t,
                              .scale = r->scale,
                              .fold = lesson.fold,
                              .folds = FOLDS,
                              .strength = own.c,
                              .prior = own.prior,
                              .threads = few_run_threads (r),
                              .progress = show_progress,
                              .user = r,
                              .cancellable = r->cancellable };
  ok = ok && few_one_vs_rest_fit (&task, &fit, error) && keep (r, &lesson, &fit, error);
  few_one_vs_rest_clear (&fit);
  g_clear_pointer (&lesson.sets, few_label_sets_unref);
  return ok;
}

const FewMethod few_methods_one_vs_rest[] = {
  { .info = { .name = "one-vs-rest",
              .title = "One-vs-rest",
              .reference = "logistic regression, as scikit-learn's",
              .several = TRUE,
              .keeps = TRUE },
    .settings = settings,
    .run = learn_labels },
  { .run = NULL },
};
