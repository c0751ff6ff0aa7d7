/* SPDX-License-Identifier: MIT */
/* Methods side by side: every one of them on the same draws of shots. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/method.h>
#include <fewshot/model.h>
#include <fewshot/task.h>

G_BEGIN_DECLS

typedef struct
{
  const char *const *methods; /* specifications, NULL-terminated */
  const guint *shots;
  guint n_shots;
  const guint64 *seeds;
  guint n_seeds;
  guint views; /* of the task's, for methods that do not say how many */
  /* Half of each class, or label, is held out to test on, another half with each seed; the task's
   * roles are not looked at. */
  gboolean halve;
} FewCompareJob;

/* One method on one draw of shots. */
typedef struct
{
  guint method; /* index into the job's methods */
  guint shots;
  guint64 seed;
  const FewTask *task; /* whose roles are the draw's */
} FewDraw;

/* What the caller does. On the calling thread; those that are NULL do nothing. */
typedef struct
{
  /* Just before a method runs; FALSE passes over it. */
  gboolean (*wanted) (gpointer user, const FewDraw *draw);
  /* Once a draw, before the first method that is wanted: fills in what depends on the draw, as
   * views. FALSE with an error ends all. */
  gboolean (*prepare) (gpointer user, guint64 seed, FewTask *task, GError **error);
  /* After a method: takes the result; without one, `problem` says why it could not run. FALSE with
   * an error ends all. */
  gboolean (*did) (gpointer user, const FewDraw *draw, FewMethodResult *result,
                   const GError *problem, GError **error);
  FewMethodProgress progress; /* steps of the method that runs */
  gpointer user;
} FewCompareFuncs;

/* For all shots, for all seeds, for all methods: `shots` of the task's training pictures a class to
 * learn from and min (shots, 4) to choose by, as few_shot_split takes them, or of pictures with any
 * number of labels as few_shot_several does; the seed is the method's, too. task: features, labels
 * or sets, roles before shots are taken, text features, class names, paths where a method looks at
 * pixels, groups: a picture is left out of a draw that learns from, or chooses by, another of its
 * group. A method that cannot run is told as such and does not end the rest. FALSE when cancelled,
 * or when a function of the caller's said so. */
FEW_API gboolean few_compare (FewModel *model, const FewTask *task, const FewCompareJob *job,
                              const FewCompareFuncs *funcs, GCancellable *cancellable,
                              GError **error);

G_END_DECLS
