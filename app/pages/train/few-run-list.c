/* SPDX-License-Identifier: MIT */
/* From the first row that shows another run on, they are made anew: a row knows its number. */
#include "pages/train/few-run-list.h"
#include "pages/train/few-run-row.h"

struct FewRunList
{
  GtkListBox *box;
  GPtrArray *listed; /* FewProjectRun *, a row each */
};

FewRunList *
few_run_list_new (GtkListBox *box)
{
  g_return_val_if_fail (GTK_IS_LIST_BOX (box), NULL);
  FewRunList *list = g_new (FewRunList, 1);
  *list =
      (FewRunList) { box, g_ptr_array_new_with_free_func ((GDestroyNotify) few_project_run_unref) };
  return list;
}

void
few_run_list_free (FewRunList *list)
{
  g_return_if_fail (list != NULL);
  g_ptr_array_unref (list->listed);
  g_free (list);
}

static FewProjectRun *
get_record (const GPtrArray *runs, guint at)
{
  return ((FewRun *) runs->pdata[at])->record;
}

static guint
count_same (const FewRunList *list, const GPtrArray *runs)
{
  guint n = 0;
  while (n < runs->len && n < list->listed->len && get_record (runs, n) == list->listed->pdata[n])
    n++;
  return n;
}

static void
remove_last (FewRunList *list)
{
  guint last = list->listed->len - 1;
  gtk_list_box_remove (list->box,
                       GTK_WIDGET (gtk_list_box_get_row_at_index (list->box, (int) last)));
  g_ptr_array_remove_index (list->listed, last);
}

static void
add_row (FewRunList *list, FewProjectRun *record)
{
  g_ptr_array_add (list->listed, few_project_run_ref (record));
  gtk_list_box_append (list->box, few_run_row_new (record, list->listed->len));
}

void
few_run_list_trim (FewRunList *list, FewRuns *runs)
{
  g_return_if_fail (list != NULL && FEW_IS_RUNS (runs));
  guint same = count_same (list, few_runs_get_list (runs));
  while (list->listed->len > same)
    remove_last (list);
}

void
few_run_list_show (FewRunList *list, FewRuns *runs)
{
  g_return_if_fail (list != NULL && FEW_IS_RUNS (runs));
  GPtrArray *all = few_runs_get_list (runs);
  few_run_list_trim (list, runs);
  for (guint i = list->listed->len; i < all->len; i++)
    add_row (list, get_record (all, i));
  int shown = few_runs_get_shown (runs);
  gtk_list_box_select_row (list->box,
                           shown >= 0 ? gtk_list_box_get_row_at_index (list->box, shown) : NULL);
  gtk_widget_set_visible (GTK_WIDGET (list->box), all->len > 0);
}
