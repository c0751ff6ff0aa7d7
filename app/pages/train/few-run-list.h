/* SPDX-License-Identifier: MIT */
/* The kept runs as rows of a list. */
#pragma once
#include "session/few-runs.h"
#include <gtk/gtk.h>

typedef struct FewRunList FewRunList;

/* The list box is borrowed, and there as long as this is used. */
FewRunList *few_run_list_new (GtkListBox *box);
void few_run_list_free (FewRunList *list);
/* Takes away rows that stand for other runs than are there now. */
void few_run_list_trim (FewRunList *list, FewRuns *runs);
/* Rows of runs that stay are left as they are: making one takes milliseconds. */
void few_run_list_show (FewRunList *list, FewRuns *runs);
