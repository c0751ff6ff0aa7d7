/* SPDX-License-Identifier: MIT */
/* The kept runs as rows of a list. */
#pragma once
#include "session/few-runs.h"
#include <gtk/gtk.h>

typedef struct FewRunList FewRunList;

/* The list box is borrowed, and there as long as this is used. */
FewRunList *few_run_list_new (GtkListBox *box);
void few_run_list_free (FewRunList *list);
/* Rows of runs that stay are left as they are: making one takes milliseconds. */
void few_run_list_show (FewRunList *list, FewRuns *runs);
