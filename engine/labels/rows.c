/* SPDX-License-Identifier: MIT */
/* Rows, and the names that people give to what is in them. */
#include "labels/rows.h"
#include "base/error.h"
#include "task/dataset.h"
#include "task/layout.h"
#include <string.h>

enum { MOST_NOTES = 200 };

static void
row_free (gpointer data)
{
  FewLabelRow *row = data;
  g_free (row->path);
  g_free (row->class);
  g_strfreev (row->classes);
  g_free (row);
}

FewLabelRows *
few_label_rows_new (const char *name)
{
  FewLabelRows *rows = g_new0 (FewLabelRows, 1);
  rows->name = name;
  rows->rows = g_ptr_array_new_with_free_func (row_free);
  rows->notes = g_ptr_array_new_with_free_func (g_free);
  return rows;
}

void
few_label_rows_free (FewLabelRows *rows)
{
  g_ptr_array_unref (rows->rows);
  g_ptr_array_unref (rows->notes);
  g_free (rows);
}

/* The row's own, or "cat; dog" → cat, dog; without what is empty. */
static char **
list_classes (const FewLabelRow *row)
{
  const char *cell = row->class ? row->class : "";
  char **parts = row->classes ? g_strdupv (row->classes) : g_strsplit_set (cell, ";|", -1);
  guint kept = 0;
  for (guint i = 0; parts[i]; i++)
    if (*g_strstrip (parts[i]))
      parts[kept++] = parts[i];
    else
      g_free (parts[i]);
  parts[kept] = NULL;
  return parts;
}

gboolean
few_label_rows_add (FewLabelRows *rows, const FewLabelRow *row, GError **error)
{
  if (rows->rows->len >= FEW_DATASET_MOST_PICTURES)
    {
      few_fail (error, LIMIT, "There are more than %u pictures, and no more are taken.",
                FEW_DATASET_MOST_PICTURES);
      return FALSE;
    }
  FewLabelRow *copy = g_new (FewLabelRow, 1);
  *copy = *row;
  copy->path = g_strdup (row->path);
  copy->class = row->class ? g_strstrip (g_strdup (row->class)) : NULL;
  copy->classes = rows->any ? list_classes (row) : NULL;
  g_ptr_array_add (rows->rows, copy);
  return TRUE;
}

void
few_label_rows_leave_out (FewLabelRows *rows, char *sentence)
{
  rows->left_out++;
  if (rows->notes->len < MOST_NOTES)
    g_ptr_array_add (rows->notes, sentence);
  else
    g_free (sentence);
}

gboolean
few_label_role_parse (const char *word, FewRole *role)
{
  g_autofree char *stripped = g_strstrip (g_strdup (word));
  *role = *stripped ? few_layout_role (stripped) : FEW_ROLE_TRAIN;
  return *role != FEW_ROLE_UNUSED;
}

gboolean
few_label_box_parse (const char *text, FewCrop *crop)
{
  static const char BETWEEN[] = " ,\t";
  double box[4];
  const char *at = text + strspn (text, BETWEEN);
  *crop = (FewCrop) { 0 };
  if (!*at)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (box); i++)
    {
      char *end;
      box[i] = g_ascii_strtod (at, &end);
      if (end == at || (*end && !strchr (BETWEEN, *end)))
        return FALSE;
      at = end + strspn (end, BETWEEN);
    }
  return !*at && few_crop_init (crop, box[0], box[1], box[2], box[3]);
}

/* Without case, blanks, - and _ */
static char *
make_plain (const char *name)
{
  GString *plain = g_string_new (NULL);
  for (const char *p = name; *p; p++)
    if (!strchr ("-_ .", *p))
      g_string_append_c (plain, g_ascii_tolower (*p));
  return g_string_free (plain, FALSE);
}

gboolean
few_label_is_plural (const char *name)
{
  static const char *const known[] = { "labels",     "classes",  "tags",
                                       "categories", "keywords", "classnames",
                                       "labelnames", "species",  NULL };
  g_autofree char *plain = make_plain (name);
  return g_strv_contains (known, plain);
}

guint
few_label_field_rank (const char *name, FewLabelField field)
{
  /* the last is the best: a name says more than a number, a path more than an id */
  static const char *const known[FEW_LABEL_FIELDS][20] = {
    [FEW_LABEL_PATH] = { "id", "idcode", "imageid", "name", "picture", "img", "image", "imgpath",
                         "imagename", "file", "filename", "filenames", "imagefilename", "imagefile",
                         "imagepath", "filepath", "path" },
    [FEW_LABEL_CLASS] = { "y", "target", "labelid", "classid", "categoryid", "tag", "species",
                          "category", "label", "class", "categoryname", "labelname", "classname" },
    [FEW_LABEL_ROLE] = { "usage", "phase", "set", "partition", "role", "subset", "split" },
    [FEW_LABEL_BOX] = { "box" },
  };
  g_autofree char *plain = make_plain (name);
  for (guint i = 0; known[field][i]; i++)
    if (g_str_equal (plain, known[field][i]))
      return i + 1;
  return 0;
}
