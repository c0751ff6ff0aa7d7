/* SPDX-License-Identifier: MIT */
/* Settings, the live chart, the runs. */
#pragma once
#include "widgets/few-page.h"

G_BEGIN_DECLS
#define FEW_TYPE_TRAIN_PAGE (few_train_page_get_type ())
G_DECLARE_FINAL_TYPE (FewTrainPage, few_train_page, FEW, TRAIN_PAGE, GtkWidget)

/* What a person can do with training and its runs; in few-train-actions.c. */
void few_train_actions_install (GActionMap *window, FewSession *session, FewPage *page);
G_END_DECLS
