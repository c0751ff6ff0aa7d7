/* SPDX-License-Identifier: MIT */
/* One splice turns a list into another. */
#include "base/few-list.h"

void
few_list_become (GListStore *store, GPtrArray *items)
{
  g_autoptr (GPtrArray) own = items;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (store));
  guint first = 0;
  guint last = 0;
  g_autoptr (GPtrArray) old = g_ptr_array_new_full (n, g_object_unref);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (old, g_list_model_get_item (G_LIST_MODEL (store), i));
  while (first < n && first < own->len && old->pdata[first] == own->pdata[first])
    first++;
  while (last < n - first && last < own->len - first
         && old->pdata[n - 1 - last] == own->pdata[own->len - 1 - last])
    last++;
  if (first + last < n || first + last < own->len)
    g_list_store_splice (store, first, n - first - last, own->pdata + first,
                         own->len - first - last);
}
