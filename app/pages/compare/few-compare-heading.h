/* SPDX-License-Identifier: MIT */
/* The heading of a column that can be sorted by: a button that says so to eyes and ears. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
typedef enum { FEW_UNSORTED, FEW_DESCENDING, FEW_ASCENDING } FewSorting;

/* number: its column stands to the right. */
GtkWidget *few_compare_heading_new (const char *title, gboolean number);
void few_compare_heading_show (GtkWidget *heading, FewSorting sorting);
G_END_DECLS
