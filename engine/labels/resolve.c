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
  GHashTable *seen; /* address → Taken */
  GPtrArray *taken; /* Taken * */
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

/* Of one class each, one; none of them too long. */
static char *
find_class_fault (const FewLabelRow *row)
{
  char *const one[] = { row->class, NULL };
  if (!row->classes && (!row->class || !*row->class))
    return g_strdup_printf (_ ("%s has no class and is left out."), row->path);
  for (char *const *name = row->classes ? row->classes : one; *name; name++)
    if (strlen (*name) > LONGEST_CLASS)
      return g_strdup_printf (_ ("The class of %s is too long a text, and it is left out."),
                              row->path);
  return NULL;
}

/* Why a file cannot be taken, whole; NULL: it can. */
static char *
find_fault (const FewLabelRow *row, const char *file)
{
  GStatBuf info;
  char *fault = find_class_fault (row);
  if (fault)
    return fault;
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

/* A picture with the names that its rows give it. */
typedef struct
{
  char *path; /* its address, where the row is of a part */
  const FewLabelRow *row; /* the first */
  GPtrArray *names; /* borrowed; of one class each no more than two */
} Taken;

static void
taken_free (gpointer data)
{
  Taken *taken = data;
  g_free (taken->path);
  g_ptr_array_unref (taken->names);
  g_free (taken);
}

static void
add_name (const Resolving *r, Taken *taken, char *name)
{
  GPtrArray *names = taken->names;
  gboolean again = names->len > 0 && g_str_equal (names->pdata[names->len - 1], name);
  if (!again && (r->rows->any || names->len < 2))
    g_ptr_array_add (names, name);
}

static void
take_row (Resolving *r, const FewLabelRow *row)
{
  g_autofree char *file = find_file (r->root, row->path);
  char *fault = find_fault (row, file);
  if (fault)
    {
      note (r, fault);
      return;
    }
  g_autofree char *address = few_address_new (file, &row->crop);
  Taken *taken = g_hash_table_lookup (r->seen, address);
  if (!taken)
    {
      taken = g_new (Taken, 1);
      *taken = (Taken) { g_steal_pointer (&address), row, g_ptr_array_new () };
      g_ptr_array_add (r->taken, taken);
      g_hash_table_insert (r->seen, taken->path, taken);
    }
  for (char **name = row->classes; name && *name; name++)
    add_name (r, taken, *name);
  if (!row->classes)
    add_name (r, taken, row->class);
}

/* ---- classes */

/* Any number of classes, or one. */
static gboolean
has_place (const Resolving *r, const Taken *taken)
{
  return r->rows->any || taken->names->len == 1;
}

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
      const Taken *taken = r->taken->pdata[i];
      for (guint k = 0; k < taken->names->len && has_place (r, taken); k++)
        if (!g_hash_table_contains (numbers, taken->names->pdata[k]))
          {
            g_hash_table_insert (numbers, taken->names->pdata[k],
                                 g_memdup2 (&taken->row->number, sizeof taken->row->number));
            g_ptr_array_add (r->dataset->classes, g_strdup (taken->names->pdata[k]));
          }
    }
  g_ptr_array_sort_with_data (r->dataset->classes, compare_classes, numbers);
  for (guint i = 0; i < r->dataset->classes->len; i++)
    g_hash_table_insert (labels, r->dataset->classes->pdata[i], GUINT_TO_POINTER (i));
  return labels;
}

static gboolean
add_picture (Resolving *r, GHashTable *labels, const Taken *taken, GError **error)
{
  guint n = taken->names->len;
  g_autofree guint32 *own = g_new (guint32, n + 1);
  for (guint k = 0; k < n; k++)
    own[k] = GPOINTER_TO_UINT (g_hash_table_lookup (labels, taken->names->pdata[k]));
  if (r->rows->any)
    return few_dataset_add_any (r->dataset, g_strdup (taken->path), own, n, taken->row->role,
                                error);
  return few_dataset_add (r->dataset, g_strdup (taken->path), own[0], taken->row->role, error);
}

static gboolean
fill_dataset (Resolving *r, GError **error)
{
  g_autoptr (GHashTable) labels = number_classes (r);
  guint roles = 0;
  for (guint i = 0; i < r->taken->len; i++)
    {
      const Taken *taken = r->taken->pdata[i];
      if (!has_place (r, taken))
        {
          g_autofree char *shown = few_address_shown (taken->path);
          r->dataset->several++;
          note (r, g_strdup_printf (_ ("%s has several classes and is left out."), shown));
        }
      else if (!add_picture (r, labels, taken, error))
        return FALSE;
      else
        roles |= 1u << taken->row->role;
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
  dataset->several += r->rows->several;
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
  g_autoptr (GPtrArray) taken = g_ptr_array_new_with_free_func (taken_free);
  dataset->any = rows->any;
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
