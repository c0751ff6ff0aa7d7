/* SPDX-License-Identifier: MIT */
/* Inside FewKeeper: what each format does with an answer, and what they share. */
#pragma once
#include "common/keep.h"
#include <fewshot.h>

typedef struct
{
  gboolean (*begin) (FewKeeper *keeper, GError **error);
  /* All of one picture, FewKeptAnswer *, one at least; of one that could not be read that alone. */
  gboolean (*add) (FewKeeper *keeper, const GPtrArray *answers, GError **error);
  gboolean (*finish) (FewKeeper *keeper, GError **error);
} FewKeepKind;

enum { FEW_KEEP_FILES = 3 };

/* A deployment of which there are pictures. */
typedef struct
{
  const FewDeployment *told;
  char *id;
  char first[20], last[20]; /* when they were taken; "": none tells */
} FewKeepPlace;

struct FewKeeper
{
  FewKeepOptions options;
  const FewKeepKind *kind;
  char *folder; /* that paths are relative to */
  FewAtomicFile *files[FEW_KEEP_FILES];
  GString *text[FEW_KEEP_FILES]; /* not written yet */
  gpointer second; /* FILE *: what stands behind the rest of a file in the end */
  guint64 n, left_out, annotations, elsewhere;
  GPtrArray *places; /* FewKeepPlace *, of a Camtrap DP */
  guint8 *seen; /* [classes] */
  GPtrArray *answers; /* FewKeptAnswer *, copies: of one picture, of which more may come */
};

extern const FewKeepKind few_keep_timelapse, few_keep_camtrap, few_keep_coco;

void few_keep_place_free (gpointer place);
/* That of a picture by its path below the folder; kept. NULL with an error. */
FewKeepPlace *few_keep_find_place (FewKeeper *keeper, const char *path, GError **error);
void few_keep_note_time (FewKeepPlace *place, const char *taken);
/* What has gathered of file i goes out, where it is much or `now`. */
gboolean few_keep_flush (FewKeeper *keeper, guint i, gboolean now, GError **error);
/* Below the folder as seen from it, else whole; valid UTF-8; free with g_free. below (may be NULL):
 * whether it is. */
char *few_keep_path (const FewKeeper *keeper, const char *path, gboolean *below);
/* A string of JSON with its quotes. */
void few_keep_quote (GString *out, const char *text);
void few_keep_number (GString *out, double value);
/* "2026-11-29T10:15:00Z" */
char *few_keep_now (void);
