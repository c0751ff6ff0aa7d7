/* SPDX-License-Identifier: MIT */
/* What a file says, a picture a row, before anything is looked for on the disk. */
#pragma once
#include <fewshot/crop.h>
#include <fewshot/dataset.h>

typedef struct
{
  char *path, *class; /* as the file has them; class NULL: it gives none */
  char **classes;     /* of rows of any number, in the place of class; NULL-terminated */
  gint64 number;      /* of the class where the file numbers them, else −1 */
  FewRole role;
  guint line;       /* where it stands; 0: the file has no lines */
  FewCrop crop;     /* the part of the picture that it is of */
} FewLabelRow;

typedef struct
{
  const char *name;  /* of the file, for sentences */
  GPtrArray *rows;   /* FewLabelRow * */
  gboolean any;      /* set before: a picture may have several classes, or none */
  gboolean has_roles;
  GPtrArray *notes;  /* char *: sentences about what was left out already */
  guint left_out;    /* that many rows, with those of the notes */
  guint several;     /* of these, for having several classes */
} FewLabelRows;

FewLabelRows *few_label_rows_new (const char *name);
void few_label_rows_free (FewLabelRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewLabelRows, few_label_rows_free)
/* FALSE with FEW_ERROR_LIMIT beyond what a data set takes. Of any number, a row's `class` is parted
 * at ; and | where it gives no `classes`. */
gboolean few_label_rows_add (FewLabelRows *rows, const FewLabelRow *row, GError **error);
/* Takes the sentence; of many the first alone are kept. */
void few_label_rows_leave_out (FewLabelRows *rows, char *sentence);
/* train, Validation, test …: FALSE for another word. "" is for training. */
gboolean few_label_role_parse (const char *word, FewRole *role);

/* ---- what the members and columns of labels are called */
typedef enum {
  FEW_LABEL_PATH,
  FEW_LABEL_CLASS,
  FEW_LABEL_ROLE,
  FEW_LABEL_BOX,
  FEW_LABEL_FIELDS
} FewLabelField;
/* "x y width height" as shares of the upright picture's sides, with blanks or commas between them;
 * "": the whole picture. FALSE: it is no box inside it. */
gboolean few_label_box_parse (const char *text, FewCrop *crop);
/* How good a name is for that, from 1; 0: it is another's. Case, blanks, - and _ do not count. */
guint few_label_field_rank (const char *name, FewLabelField field);
/* Whether it is the name of several classes in one: labels, tags … */
gboolean few_label_is_plural (const char *name);

/* ---- readers; text is UTF-8, closed by a zero byte that length does not count */
gboolean few_labels_read_csv (FewLabelRows *rows, const char *text, gsize length, gboolean tabs,
                              GError **error);
gboolean few_labels_read_json_lines (FewLabelRows *rows, const char *text, gsize length,
                                     GError **error);
gboolean few_labels_read_json (FewLabelRows *rows, const char *text, gsize length, GError **error);

/* ---- to pictures: folder is where the file lies */
FewDataset *few_label_rows_resolve (const FewLabelRows *rows, const char *folder,
                                    GCancellable *cancellable, GError **error);
