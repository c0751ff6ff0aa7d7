/* SPDX-License-Identifier: MIT */
/* Projects: everything a window works on, as one value that is written to a file and restored by
 * undo. */
#pragma once
#include <fewshot/crop.h>
#include <fewshot/export.h>
#include <fewshot/label-sets.h>
#include <fewshot/scores.h>
#include <fewshot/train-options.h>

G_BEGIN_DECLS

typedef struct
{
  guint32 id;         /* unique among the classes, never 0 */
  char *name;
  char *prompt;       /* NULL: the project's template */
  /* JSON object of members this version does not know, kept for who does; NULL: none */
  char *unknown;
} FewProjectClass;

/* Indices of classes, growing, each once. Immutable and shared: any thread. */
typedef struct
{
  guint n;
  guint32 labels[];
} FewProjectLabels;

/* In any order, and twice is once. NULL of none. */
FEW_API FewProjectLabels *few_project_labels_new (const guint32 *labels, guint n);
FEW_API FewProjectLabels *few_project_labels_ref (FewProjectLabels *labels);
FEW_API void few_project_labels_unref (FewProjectLabels *labels);

typedef enum {
  FEW_USE_LEARN, /* split as the settings of a run say */
  FEW_USE_TEST,  /* always tested on, never learned from */
  FEW_USE_NONE,  /* of none of the classes */
} FewUse;

typedef struct
{
  guint32 id;         /* unique among the pictures, never 0 */
  guint32 label;      /* index of its class; FEW_USE_NONE: 0 */
  FewProjectLabels *labels; /* of a project of any number, in its place; NULL: it has none */
  GRefString *path;   /* absolute, in the file system's encoding */
  char sha256[65];    /* "" before the file was read */
  gboolean excluded;  /* stays in the project and takes no part */
  gboolean confirmed; /* a person has said that its label is right */
  FewUse use;
  FewCrop crop; /* the part of the file that it is */
  char *unknown;
} FewProjectPicture;

/* A finished training run with what it takes to show it again. Immutable, any thread. */
typedef struct
{
  gatomicrefcount refs;
  char *title;
  FewTrainJob job;
  gboolean stopped;
  double seconds;
  double test_accuracy, zero_shot_accuracy; /* of n_test pictures; NAN with none */
  guint n_test;
  /* FewSnapshotInfo's; of the scores what a sentence needs, n = 0: not known */
  double chosen_alpha;
  FewScores cross_validated;
  guint n_classes;
  char **names;            /* [n_classes], NULL-terminated */
  char **prompts;          /* [n_classes], entries may be NULL */
  char *template_text;
  guint epochs;
  FewEpoch *history;       /* [epochs] */
  guint n;
  guint32 *ids, *labels;   /* [n] */
  FewLabelSets *sets;      /* [n] of a run on any number, in the place of labels; NULL: one */
  double test_map, zero_shot_map; /* mean average precision, in the place of accuracies; NAN */
  double cross_validated_map;
  guint8 *roles;           /* [n] FewRole */
  /* What was learned, a FewClassifier in parts. form: NULL a bottleneck, weights W1 [H, D], W2 [D,
   * H]; "linear", weights W [K, D], b [K]; "cache", weights the keys [n_keys, D]; "kernel",
   * behind them their values [n_keys, K]; "sum", W, b, W1, W2; "pair", W1, W2 and the text [K, D]
   * of a sum without a linear part; "tower", W1 [H, W], W2 [W, H] and what they made of the
   * pictures [n, D]; "independent", W, b, the thresholds [K], and of how many
   * pictures each class was learned, as floats [K]. */
  char *form;
  guint dim, hidden;
  gboolean final_relu;
  guint after, width; /* tower */
  double trained_alpha; /* NAN: the settings' (runs of version 0.2) */
  double logit_scale; /* NAN: the model's */
  double part_alpha, part_scale; /* sum, pair; the first: tower */
  gboolean raw; /* linear */
  double zero_scale;
  double strength, prior; /* independent */
  double tau, sharpness; /* cache */
  guint n_keys;
  guint32 *key_labels; /* [n_keys] < n_classes */
  float *weights; /* NULL: were not kept */
  float *trust; /* [n_trust] a FewTrust, packed; NULL: none, or not kept */
  gsize n_trust;
  char *backbone_sha256;
  char *backbone_fingerprint; /* few_model_match; NULL in runs of version 0.2 */
  char *backbone_precision; /* FewClassifierInfo's; NULL: not recorded */
  char *parent; /* SHA-256 of the classifier's file that the run came from; NULL: it was trained */
  char *unknown;
} FewProjectRun;

FEW_API FewProjectRun *few_project_run_ref (FewProjectRun *run);
FEW_API void few_project_run_unref (FewProjectRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewProjectRun, few_project_run_unref)

/* What one method of a comparison came to on one draw of shots. */
typedef struct
{
  guint method; /* of the comparison's */
  guint shots, seed; /* seed: 1 … n_seeds */
  guint most_shots; /* training pictures of the class that has most */
  char *reason; /* why it could not run; NULL: it did, and what follows is known */
  guint n_test, right; /* of pictures with one class each */
  double map, macro_f1; /* of pictures with any number of labels; NAN: not known */
  double seconds;
  guint64 parameters;
  gboolean too_few; /* FewMethodResult's, as is what was chosen; it may be NULL */
  char *chosen;
  /* What it says of the comparison's pictures, of one class each or of any number; NULL: not kept,
   * or it says nothing. */
  guint32 *predicted; /* [n] */
  FewLabelSets *said; /* [n] */
  /* FewGrid's of a method that has one, where its answers are kept: names, values of the rows, of
   * the columns, and the accuracies; grid: NULL, it has none */
  char *row_name, *column_name;
  guint rows, columns;
  double *grid; /* [rows + columns + rows * columns] */
} FewProjectCompared;

/* A comparison of methods. Filled by who made it, immutable from then on: any thread. */
typedef struct
{
  gatomicrefcount refs;
  gboolean any; /* of pictures with any number of labels */
  char **methods; /* [n_methods] specifications, NULL-terminated */
  guint n_methods;
  guint *shots; /* [n_shots] */
  guint n_shots;
  guint n_seeds;
  char **names; /* [n_classes], NULL-terminated, as they were called */
  guint32 *class_ids; /* [n_classes] */
  guint n_classes;
  /* The test pictures of one draw, that of the most shots with the first seed: what is said of
   * others is not kept. */
  guint n;
  guint32 *ids; /* [n] */
  guint32 *labels; /* [n] < n_classes, or in their place */
  FewLabelSets *sets; /* [n] */
  GArray *found; /* FewProjectCompared */
  char *backbone_sha256, *backbone_fingerprint; /* as a run's */
  char *unknown;
} FewProjectComparison;

/* With nothing found. */
FEW_API FewProjectComparison *few_project_comparison_new (void);
FEW_API FewProjectComparison *few_project_comparison_ref (FewProjectComparison *comparison);
FEW_API void few_project_comparison_unref (FewProjectComparison *comparison);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewProjectComparison, few_project_comparison_unref)

typedef struct
{
  GPtrArray *classes; /* FewProjectClass * */
  gboolean any; /* pictures have any number of classes: a file that older versions refuse */
  GArray *pictures; /* FewProjectPicture */
  GPtrArray *runs; /* FewProjectRun * */
  FewProjectComparison *comparison; /* NULL: there is none */
  char *template_text;
  double alpha;
  FewTrainJob job; /* settings of the next run */
  char *model; /* folder, or NULL */
  char *model_sha256; /* or NULL */
  char *model_fingerprint; /* or NULL */
  char *unknown;
  /* something of the file could not be used: keep a copy before it is written over */
  gboolean repaired;
} FewProject;

/* An empty one, to be filled by who made it and immutable from then on. The arrays may be
 * replaced by others of their kind. */
FEW_API FewProject *few_project_new (void);
FEW_API void few_project_free (FewProject *project);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewProject, few_project_free)
FEW_API GArray *few_project_pictures_new (guint reserved);
FEW_API GPtrArray *few_project_classes_new (void);
FEW_API void few_project_add_class (GPtrArray *classes, guint32 id, const char *name,
                                    const char *prompt, const char *unknown);
/* JSON. Paths below `folder` (may be NULL) are written relative to it, so that both can be moved
 * together. Equal projects give equal bytes. Free with g_free. */
FEW_API char *few_project_to_json (const FewProject *project, const char *folder);
FEW_API FewProject *few_project_from_json (const char *json, gsize length, const char *name,
                                           const char *folder, GError **error);
/* Atomic. What few_project_load would refuse is not written: the oldest weights are left out until
 * the rest fits, or it fails with a sentence (FEW_ERROR_LIMIT, FEW_ERROR_INPUT) and the old file
 * stays, as it does when it is read-only. Takes time: not for a thread that draws. */
FEW_API gboolean few_project_save (const FewProject *project, const char *path, GError **error);
FEW_API FewProject *few_project_load (const char *path, GError **error);

G_END_DECLS
