/* SPDX-License-Identifier: MIT */
/* A drop is scanned as a DATA folder is: folders of a split and wrapping folders are no classes, a
 * class's folders belong to it, and what other programs leave behind is passed over. */
#include "worker/scan.h"
#include "base/error.h"
#include "base/folder.h"
#include "base/picture-kind.h"
#include "base/words.h"
#include "task/name-list.h"
#include "task/layout.h"
#include <fewshot/archive.h>
#include <fewshot/boxes.h>
#include <fewshot/labels.h>
#include <fewshot/picture.h>
#include <fewshot/worker.h>
#include <math.h>

typedef struct
{
  GPtrArray *found;
  const char *class_name; /* for all; NULL: the folders' */
  FewNameList *names;
  GHashTable *seen;       /* folders */
  FewRole role;           /* of the folder of a split that is scanned */
  gboolean any;           /* files of labels give any number of classes a picture */
  GCancellable *cancellable;
} Scan;

static void
free_found (gpointer data)
{
  FewFound *found = data;
  g_free (found->path);
  g_free (found->class_name);
  g_free (found->reason);
  g_strfreev (found->class_names);
  g_free (found);
}

GPtrArray *
few_found_list_new (void)
{
  return g_ptr_array_new_with_free_func (free_found);
}

static char *
describe_video (const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);
  return g_strdup_printf (_ ("%s is a video: drop it by itself, and pictures are taken out of it."),
                          shown);
}

void
few_found_list_add (GPtrArray *found, const char *path, const char *class_name, gboolean picture,
                    FewRole role)
{
  FewFound *entry = g_new (FewFound, 1);
  *entry = (FewFound) {
    .path = g_strdup (path), .class_name = g_strdup (class_name), .picture = picture, .role = role
  };
  if (!picture && few_is_video_name (path))
    entry->reason = describe_video (path);
  g_ptr_array_add (found, entry);
}

static void
add_refused (GPtrArray *found, const char *path, const char *reason)
{
  FewFound *entry = g_new0 (FewFound, 1);
  *entry = (FewFound) { .path = g_strdup (path),
                        .class_name = g_strdup (""),
                        .role = FEW_ROLE_UNUSED,
                        .listed = TRUE,
                        .reason = g_strdup (reason) };
  g_ptr_array_add (found, entry);
}

/* Where it shall go is to be asked first. */
static void
refuse_archive (GPtrArray *found, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = g_filename_display_name (path);
  few_fail (&error, UNSUPPORTED,
            "%s is an archive: Import Archive in the menu unpacks it into a folder.", shown);
  add_refused (found, path, error->message);
}

static char **
name_classes (const FewDataset *dataset, const FewDataPicture *picture)
{
  char **names = g_new0 (char *, picture->n_labels + 1);
  for (guint i = 0; i < picture->n_labels; i++)
    names[i] = g_strdup (dataset->classes->pdata[picture->labels[i]]);
  return names;
}

GPtrArray *
few_found_of_dataset (const FewDataset *dataset)
{
  g_return_val_if_fail (dataset != NULL, NULL);
  GPtrArray *found = few_found_list_new ();
  for (guint i = 0; i < dataset->pictures->len; i++)
    {
      const FewDataPicture *picture = dataset->pictures->pdata[i];
      gboolean none = dataset->any && picture->n_labels == 0;
      few_found_list_add (found, picture->path, none ? "" : dataset->classes->pdata[picture->label],
                          TRUE, dataset->has_roles ? picture->role : FEW_ROLE_UNUSED);
      FewFound *entry = found->pdata[i];
      entry->listed = TRUE;
      entry->class_names = dataset->any ? name_classes (dataset, picture) : NULL;
    }
  for (guint i = 0; i < dataset->notes->len; i++)
    add_refused (found, "", dataset->notes->pdata[i]);
  return found;
}

/* The boxes that a file of labels has; NULL: none. */
static FewDataset *
open_boxes (const char *path, GCancellable *cancellable)
{
  static const char *const endings[] = { ".json", NULL };
  const FewBoxJob job = { .source = FEW_BOXES_OWN, .wish = { NAN, NULL } };
  return few_name_ends_in (path, endings) ? few_labels_open_boxes (path, &job, cancellable, NULL)
                                          : NULL;
}

/* The pictures that were found in it last, or their boxes: a person says which. */
static void
add_choice (Scan *scan, const FewDataset *boxes)
{
  g_autoptr (GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint before = scan->found->len;
  for (guint i = 0; i < boxes->pictures->len; i++)
    {
      const FewDataPicture *picture = boxes->pictures->pdata[i];
      if (!few_address_has_crop (picture->path))
        continue;
      few_found_list_add (scan->found, picture->path, boxes->classes->pdata[picture->label], TRUE,
                          FEW_ROLE_UNUSED);
      FewFound *found = scan->found->pdata[scan->found->len - 1];
      found->boxed = found->listed = TRUE;
      g_hash_table_add (files, few_address_split (picture->path, NULL));
    }
  for (guint i = 0; i < before; i++)
    {
      FewFound *found = scan->found->pdata[i];
      found->has_boxes |= found->picture && g_hash_table_contains (files, found->path);
    }
}

static void
scan_labels (Scan *scan, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FewDataset) dataset = scan->any ? few_labels_open_any (path, scan->cancellable, &error)
                                             : few_labels_open (path, scan->cancellable, &error);
  g_autoptr (FewDataset) boxes = scan->any ? NULL : open_boxes (path, scan->cancellable);
  if (dataset || boxes)
    g_ptr_array_extend_and_steal (scan->found, few_found_of_dataset (dataset ? dataset : boxes));
  else if (!g_cancellable_is_cancelled (scan->cancellable))
    add_refused (scan->found, path, error->message);
  if (dataset && boxes)
    add_choice (scan, boxes);
}

static const char *
name_of (Scan *scan, const char *folder)
{
  g_autofree char *base = g_path_get_basename (folder);
  return scan->class_name ? scan->class_name : few_name_list_get (scan->names, base);
}

/* Who tries pictures has it among them, and hears why; for examples it is none. */
static void
add_unread (Scan *scan, const char *folder, const char *class_name, const char *reason)
{
  few_found_list_add (scan->found, folder, class_name, TRUE, scan->role);
  FewFound *entry = scan->found->pdata[scan->found->len - 1];
  entry->reason = g_strdup (reason);
}

/* name: the class, NULL for each folder's own */
static void
scan_folder (Scan *scan, const char *folder, const char *name, guint depth)
{
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GPtrArray) folders = NULL;
  g_autoptr (GError) error = NULL;
  const char *here = name ? name : name_of (scan, folder);
  if (g_cancellable_is_cancelled (scan->cancellable) || depth > FEW_MAX_FOLDER_DEPTH
      || !few_folder_set_add (scan->seen, folder))
    return;
  if (!few_folder_list (folder, &files, &folders, &error))
    {
      add_unread (scan, folder, here, error->message);
      return;
    }
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, files->pdata[i], NULL);
      few_found_list_add (scan->found, path, here, few_is_picture_file (path), scan->role);
    }
  for (guint i = 0; i < folders->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, folders->pdata[i], NULL);
      scan_folder (scan, path, name, depth + 1);
    }
}

/* Each folder in the parts of a layout is a class with all that is below it. */
static void
scan_layout (Scan *scan, const FewLayout *layout)
{
  GHashTable *outer = scan->seen;
  for (guint p = 0; p < layout->parts->len; p++)
    {
      const FewLayoutPart *part = layout->parts->pdata[p];
      const char *root = layout->deeper ? layout->deeper : part->folder;
      scan->role = layout->has_roles ? part->role : FEW_ROLE_UNUSED;
      g_autoptr (GPtrArray) files = NULL;
      g_autoptr (GPtrArray) folders = NULL;
      if (!few_folder_list (root, &files, &folders, NULL))
        {
          few_found_list_add (scan->found, root, name_of (scan, root), TRUE, scan->role);
          continue;
        }
      for (guint i = 0; i < files->len; i++)
        {
          g_autofree char *path = g_build_filename (root, files->pdata[i], NULL);
          few_found_list_add (scan->found, path, name_of (scan, root), few_is_picture_file (path),
                              scan->role);
        }
      for (guint i = 0; i < folders->len; i++)
        {
          g_autofree char *path = g_build_filename (root, folders->pdata[i], NULL);
          g_autoptr (GHashTable) seen = few_folder_set_new ();
          few_folder_set_add (seen, root);
          scan->seen = seen; /* another class may be a link to the same folder */
          scan_folder (scan, path, name_of (scan, path), 1);
        }
    }
  scan->seen = outer;
  scan->role = FEW_ROLE_UNUSED;
}

/* Whether a folder holds pictures itself: then it is a class's. */
static gboolean
is_class_folder (const char *folder)
{
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GPtrArray) folders = NULL;
  if (!few_folder_list (folder, &files, &folders, NULL))
    return TRUE;
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, files->pdata[i], NULL);
      if (few_is_picture_file (path))
        return TRUE;
    }
  return FALSE;
}

static void
scan_drop (Scan *scan, const char *folder)
{
  g_autoptr (FewLayout) layout =
      scan->class_name || is_class_folder (folder) ? NULL : few_layout_find (folder, NULL);
  if (layout)
    scan_layout (scan, layout);
  else
    scan_folder (scan, folder, scan->class_name, 0);
}

GPtrArray *
few_scan (const char *const *paths, const char *class_name, gboolean any, GCancellable *cancellable)
{
  GPtrArray *found = few_found_list_new ();
  g_autoptr (FewNameList) names = few_name_list_new ();
  g_autoptr (GHashTable) seen = few_folder_set_new ();
  Scan scan = { found, class_name, names, seen, FEW_ROLE_UNUSED, any, cancellable };
  for (; *paths; paths++)
    {
      if (g_file_test (*paths, G_FILE_TEST_IS_DIR))
        {
          scan_drop (&scan, *paths);
          continue;
        }
      if (few_archive_is_name (*paths))
        {
          refuse_archive (found, *paths);
          continue;
        }
      if (few_labels_is_name (*paths))
        {
          scan_labels (&scan, *paths);
          continue;
        }
      g_autofree char *folder = g_path_get_dirname (*paths);
      few_found_list_add (found, *paths, name_of (&scan, folder), few_is_picture_file (*paths),
                          FEW_ROLE_UNUSED);
    }
  return found;
}
