/* SPDX-License-Identifier: MIT */
/* Boxes that other programs drew: MegaDetector's detections and COCO's annotations. */
#pragma once
#include <fewshot/crop.h>
#include <fewshot/dataset.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* Which of a file's boxes are wanted. */
typedef struct
{
  double least; /* confidence; NAN: FEW_BOX_LEAST of detections, any of annotations */
  const char *const *categories; /* NULL-terminated names; NULL: any */
} FewBoxWish;
#define FEW_BOX_LEAST .2

typedef struct
{
  char *id, *name; /* as the file has them */
} FewBoxCategory;

typedef struct
{
  double box[4];          /* as the file has it, in shares of the picture's sides */
  FewCrop crop;           /* what of it lies inside the picture */
  double confidence;      /* 1 where the file gives none */
  guint category;         /* of few_boxes_categories */
  const char *class_name; /* what a classifier said of it, in the file; NULL: nothing */
  gboolean wanted;
} FewBoxFound;

/* What a file says of pictures. Immutable once its roots are known: any thread. */
typedef struct FewBoxes FewBoxes;

/* MegaDetector's JSON, or COCO's instances. wish may be NULL: what is usual. */
FEW_API FewBoxes *few_boxes_open (const char *path, const FewBoxWish *wish, GError **error);
FEW_API void few_boxes_free (FewBoxes *boxes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewBoxes, few_boxes_free)
/* Whether they are annotations of a person (COCO), not detections. */
FEW_API gboolean few_boxes_are_annotations (const FewBoxes *boxes);
/* What detected them; "" where that is not told. */
FEW_API const char *few_boxes_detector (const FewBoxes *boxes);
/* FewBoxCategory * */
FEW_API const GPtrArray *few_boxes_categories (const FewBoxes *boxes);
/* Pictures are named as the file's own folder sees them, or as this one does. */
FEW_API void few_boxes_add_root (FewBoxes *boxes, const char *folder);
/* FewBoxFound *, of a picture by its path; NULL: the file says nothing of it. */
FEW_API const GPtrArray *few_boxes_find (const FewBoxes *boxes, const char *path);
/* Those that were drawn outside of their picture, or are no boxes. */
FEW_API guint few_boxes_count_bad (const FewBoxes *boxes);

/* ---- as labelled pictures */

typedef enum {
  FEW_BOXES_NONE,
  FEW_BOXES_OWN, /* of DATA, which is such a file itself: each box is a picture of its category, or
                   * of the class that a classifier gave it */
  FEW_BOXES_FILE, /* of another file: each box of a picture of DATA is a picture of its class */
} FewBoxSource;

typedef struct
{
  FewBoxSource source;
  const char *file; /* of FEW_BOXES_FILE */
  FewBoxWish wish;
} FewBoxJob;

/* few_labels_open, with the boxes of each picture in its place (addresses, see crop.h). Pictures
 * without a wanted box are left out and counted in `notes`. job may be NULL. */
FEW_API FewDataset *few_labels_open_boxes (const char *path, const FewBoxJob *job,
                                           GCancellable *cancellable, GError **error);

G_END_DECLS
