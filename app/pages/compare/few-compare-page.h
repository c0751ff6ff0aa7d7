/* SPDX-License-Identifier: MIT */
/* Methods side by side: table, plot, disagreements. */
#pragma once
#include "widgets/few-page.h"

G_BEGIN_DECLS
#define FEW_TYPE_COMPARE_PAGE (few_compare_page_get_type ())
G_DECLARE_FINAL_TYPE (FewComparePage, few_compare_page, FEW, COMPARE_PAGE, GtkWidget)

/* What a person can do with the comparison; in few-compare-actions.c. */
void few_compare_actions_install (GActionMap *window, FewSession *session, FewPage *page);
/* What the table says of a method, for tests: "54.2 ± 1.1" under so many shots; NULL without a
 * column. */
const char *few_compare_page_get_cell (FewComparePage *self, guint method, guint shots);
G_END_DECLS
