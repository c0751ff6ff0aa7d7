/* SPDX-License-Identifier: MIT */
/* Data sets from folders of class folders. */
#include "task/dataset.h"
#include "base/error.h"
#include "base/folder.h"
#include "base/memory.h"
#include "base/words.h"
#include "task/name-list.h"
#include "task/layout.h"
#include <fewshot/dataset.h>
#include <fewshot/picture.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static void
picture_free (gpointer data)
{
  FewDataPicture *picture = data;
  g_free (picture->path);
  g_free (picture->labels);
  g_free (picture);
}

void
few_dataset_free (FewDataset *dataset)
{
  g_return_if_fail (dataset != NULL);
  g_ptr_array_unref (dataset->classes);
  g_ptr_array_unref (dataset->pictures);
  g_ptr_array_unref (dataset->notes);
  g_free (dataset->deeper);
  g_free (dataset);
}

FewDataset *
few_dataset_new (void)
{
  FewDataset *dataset = g_new0 (FewDataset, 1);
  dataset->classes = g_ptr_array_new_with_free_func (g_free);
  dataset->pictures = g_ptr_array_new_with_free_func (picture_free);
  dataset->notes = g_ptr_array_new_with_free_func (g_free);
  return dataset;
}

gboolean
few_dataset_add (FewDataset *dataset, char *path, guint label, FewRole role, GError **error)
{
  if (label >= FEW_DATASET_MOST_CLASSES || dataset->pictures->len >= FEW_DATASET_MOST_PICTURES)
    {
      g_free (path);
      if (label >= FEW_DATASET_MOST_CLASSES)
        few_fail (error, LIMIT, "There are more than %u classes, and no more are taken.",
                  FEW_DATASET_MOST_CLASSES);
      else
        few_fail (error, LIMIT, "There are more than %u pictures, and no more are taken.",
                  FEW_DATASET_MOST_PICTURES);
      return FALSE;
    }
  FewDataPicture *picture = g_new (FewDataPicture, 1);
  *picture = (FewDataPicture) { .path = path, .label = label, .role = role };
  g_ptr_array_add (dataset->pictures, picture);
  return TRUE;
}

gboolean
few_dataset_add_any (FewDataset *dataset, char *path, const guint32 *labels, guint n, FewRole role,
                     GError **error)
{
  guint largest = 0;
  for (guint i = 0; i < n; i++)
    largest = MAX (largest, labels[i]);
  g_autoptr (FewLabelSets) one = few_label_sets_new (); /* sorts them */
  if (!few_label_sets_add (one, labels, n, error))
    {
      g_free (path);
      return FALSE;
    }
  if (!few_dataset_add (dataset, path, largest, role, error))
    return FALSE;
  FewDataPicture *picture = dataset->pictures->pdata[dataset->pictures->len - 1];
  const guint32 *sorted = few_label_sets_get (one, 0, &picture->n_labels);
  picture->labels = g_memdup2 (sorted, picture->n_labels * sizeof *sorted);
  picture->label = picture->n_labels > 0 ? sorted[0] : 0;
  return TRUE;
}

gboolean
few_dataset_make_any (FewDataset *dataset, GError **error)
{
  static const char WHAT[] = N_ ("the labels of so many pictures");
  dataset->any = TRUE;
  for (guint i = 0; i < dataset->pictures->len; i++)
    {
      FewDataPicture *picture = dataset->pictures->pdata[i];
      picture->labels = few_try_copy (&picture->label, 1, sizeof picture->label, WHAT, error);
      picture->n_labels = 1;
      if (!picture->labels)
        return FALSE;
    }
  return TRUE;
}

FewLabelSets *
few_dataset_sets (const FewDataset *dataset, GError **error)
{
  g_return_val_if_fail (dataset != NULL && dataset->any, NULL);
  g_autoptr (FewLabelSets) sets = few_label_sets_new ();
  for (guint i = 0; i < dataset->pictures->len; i++)
    {
      const FewDataPicture *picture = dataset->pictures->pdata[i];
      if (!few_label_sets_add (sets, picture->labels, picture->n_labels, error))
        return NULL;
    }
  return g_steal_pointer (&sets);
}

/* ---- folders */

typedef struct
{
  FewDataset *dataset;
  FewNameList *names;
  GHashTable *labels; /* class name → label + 1 */
  FewRole role;
  guint videos; /* among the pictures */
} Scan;

/* The label of a class folder's name (its bytes). */
static guint
label_of (Scan *scan, const char *folder)
{
  const char *name = few_name_list_get (scan->names, folder);
  guint label = GPOINTER_TO_UINT (g_hash_table_lookup (scan->labels, name));
  if (label == 0)
    {
      g_ptr_array_add (scan->dataset->classes, g_strdup (name));
      label = scan->dataset->classes->len;
      g_hash_table_insert (scan->labels, (char *) name, GUINT_TO_POINTER (label));
    }
  return label - 1;
}

static void
add_note (FewDataset *dataset, const char *sentence)
{
  g_ptr_array_add (dataset->notes, g_strdup (sentence));
}

/* `seen`: the folders that led here, this one, and those of this class */
static void
add_pictures (Scan *scan, const char *folder, guint label, GHashTable *seen, guint depth)
{
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GPtrArray) folders = NULL;
  g_autoptr (GError) error = NULL;
  if (!few_folder_list (folder, &files, &folders, &error))
    {
      add_note (scan->dataset, error->message);
      return;
    }
  for (guint i = files->len; i-- > 0;)
    if (few_is_video_name (files->pdata[i]))
      {
        g_ptr_array_remove_index (files, i);
        scan->videos++;
      }
  for (guint i = 0; i < files->len; i++)
    if (!few_dataset_add (scan->dataset, g_build_filename (folder, files->pdata[i], NULL), label,
                          scan->role, &error))
      {
        add_note (scan->dataset, error->message);
        return;
      }
  for (guint i = 0; i < folders->len && depth < FEW_MAX_FOLDER_DEPTH; i++)
    {
      g_autofree char *path = g_build_filename (folder, folders->pdata[i], NULL);
      if (few_folder_set_add (seen, path)) /* else it is a link in a circle */
        add_pictures (scan, path, label, seen, depth + 1);
    }
}

static void
note_loose_pictures (Scan *scan, const char *folder, const GPtrArray *files)
{
  guint loose = 0;
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, files->pdata[i], NULL);
      loose += few_is_picture_file (path);
    }
  if (loose == 0)
    return;
  g_autofree char *shown = g_filename_display_name (folder);
  g_autofree char *note = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE,
                   "%u picture in %s itself lies in no class folder and is passed over.",
                   "%u pictures in %s itself lie in no class folder and are passed over.", loose),
      loose, shown);
  add_note (scan->dataset, note);
}

/* Each sub-folder is a class. */
static void
add_classes (Scan *scan, const char *root, const char *folder)
{
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GPtrArray) folders = NULL;
  g_autoptr (GError) error = NULL;
  if (!few_folder_list (folder, &files, &folders, &error))
    {
      add_note (scan->dataset, error->message);
      return;
    }
  note_loose_pictures (scan, folder, files);
  for (guint i = 0; i < folders->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, folders->pdata[i], NULL);
      g_autofree char *shown = g_filename_display_name (path);
      g_autofree char *note = NULL;
      g_autoptr (GHashTable) seen = few_folder_set_new ();
      few_folder_set_add (seen, root);
      few_folder_set_add (seen, folder);
      if (g_access (path, R_OK | X_OK) != 0)
        note = few_file_sentence (FEW_FILE_LISTED, shown, g_strerror (errno));
      else if (!few_folder_set_add (seen, path))
        note = g_strdup_printf (_ ("%s leads back to where it lies and is passed over."), shown);
      else if (!few_folder_holds_pictures (path))
        note = g_strdup_printf (_ ("%s holds no pictures and is passed over."), shown);
      else
        add_pictures (scan, path, label_of (scan, folders->pdata[i]), seen, 1);
      if (note)
        add_note (scan->dataset, note);
    }
}

static void
note_videos (Scan *scan)
{
  g_autofree char *note = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE,
                   "%u video is passed over: take pictures out of it first (fewshot-cli frames).",
                   "%u videos are passed over: take pictures out of them first (fewshot-cli "
                   "frames).",
                   scan->videos),
      scan->videos);
  add_note (scan->dataset, note);
}

FewDataset *
few_dataset_scan (const char *folder, GError **error)
{
  g_return_val_if_fail (folder != NULL, NULL);
  g_autoptr (FewLayout) layout = few_layout_find (folder, error);
  if (!layout)
    return NULL;
  g_autoptr (FewDataset) dataset = few_dataset_new ();
  g_autoptr (FewNameList) names = few_name_list_new ();
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);
  Scan scan = { dataset, names, labels, FEW_ROLE_TRAIN, 0 };
  dataset->has_roles = layout->has_roles;
  dataset->deeper = g_strdup (layout->deeper);
  for (guint i = 0; i < layout->parts->len; i++)
    {
      const FewLayoutPart *part = layout->parts->pdata[i];
      scan.role = part->role;
      add_classes (&scan, folder, part->folder);
    }
  if (scan.videos > 0)
    note_videos (&scan);
  if (dataset->pictures->len == 0)
    {
      g_autofree char *shown = g_filename_display_name (folder);
      few_fail (
          error, INPUT,
          "%s holds no class folders with pictures. Make one folder of pictures per class in it.",
          shown);
      return NULL;
    }
  return g_steal_pointer (&dataset);
}

/* ---- what can be learned from */

/* Of any number: a class that some pictures to learn from have and others have not. */
static gboolean
check_any (const FewDataset *dataset, const char *shown, GError **error)
{
  g_autofree guint *counts = g_new0 (guint, dataset->classes->len + 1);
  guint trained = 0;
  gboolean told = FALSE;
  for (guint i = 0; i < dataset->pictures->len; i++)
    {
      const FewDataPicture *picture = dataset->pictures->pdata[i];
      if (picture->role != FEW_ROLE_TRAIN)
        continue;
      trained++;
      for (guint l = 0; l < picture->n_labels; l++)
        counts[picture->labels[l]]++;
    }
  for (guint c = 0; c < dataset->classes->len; c++)
    told |= counts[c] > 0 && counts[c] < trained;
  if (trained == 0)
    few_fail (error, INPUT, "%s holds no pictures to train on: its folder “train” is missing.",
              shown);
  else if (!told)
    few_fail (error, INPUT,
              "%s has no label that some pictures have and others have not, and that is what is "
              "learned: add pictures without it.",
              shown);
  return told;
}

gboolean
few_dataset_check (const FewDataset *dataset, const char *folder, GError **error)
{
  g_autofree char *shown = g_filename_display_name (folder);
  if (dataset->any)
    return check_any (dataset, shown, error);
  g_autoptr (GHashTable) classes = g_hash_table_new (NULL, NULL);
  gboolean any = FALSE;
  for (guint i = 0; i < dataset->pictures->len; i++)
    {
      const FewDataPicture *picture = dataset->pictures->pdata[i];
      any |= picture->role == FEW_ROLE_TRAIN;
      g_hash_table_add (classes, GUINT_TO_POINTER (picture->label));
    }
  if (g_hash_table_size (classes) < 2 && dataset->deeper)
    {
      g_autofree char *deeper = g_filename_display_name (dataset->deeper);
      few_fail (error, INPUT,
                "%s holds one folder only, and at least two classes are needed. The class folders "
                "seem to lie deeper: name %s instead.",
                shown, deeper);
    }
  else if (g_hash_table_size (classes) < 2)
    few_fail (error, INPUT,
              "%s holds pictures of one class only (“%s”), and at least two classes are needed: "
              "make one folder of pictures per class in it.",
              shown, (const char *) dataset->classes->pdata[0]);
  else if (!any)
    few_fail (error, INPUT, "%s holds no pictures to train on: its folder “train” is missing.",
              shown);
  return g_hash_table_size (classes) >= 2 && any;
}
