/* SPDX-License-Identifier: MIT */
/* The parts of a picture that predict answers for: boxes of a file, or tiles. */
#pragma once
#include "cli/answers.h"
#include "cli/boxes.h"

typedef struct
{
  char *tiles; /* the options */
  gboolean each_tile;
  CliBoxes boxes;
  /* what they mean */
  guint grid, side; /* so many tiles a side, or of so many pixels; 0 and 0: none */
  FewBoxes *found;  /* NULL: none */
  const char *const *folders; /* as they were given to cli_parts_open */
  char *stamp;      /* of the file of boxes as it was read, or was tried to be */
} CliParts;

/* One thing that is said of a picture. */
typedef struct
{
  char *path;              /* the picture's */
  char *address;           /* what is encoded; NULL: nothing is */
  double box[4];
  gboolean has_box;
  const FewBoxFound *found; /* NULL: it is not of a file of boxes */
  FewBoxFound detection;    /* that: the file may be read again before the part is answered */
  gboolean first, last;    /* of its picture */
} CliPart;

GOptionEntry cli_parts_tiles_entry (CliParts *parts);
GOptionEntry cli_parts_each_entry (CliParts *parts);
void cli_parts_clear (CliParts *parts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliParts, cli_parts_clear)
/* What is wrong with the options; NULL: nothing. */
const char *cli_parts_check (CliParts *parts);
/* Opens the file of boxes; pictures are named as its folder or those of the arguments (which are to
 * stay; may be NULL) see them. */
gboolean cli_parts_open (CliParts *parts, const char *const *arguments, GError **error);
/* Whether the file of boxes has changed and was read again. Where it cannot be, that is told once,
 * and what it said before holds. */
gboolean cli_parts_refresh (CliParts *parts);
gboolean cli_parts_are_cut (const CliParts *parts);
/* Whether a picture's tiles have one answer together. */
gboolean cli_parts_are_joined (const CliParts *parts);
void cli_part_free (gpointer part);
/* Of a picture: CliPart *, one at least, in the order of the file; NULL: the file of boxes does not
 * know it. Free with g_ptr_array_unref. */
GPtrArray *cli_parts_list (const CliParts *parts, const char *path);

/* ---- the best tile of each class */
typedef struct
{
  guint n_classes, top, n; /* n: tiles so far */
  float *cosines, *probabilities; /* [K] */
  double (*boxes)[4]; /* [K] */
  guint *order; /* [top] */
  gboolean refused; /* all of them */
} CliBest;

void cli_best_begin (CliBest *best, guint n_classes, guint top);
void cli_best_clear (CliBest *best);
void cli_best_take (CliBest *best, const CliAnswer *answer, const double box[4]);
/* All of the answer but its path; FALSE: there was no tile. Begins anew. The answer points into
 * what is best until the next tile is taken. */
gboolean cli_best_give (CliBest *best, CliAnswer *answer);
