/* SPDX-License-Identifier: MIT */
/* Labels that are there already: in files of other programs, and as keywords in the pictures. */
#pragma once
#include <fewshot/dataset.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* TRUE when the name ends like that of a file of labels (.csv .tsv .json .jsonl .ndjson, any
 * case). */
FEW_API gboolean few_labels_is_name (const char *path);

/* The one door to labelled pictures. A folder is few_dataset_scan's. A file is, by what is in it:
 *
 *   CSV, TSV      a picture and its class a line; the delimiter and the columns are found (by their
 *                 names, or where there are two), and a column called split or the like is a role
 *   JSON lines    an object a line with the same names, as Hugging Face's metadata.jsonl
 *   JSON          a list of such objects, {"picture": "class"}, COCO's instances (the categories of
 *                 a picture's annotations), or CoOp's split_zhou_*.json
 *
 * A column or member called “box” says which part of the picture a row is of: x, y, width and
 * height as shares of the upright picture's sides, 0 to 1 from its upper left corner, with blanks
 * (or commas) between them, in JSON an array, too; where it is empty, the whole picture. The
 * picture is an address then (crop.h). A box that is none, or not inside, is left out.
 * In a table with a column of 0 and 1 for each class, one of these is a class that is called so.
 *
 * Pictures are looked for in the file's own folder, and where the first of them are not there, in
 * one of its sub-folders. What leads out of it, is no picture, has no class or several is left out
 * and said in `notes`; an error where nothing is left. */
FEW_API FewDataset *few_labels_open (const char *path, GCancellable *cancellable, GError **error);

/* The same of pictures with any number of classes each, none too: a picture in several rows has the
 * classes of all of them; a cell has several parted by ; or |, a JSON member an array of them; a
 * file may have a column a class with 0 and 1, and of COCO's annotations all categories count. */
FEW_API FewDataset *few_labels_open_any (const char *path, GCancellable *cancellable,
                                         GError **error);

/* ---- keywords in pictures (XMP and IPTC, in them or beside them) */

typedef struct
{
  char *word;
  guint n; /* pictures */
} FewKeyword;

/* The keywords of every picture below a folder. Immutable once made: any thread. */
typedef struct FewKeywordSurvey FewKeywordSurvey;
/* progress (may be NULL): pictures so far, from this thread. */
FEW_API FewKeywordSurvey *few_keyword_survey_new (const char *folder,
                                                  void (*progress) (gpointer user, guint done),
                                                  gpointer user, GCancellable *cancellable,
                                                  GError **error);
FEW_API void few_keyword_survey_free (FewKeywordSurvey *survey);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewKeywordSurvey, few_keyword_survey_free)
/* FewKeyword *, those of most pictures first. */
FEW_API const GPtrArray *few_keyword_survey_list (const FewKeywordSurvey *survey);
/* Those pictures that have exactly one of these words (NULL-terminated) are of that class. */
FEW_API FewDataset *few_keyword_survey_choose (const FewKeywordSurvey *survey,
                                               const char *const *words, GError **error);
/* Every picture that was looked at is of all of these words that it has, which may be none. */
FEW_API FewDataset *few_keyword_survey_choose_any (const FewKeywordSurvey *survey,
                                                   const char *const *words, GError **error);

G_END_DECLS
