/* SPDX-License-Identifier: MIT */
/* Copies of pictures sorted into one folder per class. Nothing is moved and nothing is
 * overwritten; what an earlier run copied is passed over, so that a run that was stopped can be
 * done again. Any thread. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS
typedef struct
{
  char *path, *class_name;
} FewSortItem;

/* FewSortItem * */
GPtrArray *few_sort_items_new (void);
void few_sort_items_add (GPtrArray *items, const char *path, const char *class_name);

typedef struct
{
  guint copied, there; /* there: equal copies that were there already */
  GPtrArray *failed;   /* sentences */
} FewSorted;

void few_sorted_free (FewSorted *sorted);
/* progress (may be NULL) from this thread. NULL when cancelled, or when the folder cannot be
 * written. */
FewSorted *few_sort (GPtrArray *items, const char *folder,
                     void (*progress) (gpointer user, guint done, guint total), gpointer user,
                     GCancellable *cancellable, GError **error);
G_END_DECLS
