/* SPDX-License-Identifier: MIT */
/* Copies files into folders named after their classes and writes a table beside them. */
#include "pages/try/few-sorter.h"
#include <fewshot/file.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

static void
item_free (gpointer data)
{
  FewSortItem *item = data;
  g_free (item->path);
  g_free (item->class_name);
  g_free (item);
}

GPtrArray *
few_sort_items_new (void)
{
  return g_ptr_array_new_with_free_func (item_free);
}

void
few_sort_items_add (GPtrArray *items, const char *path, const char *class_name)
{
  FewSortItem *item = g_new (FewSortItem, 1);
  *item = (FewSortItem) { g_strdup (path), g_strdup (class_name) };
  g_ptr_array_add (items, item);
}

void
few_sorted_free (FewSorted *sorted)
{
  g_ptr_array_unref (sorted->failed);
  g_free (sorted);
}

/* A slash cannot be in a folder's name; what looks like it can. A class whose name must be changed
 * further, or has such characters of its own, carries a mark of its real name: no two classes share
 * a folder, in this run or another. */
char *
few_folder_name (const char *class_name)
{
  enum { LONGEST = 160 };
  g_autoptr (GString) name = g_string_new (class_name);
  gboolean odd = strstr (class_name, "∕") || strstr (class_name, "⧵");
  g_string_replace (name, "/", "∕", 0);
  g_string_replace (name, "\\", "⧵", 0);
  g_autofree char *stripped = g_strstrip (g_strdup (name->str));
  if (!*stripped || stripped[0] == '.') /* no name at all, or hidden */
    {
      char *prefixed = g_strconcat ("_", stripped, NULL);
      g_free (stripped);
      stripped = prefixed;
    }
  if (!odd && g_str_equal (stripped, name->str) && strlen (stripped) <= LONGEST)
    return g_steal_pointer (&stripped);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, class_name, -1);
  if (strlen (stripped) > LONGEST)
    *g_utf8_find_prev_char (stripped, stripped + LONGEST) = 0;
  return g_strdup_printf ("%s (%.8s)", stripped, sum);
}

/* "leaf.jpg", "leaf (2).jpg", "leaf (3).jpg" … */
static char *
number_name (const char *folder, const char *name, guint number)
{
  const char *dot = strrchr (name, '.');
  int stem = dot && dot != name ? (int) (dot - name) : (int) strlen (name);
  g_autofree char *numbered_name =
      number < 2 ? g_strdup (name)
                 : g_strdup_printf ("%.*s (%u)%s", stem, name, number, name + stem);
  return g_build_filename (folder, numbered_name, NULL);
}

/* Beside its name first, then renamed: a run that is killed leaves no half picture under a
 * picture's name. The rename does not overwrite. */
static gboolean
copy_file (const char *from, const char *to, GCancellable *cancellable, GError **error)
{
  g_autofree char *part = g_strconcat (to, ".fewshot-part", NULL);
  g_autoptr (GFile) source = g_file_new_for_path (from);
  g_autoptr (GFile) half = g_file_new_for_path (part);
  g_autoptr (GFile) target = g_file_new_for_path (to);
  gboolean ok = g_file_copy (source, half, G_FILE_COPY_OVERWRITE, cancellable, NULL, NULL, error)
                && g_file_move (half, target, G_FILE_COPY_NONE, cancellable, NULL, NULL, error);
  if (!ok)
    g_unlink (part);
  return ok;
}

static void
sort_one (const FewSortItem *item, const char *folder, FewSorted *sorted, GCancellable *cancellable)
{
  enum { MOST_NAMESAKES = 10000 };
  g_autofree char *class_folder_name = few_folder_name (item->class_name);
  g_autofree char *name = g_path_get_basename (item->path);
  g_autofree char *class_folder = g_build_filename (folder, class_folder_name, NULL);
  g_autoptr (GError) error = NULL;
  g_mkdir_with_parents (class_folder, 0755);
  for (guint number = 1; number <= MOST_NAMESAKES; number++)
    {
      g_autofree char *target = number_name (class_folder, name, number);
      if (g_file_test (target, G_FILE_TEST_EXISTS))
        {
          if (!few_file_is_same (item->path, target))
            continue;
          sorted->there++;
          return;
        }
      if (copy_file (item->path, target, cancellable, &error))
        {
          sorted->copied++;
          return;
        }
      /* somebody else made it meanwhile: the next name */
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS))
        break;
      g_clear_error (&error);
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_autofree char *shown = g_filename_display_name (item->path);
  /* Translators: a file; then why */
  g_ptr_array_add (sorted->failed, g_strdup_printf (_ ("%s could not be copied: %s"), shown,
                                                    error ? error->message : class_folder));
}

FewSorted *
few_sort (GPtrArray *items, const char *folder,
          void (*progress) (gpointer user, guint done, guint total), gpointer user,
          GCancellable *cancellable, GError **error)
{
  FewSorted *sorted = g_new0 (FewSorted, 1);
  sorted->failed = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < items->len; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        {
          few_sorted_free (sorted);
          return NULL;
        }
      if (progress)
        progress (user, i, items->len);
      sort_one (items->pdata[i], folder, sorted, cancellable);
    }
  return sorted;
}
