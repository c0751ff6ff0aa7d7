/* SPDX-License-Identifier: MIT */
/* What α does: class bars, pictures ranked by margin, the cosines of the picture chosen. */
#pragma once
#include "widgets/few-page.h"

G_BEGIN_DECLS
#define FEW_TYPE_INSPECT_PAGE (few_inspect_page_get_type ())
G_DECLARE_FINAL_TYPE (FewInspectPage, few_inspect_page, FEW, INSPECT_PAGE, GtkWidget)

/* What a person can do while looking; in few-inspect-actions.c. */
void few_inspect_actions_install (GActionMap *window, FewSession *session, FewPage *page);

/* 0 class similarities, 1 confusion, 2 precision and recall, 3 map */
void few_inspect_page_set_view (FewInspectPage *self, guint view);
void few_inspect_page_set_map_kind (FewInspectPage *self, FewMapKind kind);
/* 0 all, 1 test pictures, 2 mistaken, 3 fixed, 4 broken against zero-shot */
void few_inspect_page_set_filter (FewInspectPage *self, guint filter);
/* Whether where the model looks is laid over the chosen picture. */
void few_inspect_page_set_look (FewInspectPage *self, gboolean look);
/* Whether parts that match in those most alike are shown; one of the two is. */
void few_inspect_page_set_match (FewInspectPage *self, gboolean match);
gboolean few_inspect_page_get_look (FewInspectPage *self);
/* Of FewSlot that hold FewPicture. */
GListModel *few_inspect_page_get_model (FewInspectPage *self);
G_END_DECLS
