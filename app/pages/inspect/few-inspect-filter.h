/* SPDX-License-Identifier: MIT */
/* Which pictures Inspect lists. */
#pragma once
#include "session/few-view.h"

G_BEGIN_DECLS
/* As the drop down lists them. Of any number of labels the last two are those that one is missed
 * of, and those that one is wrongly given to. */
typedef enum {
  FEW_INSPECT_ALL,
  FEW_INSPECT_TEST,
  FEW_INSPECT_MISTAKEN,
  FEW_INSPECT_FIXED,
  FEW_INSPECT_BROKEN
} FewInspectShow;

typedef struct
{
  FewClass *own, *taken; /* only those of one cell of the matrix; NULL: of any */
  guint label, predicted; /* their numbers in the run */
  GHashTable *among; /* ids: only these; NULL: any */
} FewInspectFilter;

/* FewPicture, the most mistaken first, of the view's snapshot; borrowed: the session keeps all that
 * ever were. */
GPtrArray *few_inspect_filter_rank (const FewInspectFilter *filter, FewView *view,
                                    FewInspectShow show);
/* FewPicture of a FewRanking that are still in the project. */
GPtrArray *few_inspect_filter_list (GListModel *ranking, FewExamples *examples);
/* Whether it leaves out any. */
gboolean few_inspect_filter_is_narrow (const FewInspectFilter *filter);
/* Which are listed, in words. */
char *few_inspect_filter_words (const FewInspectFilter *filter, FewView *view);
/* Only those of a cell of the matrix: pictures of a class that are taken for another, or for it. */
void few_inspect_filter_set_cell (FewInspectFilter *filter, FewView *view, guint label,
                                  guint predicted);
/* Another run may number classes anew. FALSE: it has not those of the cell, of which the filter is
 * no more. */
gboolean few_inspect_filter_follow (FewInspectFilter *filter, FewView *view);
/* Only these FewPicture, of no cell; NULL or none: any. */
void few_inspect_filter_set_pictures (FewInspectFilter *filter, GPtrArray *pictures);
G_END_DECLS
