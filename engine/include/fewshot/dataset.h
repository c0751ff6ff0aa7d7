/* SPDX-License-Identifier: MIT */
/* Data sets and splits: which pictures there are, what class each has and what each is for. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/label-sets.h>
#include <fewshot/train-options.h>

G_BEGIN_DECLS

typedef enum { FEW_ROLE_TRAIN, FEW_ROLE_VALIDATION, FEW_ROLE_TEST, FEW_ROLE_UNUSED } FewRole;

/* A folder of class folders, or of train/ test/ val/ folders of them under these or similar names
 * in any case; two of the three make a split. Hidden files, trash and thumbnails of other programs
 * are passed over. */
typedef struct
{
  GPtrArray *classes;  /* char *, sorted */
  GPtrArray *pictures; /* FewDataPicture * */
  gboolean any;        /* pictures have any number of classes, none too */
  gboolean has_roles;  /* it says itself what is for training and what for testing */
  GPtrArray *notes;    /* char *: sentences about what was passed over, for the person */
  guint several;       /* of those left out: they have several classes, and one is taken */
  guint left_out;      /* pictures that a file of labels names and that are not taken */
  char *deeper;        /* NULL, or the only folder, where it seems to hold the classes */
} FewDataset;

typedef struct
{
  char *path;
  guint label; /* its class; of a set of any number the first of them, 0 without */
  FewRole role;
  guint32 *labels; /* [n_labels] of a set of any number: all of them, growing */
  guint n_labels;
} FewDataPicture;

/* One without classes and pictures, to be filled by hand: its arrays free what they hold. */
FEW_API FewDataset *few_dataset_new (void);
FEW_API FewDataset *few_dataset_scan (const char *folder, GError **error);
/* FALSE, with a sentence that says what to do, when nothing can be learned from it: fewer than two
 * classes have pictures, or none is for training. `folder` is what the person named. */
FEW_API gboolean few_dataset_check (const FewDataset *dataset, const char *folder, GError **error);
/* CoOp's split_zhou_*.json: {"train" | "val" | "test": [[path, label, class name], …]}, paths
 * relative to images. */
FEW_API FewDataset *few_dataset_load_split (const char *json_path, const char *images,
                                            GError **error);
/* Text lists, one picture a line: its path relative to images (".jpg" is added to a name without
 * an ending), then the class name. NULL for a list that there is not; without val or test,
 * few_shot_split makes them. */
FEW_API FewDataset *few_dataset_load_lists (const char *train, const char *val, const char *test,
                                            const char *images, GError **error);
/* Lines of "FOLDER CLASS NAME" (ImageNet's classnames.txt) rename classes; those not listed keep
 * their names. */
FEW_API gboolean few_dataset_rename_classes (FewDataset *dataset, const char *path, GError **error);
/* Of a set of any number: what its pictures are labelled with, in their order. */
FEW_API FewLabelSets *few_dataset_sets (const FewDataset *dataset, GError **error);
FEW_API void few_dataset_free (FewDataset *dataset);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewDataset, few_dataset_free)

/* Seeded stratified split (CoOp's protocol when shots > 0): `shots` pictures a class to train
 * (all if fewer), min(shots, 4) to validation, the rest to test. shots = 0: of n pictures a
 * class, n/5 to validation (from 4), n/5 to test (from 8), the rest to train. pinned [n] (NULL:
 * none): those stay test pictures and are not counted; where there is one, shots = 0 draws no more
 * of them. roles [n]. As below: FALSE, and no role is changed, where memory is short. */
FEW_API gboolean few_split (const guint32 *labels, const guint8 *pinned, guint n, guint n_classes,
                            guint shots, guint64 seed, guint8 *roles, GError **error);
/* The same with other shares than a fifth, where shots = 0. Of each class that has more than one
 * picture at least one is left to train. */
FEW_API gboolean few_split_shares (const guint32 *labels, const guint8 *pinned, guint n,
                                   guint n_classes, guint shots, FewShares shares, guint64 seed,
                                   guint8 *roles, GError **error);
/* Takes half of each class (at least one, at most all but one) to test, the rest to train: the
 * fixed test set of a folder without one. */
FEW_API gboolean few_hold_out (const guint32 *labels, guint n, guint n_classes, guint64 seed,
                               guint8 *roles, GError **error);
/* CoOp's few-shot protocol on a data set with roles: `shots` of its training pictures a class
 * (all if fewer), min (shots, 4) of its validation pictures, or of the training pictures left
 * where it has none, all test pictures; the rest becomes unused. The draws are those of CoOp's
 * code (Dassl): Python's random.sample with random.seed (seed), for pictures in the order of the
 * split file. */
FEW_API gboolean few_shot_split (const guint32 *labels, guint n, guint n_classes, guint shots,
                                 guint64 seed, guint8 *roles, GError **error);

G_END_DECLS
