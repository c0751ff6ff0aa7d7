/* SPDX-License-Identifier: MIT */
/* Settings, the live chart, the runs. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_TRAIN_PAGE (few_train_page_get_type ())
G_DECLARE_FINAL_TYPE (FewTrainPage, few_train_page, FEW, TRAIN_PAGE, GtkWidget)
void few_train_page_set_session (FewTrainPage *self, FewSession *session);
G_END_DECLS
