/* SPDX-License-Identifier: MIT */
/* Methods: everything that learns classes from few pictures, on the same task. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/classifier.h>
#include <fewshot/model.h>
#include <fewshot/scores.h>
#include <fewshot/several.h>
#include <fewshot/snapshot.h>
#include <fewshot/task.h>
#include <fewshot/train-options.h>

G_BEGIN_DECLS

/* Of FewMethodOptions: as many as the task has. */
#define FEW_ALL_VIEWS G_MAXUINT

/* A method and its settings. A plain value: it may be copied. */
typedef struct
{
  const char *name;          /* "tip-adapter" */
  /* Augmented views of each training picture that are learned from, of those that the task has.
   * views_alone: as the authors' code, from the views in the pictures' place. */
  guint views;
  gboolean views_alone;
  FewTrainOptions train;     /* of what is trained by steps */
  guint64 own[8];            /* what the method alone has: few_method_setting reads it */
} FewMethodOptions;

typedef struct
{
  const char *name, *title;  /* "gda", "GDA" */
  const char *reference;     /* "Wang et al., ICLR 2024" */
  gboolean chooses;          /* some setting is chosen on validation pictures */
  gboolean pixels;           /* needs FewTask.paths and a ViT */
  gboolean usual;            /* part of a comparison that names no methods */
  gboolean texts;            /* learns from texts: nothing for a model that reads none */
  gboolean several;          /* of any number of labels a picture; others: of one */
  gboolean keeps;            /* what it learns is a FewClassifier */
  /* How many views of each picture the authors' code learns from; fresh_views: one of them an
   * epoch, in turn, as it draws a new one in each. */
  guint published_views;
  gboolean fresh_views;
} FewMethodInfo;

/* The method number `index`, NULL behind the last. */
FEW_API const FewMethodInfo *few_method_info (guint index);
/* The method of that name, NULL: there is none. */
FEW_API const FewMethodInfo *few_method_info_find (const char *name);
/* Its title; the name itself where there is none of that name, as in a later version's file. */
FEW_API const char *few_method_title (const char *name);
/* "NAME" or "NAME:key=value,key=value", as "clip-adapter:alpha=learned,preset=seed". Every method
 * knows views=N and views=published, which search=published and preset=published mean, too, where
 * no other is given. An error names what is known. */
FEW_API gboolean few_method_parse (const char *specification, FewMethodOptions *options,
                                   GError **error);
/* The value of a setting by its key, a word as its place among those that are known. NAN: it is
 * chosen on validation pictures (the method's own value where there are too few), or the method
 * has no such setting. */
FEW_API double few_method_setting (const FewMethodOptions *options, const char *key);

/* Validation accuracy on a grid of two settings; columns vary fastest. */
typedef struct
{
  const char *row_name, *column_name;
  guint rows, columns;
  double *row_values, *column_values, *accuracy;
} FewGrid;

typedef struct
{
  guint n, n_classes;
  float *scores; /* [n, K]; the largest of a row is the prediction */
  guint32 *predicted; /* [n] */
  double accuracy[3]; /* of FEW_ROLE_TRAIN, VALIDATION, TEST; NAN where there are none */
  FewScores test; /* of the test pictures */
  /* Of the pictures that were learned from, by what was learned without them; n = 0 where the
   * method makes no folds. This is cross-validated, not a test. */
  FewScores cross_validated;
  /* Of a task with sets in the place of these: NULL otherwise, and where nothing is known. */
  FewSeveralScores *several_test, *several_cross_validated;
  double seconds;
  guint64 parameters; /* numbers that were learned */
  char *chosen; /* "alpha=0.6 beta=1": what was chosen, or learned */
  /* validation pictures were too few to choose by: the method's own values were taken */
  gboolean too_few;
  FewEpoch *history; /* [epochs] */
  guint epochs;
  FewGrid grid; /* rows = 0: none */
  FewClassifier *classifier; /* NULL: the method has none, or the classes have no names */
  /* [n, D] of a classifier that is a tower: what it makes of the pictures. NULL of others. */
  float *inserted;
  GPtrArray *tensors; /* FewLearned *: what was learned, and the values that it began with */
} FewMethodResult;

typedef struct
{
  char *name;
  gsize rows, columns;
  float *values;
} FewLearned;

FEW_API void few_method_result_free (FewMethodResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewMethodResult, few_method_result_free)

/* From the calling thread; done of total are steps of any kind. */
typedef void (*FewMethodProgress) (gpointer user, guint done, guint total);
FEW_API FewMethodResult *few_method_run (FewModel *model, const FewTask *task,
                                         const FewMethodOptions *options,
                                         FewMethodProgress progress, gpointer user,
                                         GCancellable *cancellable, GError **error);

G_END_DECLS
