/* SPDX-License-Identifier: MIT */
/* Methods side by side: table, plot, disagreements. */
#pragma once
#include "session/few-session.h"
#include "widgets/few-thumbnails.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_COMPARE_PAGE (few_compare_page_get_type ())
G_DECLARE_FINAL_TYPE (FewComparePage, few_compare_page, FEW, COMPARE_PAGE, GtkWidget)

void few_compare_page_set_session (FewComparePage *self, FewSession *session,
                                   FewThumbnails *thumbnails);
/* What the table says of a method, for tests: "54.2 ± 1.1" under so many shots; NULL without a
 * column. */
const char *few_compare_page_get_cell (FewComparePage *self, guint method, guint shots);
G_END_DECLS
