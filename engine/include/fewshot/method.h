/* SPDX-License-Identifier: MIT */
/* Methods: everything that learns classes from few pictures, on the same task. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/model.h>
#include <fewshot/snapshot.h>
#include <fewshot/task.h>
#include <fewshot/train-options.h>

G_BEGIN_DECLS

/* CLIP-Adapter's α and β: as given; the best of a grid of training ratios on validation;
 * trained; or, for α, trained at the given one and the best on validation to view it at, as the
 * window does. */
typedef enum { FEW_RATIO_FIXED, FEW_RATIO_GRID, FEW_RATIO_LEARNED, FEW_RATIO_VIEW } FewRatio;
typedef enum { FEW_POSITION_END, FEW_POSITION_MIDDLE, FEW_POSITION_FRONT } FewPosition;

/* A method and its settings. NAN: chosen on validation pictures, or the method's own value where
 * there are too few. */
typedef struct
{
  const char *name;          /* "tip-adapter" */
  FewTrainOptions train;     /* of what is trained by steps */
  FewRatio ratio;            /* CLIP-Adapter's α and β */
  /* CLIP-Adapter inside a ViT: after so many blocks; 0: on the feature */
  guint after;
  /* CoOp: M, vectors in the prompt; 0: 16, or as many as the longest class name leaves room for */
  guint context;
  gboolean class_specific; /* CoOp: each class has its own */
  FewPosition position; /* CoOp: of the class name among them */
  double c; /* linear probe: 1/L2 strength */
  double tau, sharpness; /* Tip-Adapter: weight of the cache, and β of its affinity */
  double gda; /* GDA: weight of the classifier */
} FewMethodOptions;

typedef struct
{
  const char *name, *title; /* "gda", "GDA" */
  const char *reference; /* "Wang et al., ICLR 2024" */
  const char *keys; /* settings that a specification may give, separated by spaces */
  gboolean chooses; /* some setting is chosen on validation pictures */
  gboolean pixels; /* needs FewTask.paths and a ViT */
} FewMethodInfo;

/* The method number `index`, NULL behind the last. */
FEW_API const FewMethodInfo *few_method_info (guint index);
/* "NAME" or "NAME:key=value,key=value", as "clip-adapter:alpha=learned,preset=seed". An error
 * names what is known. */
FEW_API gboolean few_method_parse (const char *specification, FewMethodOptions *options,
                                   GError **error);

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
  double low, high; /* 95 % interval of the test accuracy (Wilson) */
  double seconds;
  guint64 parameters; /* numbers that were learned */
  char *chosen; /* "alpha=0.6 beta=1": what was chosen, or learned */
  /* validation pictures were too few to choose by: the method's own values were taken */
  gboolean too_few;
  FewEpoch *history; /* [epochs] */
  guint epochs;
  FewGrid grid; /* rows = 0: none */
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
/* Wilson's 95 % interval of `right` among n; NAN when n is 0. */
FEW_API void few_interval (guint right, guint n, double *low, double *high);

G_END_DECLS
