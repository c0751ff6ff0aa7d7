/* SPDX-License-Identifier: MIT */
/* Pictures that are not in the project: what they are recognised as, as a table and one in
 * detail. */
#pragma once
#include "widgets/few-actions.h"
#include "widgets/few-page.h"

G_BEGIN_DECLS
#define FEW_TYPE_TRY_PAGE (few_try_page_get_type ())
G_DECLARE_FINAL_TYPE (FewTryPage, few_try_page, FEW, TRY_PAGE, GtkWidget)

/* What a person can do with pictures that are tried; in few-try-actions.c. */
void few_try_actions_install (GActionMap *window, FewSession *session, FewPage *page);

/* Their answers as keywords; in few-tag-actions.c, installed with the above. */
void few_tag_actions_install (GActionMap *window, FewSession *session, FewTryPage *page);

/* Their answers for other programs; in few-keep-actions.c, installed with the above. */
void few_keep_actions_install (GActionMap *window, FewSession *session, FewTryPage *page);

/* FewTrial, as the table shows them: filtered and sorted. */
GListModel *few_try_page_get_model (FewTryPage *self);
/* FewTrial, owned: those that are chosen, as the table shows them. Free with g_ptr_array_unref. */
GPtrArray *few_try_page_get_chosen (FewTryPage *self);
/* What the page shows while something else than recognition is under way; total 0: nothing. */
void few_try_page_set_progress (FewTryPage *self, guint done, guint total);
/* That, which the page's button cancels; NULL: there is none. */
void few_try_page_set_job (FewTryPage *self, GCancellable *job);
GCancellable *few_try_page_get_job (FewTryPage *self);
G_END_DECLS
