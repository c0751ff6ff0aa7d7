/* SPDX-License-Identifier: MIT */
/* What Inspect's two drop downs offer: which pictures, and what of the classes. Fewer things are
 * told of pictures with any number of labels, and other mistakes. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
typedef struct FewInspectLists FewInspectLists;

/* What there is of the classes, as the template lists it. */
enum { FEW_SIDE_BARS, FEW_SIDE_CONFUSION, FEW_SIDE_TABLE, FEW_SIDE_MAP, FEW_SIDE_TRUST };

/* The drop downs, which list all that there is of one class each, outlive it. */
FewInspectLists *few_inspect_lists_new (GtkDropDown *filter, GtkDropDown *view);
void few_inspect_lists_free (FewInspectLists *lists);
/* compared: with what the model said before it learned; one that reads no texts said nothing. */
void few_inspect_lists_follow (FewInspectLists *lists, gboolean several, gboolean compared);
/* Its name in the page's stack. */
const char *few_inspect_lists_name (guint side);
/* What is chosen comes into view in the page's stack. lists: NULL while they are made. */
void few_inspect_lists_show_side (FewInspectLists *lists, GtkStack *stack);
/* By its number where all are offered; nothing where it is not. */
void few_inspect_lists_choose_side (FewInspectLists *lists, guint number);
G_END_DECLS
