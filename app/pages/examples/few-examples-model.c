/* SPDX-License-Identifier: MIT */
/* A filter and a sort that take their time where there is much. */
#include "pages/examples/few-examples-model.h"
#include "widgets/few-gradual.h"

/* Heard before the filter hears it: this was connected first. There is no way back: GTK would end
 * what it has begun, by the places of before. */
static void
pictures_changed_cb (GtkSortListModel *sorted, guint position G_GNUC_UNUSED,
                     guint removed G_GNUC_UNUSED, guint added G_GNUC_UNUSED, GListModel *pictures)
{
  enum { MANY = 20000 };
  GListModel *filtered = gtk_sort_list_model_get_model (sorted);
  if (g_list_model_get_n_items (pictures) <= MANY)
    return;
  gtk_filter_list_model_set_incremental (GTK_FILTER_LIST_MODEL (filtered), TRUE);
  gtk_sort_list_model_set_incremental (sorted, TRUE);
}

GListModel *
few_examples_model_new (GListModel *pictures, GtkFilter *filter, GtkSorter *sorter, GtkWidget *view)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (pictures), NULL);
  g_autoptr (GtkSortListModel) sorted = gtk_sort_list_model_new (NULL, sorter);
  g_signal_connect_object (pictures, "items-changed", G_CALLBACK (pictures_changed_cb), sorted,
                           G_CONNECT_SWAPPED);
  g_autoptr (GtkFilterListModel) filtered =
      gtk_filter_list_model_new (g_object_ref (pictures), filter);
  gtk_sort_list_model_set_model (sorted, G_LIST_MODEL (filtered));
  return few_gradual_new (G_LIST_MODEL (sorted), view);
}
