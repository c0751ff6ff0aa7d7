/* SPDX-License-Identifier: MIT */
/* Labelled pictures of which the boxes are learned from. */
#include "base/error.h"
#include "base/words.h"
#include "labels/boxes.h"
#include "labels/rows.h"
#include "task/dataset.h"
#include <fewshot/labels.h>

static void
note (FewDataset *set, char *sentence)
{
  g_ptr_array_add (set->notes, sentence);
}

/* What became of pictures and boxes that are not taken. */
static void
note_rest (FewDataset *set, const FewBoxes *boxes, guint without)
{
  if (without > 0)
    note (set,
          g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u picture without a box is left out.",
                                        "%u pictures without a box are left out.", without),
                           without));
  if (boxes->bad > 0)
    note (set, g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                             "%u box is no box inside its picture and is left out.",
                                             "%u boxes are no boxes inside their pictures and are "
                                             "left out.",
                                             boxes->bad),
                                boxes->bad));
  set->left_out += without;
}

static gboolean
fail_empty (const FewBoxes *boxes, GError **error)
{
  few_fail (error, INPUT,
            "%s has no box for any of the pictures that is sure enough and of a category that is "
            "asked for.",
            boxes->name);
  return FALSE;
}

/* ---- the file's own */

static gboolean
add_rows (FewLabelRows *rows, const FewBoxes *boxes, const char *file, guint *without,
          GError **error)
{
  const GPtrArray *list = g_hash_table_lookup (boxes->by_file, file);
  guint taken = 0;
  for (guint i = 0; i < list->len; i++)
    {
      const FewBoxFound *found = list->pdata[i];
      const FewBoxCategory *category = boxes->categories->pdata[found->category];
      const char *class = found->class_name ? found->class_name : category->name;
      const FewLabelRow row = {
        .path = (char *) file, .class = (char *) class, .number = -1, .crop = found->crop
      };
      if (!found->wanted)
        continue;
      if (!few_label_rows_add (rows, &row, error))
        return FALSE;
      taken++;
    }
  *without += taken == 0;
  return TRUE;
}

static FewDataset *
open_own (const char *path, const FewBoxWish *wish, GCancellable *cancellable, GError **error)
{
  g_autoptr (FewBoxes) boxes = few_boxes_open (path, wish, error);
  if (!boxes)
    return NULL;
  g_autoptr (FewLabelRows) rows = few_label_rows_new (boxes->name);
  g_autofree char *folder = g_path_get_dirname (path);
  guint without = 0;
  for (guint i = 0; i < boxes->files->len; i++)
    if (!add_rows (rows, boxes, boxes->files->pdata[i], &without, error))
      return NULL;
  if (rows->rows->len == 0)
    {
      fail_empty (boxes, error);
      return NULL;
    }
  FewDataset *set = few_label_rows_resolve (rows, folder, cancellable, error);
  if (set)
    note_rest (set, boxes, without);
  return set;
}

/* ---- another file's */

/* The boxes of one picture; FALSE with an error. */
static gboolean
add_boxes (FewDataset *cut, const FewDataPicture *picture, const GPtrArray *list, GError **error)
{
  for (guint i = 0; list && i < list->len; i++)
    {
      const FewBoxFound *found = list->pdata[i];
      if (found->wanted
          && !few_dataset_add (cut, few_address_new (picture->path, &found->crop), picture->label,
                               picture->role, error))
        return FALSE;
    }
  return TRUE;
}

/* Puts the pictures' boxes in their place. */
static gboolean
cut_pictures (FewDataset *set, const FewBoxes *boxes, GError **error)
{
  g_autoptr (FewDataset) cut = few_dataset_new ();
  guint without = 0;
  for (guint i = 0; i < set->pictures->len; i++)
    {
      const FewDataPicture *picture = set->pictures->pdata[i];
      guint before = cut->pictures->len;
      if (!add_boxes (cut, picture, few_boxes_find (boxes, picture->path), error))
        return FALSE;
      without += cut->pictures->len == before;
    }
  if (cut->pictures->len == 0)
    return fail_empty (boxes, error);
  GPtrArray *whole = set->pictures;
  set->pictures = cut->pictures;
  cut->pictures = whole;
  note_rest (set, boxes, without);
  return TRUE;
}

/* Two files with boxes for the same pictures contradict each other. */
static gboolean
check_whole (const FewDataset *set, const char *path, GError **error)
{
  for (guint i = 0; i < set->pictures->len; i++)
    {
      const FewDataPicture *picture = set->pictures->pdata[i];
      if (!few_address_has_crop (picture->path))
        continue;
      g_autofree char *shown = g_filename_display_name (path);
      few_fail (error, INPUT, "%s has boxes of its own: leave the other file of boxes out.", shown);
      return FALSE;
    }
  return TRUE;
}

static FewDataset *
open_with (const char *path, const FewBoxJob *job, GCancellable *cancellable, GError **error)
{
  g_autoptr (FewDataset) set = few_labels_open (path, cancellable, error);
  g_autoptr (FewBoxes) boxes =
      set && check_whole (set, path, error) ? few_boxes_open (job->file, &job->wish, error) : NULL;
  if (!boxes)
    return NULL;
  gboolean is_folder = g_file_test (path, G_FILE_TEST_IS_DIR);
  g_autofree char *folder = is_folder ? g_strdup (path) : g_path_get_dirname (path);
  few_boxes_add_root (boxes, folder);
  return cut_pictures (set, boxes, error) ? g_steal_pointer (&set) : NULL;
}

FewDataset *
few_labels_open_boxes (const char *path, const FewBoxJob *job, GCancellable *cancellable,
                       GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  if (!job || job->source == FEW_BOXES_NONE)
    return few_labels_open (path, cancellable, error);
  return job->source == FEW_BOXES_OWN ? open_own (path, &job->wish, cancellable, error)
                                      : open_with (path, job, cancellable, error);
}
