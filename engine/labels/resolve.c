/* SPDX-License-Identifier: MIT */
/* Rows to pictures on the disk. Where a file says that they lie is not to be believed: nothing
 * outside its folder is looked at, and of what is in it regular files alone. */
#include "base/error.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/words.h"
#include "labels/rows.h"
#include "task/dataset.h"
#include <fewshot/picture.h>
#include <glib/gstdio.h>
#include <string.h>

enum { LOOKED_AT = 20, MOST_NOTES = 20, LONGEST_CLASS = 500 };

typedef struct
{
  const FewLabelRows *rows;
  char *root;
  FewDataset *dataset;
  GHashTable *seen; /* path → row that has it; its class is "" where several are given */
  GPtrArray *taken; /* FewLabelRow *, of the rows; path is whole */
} Resolving;

static void
note (Resolving *r, char *sentence)
{
  r->dataset->left_out++;
  if (r->dataset->notes->len < MOST_NOTES)
    g_ptr_array_add (r->dataset->notes, sentence);
  else
    g_free (sentence);
}

/* ---- where a picture lies */

/* Below the folder, as names with single slashes; NULL: elsewhere. */
static char *
path_inside (const char *root, const char *path)
{
  gsize length = strlen (root);
  const char *rest = path;
  if (g_path_is_absolute (path))
    rest = g_str_has_prefix (path, root) && path[length] == '/' ? path + length : "";
  g_auto (GStrv) parts = g_strsplit (rest, "/", -1);
  g_autoptr (GString) inside = g_string_new (root);
  guint n = 0;
  for (char **part = parts; *part; part++)
    {
      if (!**part || g_str_equal (*part, "."))
        continue;
      if (g_str_equal (*part, ".."))
        return NULL;
      g_string_append_printf (inside, "/%s", *part);
      n++;
    }
  return n > 0 ? g_string_free (g_steal_pointer (&inside), FALSE) : NULL;
}

static gboolean
is_there (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* As it is called; as Windows parts names; with the ending that a list of ids leaves out. Free with
 * g_free. NULL: it lies outside. */
static char *
find_file (const char *root, const char *path)
{
  static const char *const endings[] = { ".jpg", ".jpeg", ".png", ".webp", ".JPG", ".JPEG" };
  g_autofree char *file = path_inside (root, path);
  if (!file || is_there (file))
    return g_steal_pointer (&file);
  if (strchr (path, '\\'))
    {
      g_autofree char *slashes = g_strdelimit (g_strdup (path), "\\", '/');
      g_autofree char *other = path_inside (root, slashes);
      if (!other || is_there (other))
        return g_steal_pointer (&other);
    }
  for (guint i = 0; i < G_N_ELEMENTS (endings) && !few_is_picture_name (file); i++)
    {
      g_autofree char *whole = g_strconcat (file, endings[i], NULL);
      if (is_there (whole))
        return g_steal_pointer (&whole);
    }
  return g_steal_pointer (&file);
}

static gboolean
holds_some (const FewLabelRows *rows, const char *folder)
{
  for (guint i = 0; i < MIN (rows->rows->len, LOOKED_AT); i++)
    {
      const FewLabelRow *row = rows->rows->pdata[i];
      g_autofree char *file = find_file (folder, row->path);
      if (file && is_there (file))
        return TRUE;
    }
  return FALSE;
}

/* The file's folder, or the one in it that has the first pictures (images/, train2017/ …); the
 * former where that is cancelled. */
static char *
find_root (const FewLabelRows *rows, const char *folder, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GPtrArray) folders = NULL;
  if (holds_some (rows, folder) || !few_folder_list (folder, &files, &folders, NULL))
    return g_strdup (folder);
  for (guint i = 0; i < folders->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      g_autofree char *inner = g_build_filename (folder, folders->pdata[i], NULL);
      if (holds_some (rows, inner))
        return g_steal_pointer (&inner);
    }
  return g_strdup (folder);
}

/* Why a file cannot be taken, whole; NULL: it can. */
static char *
find_fault (const FewLabelRow *row, const char *file)
{
  GStatBuf info;
  if (!row->class || !*row->class)
    return g_strdup_printf (_ ("%s has no class and is left out."), row->path);
  if (strlen (row->class) > LONGEST_CLASS)
    return g_strdup_printf (_ ("The class of %s is too long a text, and it is left out."),
                            row->path);
  if (!file)
    return g_strdup_printf (_ ("%s lies outside the folder of the labels and is left out."),
                            row->path);
  if (g_stat (file, &info) != 0)
    return g_strdup_printf (_ ("%s is not there and is left out."), row->path);
  if (!S_ISREG (info.st_mode) || !few_is_picture_file (file))
    return g_strdup_printf (_ ("%s is not a picture file and is left out."), row->path);
  return NULL;
}

/* ---- rows */

static FewLabelRow *
copy_row (const FewLabelRow *row, char *file)
{
  FewLabelRow *copy = g_new (FewLabelRow, 1);
  *copy = *row; /* the class stays that of the rows */
  copy->path = file;
  return copy;
}

static void
copy_free (gpointer data)
{
  FewLabelRow *copy = data;
  g_free (copy->path);
  g_free (copy);
}

static void
take_row (Resolving *r, const FewLabelRow *row)
{
  static char several[] = "";
  g_autofree char *file = find_file (r->root, row->path);
  char *fault = find_fault (row, file);
  if (fault)
    {
      note (r, fault);
      return;
    }
  char *address = few_address_new (file, &row->crop);
  FewLabelRow *before = g_hash_table_lookup (r->seen, address);
  if (before)
    {
      if (!g_str_equal (before->class, row->class))
        before->class = several;
      g_free (address);
      return;
    }
  FewLabelRow *copy = copy_row (row, address);
  g_ptr_array_add (r->taken, copy);
  g_hash_table_insert (r->seen, copy->path, copy);
}

/* ---- classes */

/* A name that is a number, before those that are none. */
static gboolean
read_number (const char *name, gint64 *number)
{
  return g_ascii_string_to_signed (name, 10, G_MININT64, G_MAXINT64, number, NULL);
}

/* By the file's number; names that are numbers by their value, then the others by bytes. */
static int
compare_classes (gconstpointer a, gconstpointer b, gpointer user)
{
  GHashTable *numbers = user;
  const char *one = *(char *const *) a;
  const char *two = *(char *const *) b;
  const gint64 *first = g_hash_table_lookup (numbers, one);
  const gint64 *second = g_hash_table_lookup (numbers, two);
  gint64 x = *first;
  gint64 y = *second;
  if (x == y)
    {
      gboolean words[2] = { !read_number (one, &x), !read_number (two, &y) };
      if (words[0] != words[1])
        return words[0] - words[1];
      if (words[0])
        x = y = 0;
    }
  return x == y ? strcmp (one, two) : (x > y) - (x < y);
}

/* class name → its label, in the order that the data set then has */
static GHashTable *
number_classes (Resolving *r)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  GHashTable *labels = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < r->taken->len; i++)
    {
      const FewLabelRow *row = r->taken->pdata[i];
      if (*row->class && !g_hash_table_contains (numbers, row->class))
        {
          g_hash_table_insert (numbers, row->class, g_memdup2 (&row->number, sizeof row->number));
          g_ptr_array_add (r->dataset->classes, g_strdup (row->class));
        }
    }
  g_ptr_array_sort_with_data (r->dataset->classes, compare_classes, numbers);
  for (guint i = 0; i < r->dataset->classes->len; i++)
    g_hash_table_insert (labels, r->dataset->classes->pdata[i], GUINT_TO_POINTER (i));
  return labels;
}

static gboolean
fill_dataset (Resolving *r, GError **error)
{
  g_autoptr (GHashTable) labels = number_classes (r);
  guint roles = 0;
  for (guint i = 0; i < r->taken->len; i++)
    {
      const FewLabelRow *row = r->taken->pdata[i];
      guint label = GPOINTER_TO_UINT (g_hash_table_lookup (labels, row->class));
      if (!*row->class)
        note (r, g_strdup_printf (_ ("%s has several classes and is left out."), row->path));
      else if (!few_dataset_add (r->dataset, g_strdup (row->path), label, row->role, error))
        return FALSE;
      else
        roles |= 1u << row->role;
    }
  r->dataset->has_roles = r->rows->has_roles && (roles & (roles - 1)) != 0;
  return TRUE;
}

/* What is wrong with all of it, or how much more than was said with some. */
static gboolean
finish (Resolving *r, guint told, GError **error)
{
  FewDataset *dataset = r->dataset;
  if (dataset->pictures->len == 0)
    {
      if (dataset->notes->len == 0)
        few_fail (error, INPUT, "%s names no picture.", r->rows->name);
      else
        few_fail (error, INPUT, "No picture that %s names can be taken. %s", r->rows->name,
                  (const char *) dataset->notes->pdata[0]);
      return FALSE;
    }
  guint more = dataset->left_out + r->rows->left_out - MIN (told, dataset->notes->len);
  dataset->left_out += r->rows->left_out;
  if (more > 0)
    g_ptr_array_add (dataset->notes,
                     g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u more is left out.",
                                                   "%u more are left out.", more),
                                      more));
  return TRUE;
}

FewDataset *
few_label_rows_resolve (const FewLabelRows *rows, const char *folder, GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *whole = g_canonicalize_filename (folder, NULL);
  g_autofree char *root = find_root (rows, whole, cancellable);
  g_autoptr (FewDataset) dataset = few_dataset_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) taken = g_ptr_array_new_with_free_func (copy_free);
  Resolving r = { rows, root, dataset, seen, taken };
  for (guint i = 0; i < MIN (rows->notes->len, MOST_NOTES); i++)
    g_ptr_array_add (dataset->notes, g_strdup (rows->notes->pdata[i]));
  for (guint i = 0; i < rows->rows->len; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      take_row (&r, rows->rows->pdata[i]);
    }
  if (!fill_dataset (&r, error) || !finish (&r, dataset->notes->len, error))
    return NULL;
  return g_steal_pointer (&dataset);
}
