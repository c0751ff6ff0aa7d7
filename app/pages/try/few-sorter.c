/* SPDX-License-Identifier: MIT */
/* A list of pictures, sorted into folders one after the other. */
#include "pages/try/few-sorter.h"
#include "common/sorter.h"
#include <glib/gi18n.h>

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

static void
sort_one (FewSorter *sorter, const FewSortItem *item, FewSorted *sorted, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  FewSortOutcome outcome =
      few_sorter_copy (sorter, item->path, item->class_name, cancellable, &error);
  sorted->copied += outcome == FEW_SORT_COPIED;
  sorted->there += outcome == FEW_SORT_THERE;
  if (!error || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_autofree char *shown = g_filename_display_name (item->path);
  /* Translators: a file; then why */
  g_ptr_array_add (sorted->failed,
                   g_strdup_printf (_ ("%s could not be copied: %s"), shown, error->message));
}

FewSorted *
few_sort (GPtrArray *items, const char *folder,
          void (*progress) (gpointer user, guint done, guint total), gpointer user,
          GCancellable *cancellable, GError **error)
{
  g_autoptr (FewSorter) sorter = few_sorter_new (folder);
  FewSorted *sorted = g_new0 (FewSorted, 1);
  sorted->failed = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < items->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      if (progress)
        progress (user, i, items->len);
      sort_one (sorter, items->pdata[i], sorted, cancellable);
    }
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    return sorted;
  few_sorted_free (sorted);
  return NULL;
}
