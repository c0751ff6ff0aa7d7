/* SPDX-License-Identifier: MIT */
/* Answers on pictures as other programs read them, one picture after the other in memory that does
 * not grow with them: JSON of MegaDetector's output format, which Timelapse reads; a Camtrap DP;
 * COCO with categories of whole pictures. Nothing is there before few_keeper_finish. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
typedef enum {
  FEW_KEEP_TIMELAPSE,
  FEW_KEEP_CAMTRAP,
  FEW_KEEP_COCO,
  FEW_KEEP_FORMATS
} FewKeepFormat;

/* "timelapse", "camtrap-dp", "coco". */
const char *few_keep_format_name (FewKeepFormat format);
/* FEW_KEEP_FORMATS: none is called so. */
FewKeepFormat few_keep_format_find (const char *name);

/* Of a latitude or longitude that is not known: out of both ranges. */
#define FEW_PLACE_UNKNOWN 1000.

/* What no picture tells of the camera that took them. Strings may be NULL but where it is said. */
typedef struct
{
  const char *folder; /* in that of the package: of its pictures; NULL: of all others */
  const char *id, *location; /* NULL: the folder, or "deployment-1" */
  double latitude, longitude;
  const char *zone;       /* of the cameras' clocks: "+02:00", "Z"; never NULL */
  const char *start, *end; /* "2026-05-01T12:00:00"; NULL: of the first and last picture */
  const char *project, *contact;
} FewDeployment;
/* NULL, or the sentence what is missing or wrong. */
const char *few_deployment_check (const FewDeployment *deployment);

typedef struct
{
  FewKeepFormat format;
  const char *output;          /* a file; of a Camtrap DP a folder that holds the pictures */
  const char *const *classes;  /* NULL-terminated */
  const char *classifier;      /* what answers: "Automatic on ViT-B-32" */
  const FewDeployment *deployment; /* of a Camtrap DP; NULL where those of folders are all */
  const GPtrArray *deployments; /* FewDeployment *, those of folders; NULL: there are none */
  gboolean by_folders; /* of pictures of none of these, each folder is a deployment of its own */
  const FewBoxes *boxes; /* whose detections answers are of; NULL: none */
} FewKeepOptions;

/* Of a picture, or of a part of it: those of one picture follow one another. Classes by falling
 * probability, the first one the answer unless it is refused. */
typedef struct
{
  const char *path;
  const char *error; /* why it could not be read, nothing below then; NULL: it was */
  gboolean refused;  /* none of the classes */
  const double *box; /* [4] the part, in shares of its sides; NULL: the whole */
  const FewBoxFound *found; /* the detection that it is; NULL: it is none */
  gboolean unasked;  /* nothing was classified: a detection that was not wanted, or none at all */
  guint n;
  const guint *order;
  const double *probabilities; /* [n] as order */
} FewKeptAnswer;

/* What the options point to is to stay. */
typedef struct FewKeeper FewKeeper;
FewKeeper *few_keeper_new (const FewKeepOptions *options, GError **error);
/* A picture of which one answer is an error could not be read, whatever its others are. */
gboolean few_keeper_add (FewKeeper *keeper, const FewKeptAnswer *answer, GError **error);
/* left_out: pictures that the format cannot name, since they could not be read or, of a Camtrap DP,
 * do not tell when they were taken. */
gboolean few_keeper_finish (FewKeeper *keeper, guint64 *left_out, GError **error);
/* Pictures of a COCO that are named by their whole path so far: they are not below its folder. */
guint64 few_keeper_count_elsewhere (const FewKeeper *keeper);
void few_keeper_free (FewKeeper *keeper);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewKeeper, few_keeper_free)
G_END_DECLS
