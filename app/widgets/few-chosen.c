/* SPDX-License-Identifier: MIT */
/* A selection as numbers and objects. */
#include "widgets/few-chosen.h"

guint
few_chosen_count (GtkSelectionModel *list)
{
  g_return_val_if_fail (GTK_IS_SELECTION_MODEL (list), 0);
  g_autoptr (GtkBitset) set = gtk_selection_model_get_selection (list);
  return (guint) gtk_bitset_get_size (set);
}

GPtrArray *
few_chosen_get (GtkSelectionModel *list)
{
  g_return_val_if_fail (GTK_IS_SELECTION_MODEL (list), NULL);
  GPtrArray *chosen = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtkBitset) set = gtk_selection_model_get_selection (list);
  GtkBitsetIter iter;
  guint position;
  for (gboolean more = gtk_bitset_iter_init_first (&iter, set, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    g_ptr_array_add (chosen, g_list_model_get_item (G_LIST_MODEL (list), position));
  return chosen;
}
