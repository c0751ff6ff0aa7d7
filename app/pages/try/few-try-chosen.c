/* SPDX-License-Identifier: MIT */
/* Which of the pictures that are tried are chosen in the table. */
#include "pages/try/few-try-page.h"

GPtrArray *
few_try_page_get_chosen (FewTryPage *self)
{
  g_return_val_if_fail (FEW_IS_TRY_PAGE (self), NULL);
  GListModel *model = few_try_page_get_model (self);
  GPtrArray *chosen = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtkBitset) set = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (model));
  GtkBitsetIter iter;
  guint position;
  for (gboolean more = gtk_bitset_iter_init_first (&iter, set, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    g_ptr_array_add (chosen, g_list_model_get_item (model, position));
  return chosen;
}
