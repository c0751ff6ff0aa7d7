/* SPDX-License-Identifier: MIT */
/* A filter and a sort that take their time where there is much. */
#include "pages/examples/few-examples-model.h"
#include "widgets/few-gradual.h"

/* Heard before the filter hears it: this was connected first. */
static void
pictures_changed_cb (GtkSortListModel *sorted, guint position G_GNUC_UNUSED,
                     guint removed G_GNUC_UNUSED, guint added G_GNUC_UNUSED, GListModel *pictures)
{
  enum { MANY = 20000 };
  gboolean many = g_list_model_get_n_items (pictures) > MANY;
  GListModel *filtered = gtk_sort_list_model_get_model (sorted);
  gtk_filter_list_model_set_incremental (GTK_FILTER_LIST_MODEL (filtered), many);
  gtk_sort_list_model_set_incremental (sorted, many);
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
