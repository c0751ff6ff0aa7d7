/* SPDX-License-Identifier: MIT */
/* Bars above the pages for what stays true until somebody acts: files that were left out, pictures
 * that were moved, changes that cannot be saved. The UI thread only. */
#pragma once
#include "document/few-document.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_NOTICES (few_notices_get_type ())
G_DECLARE_FINAL_TYPE (FewNotices, few_notices, FEW, NOTICES, GtkWidget)

/* Once. */
void few_notices_set_document (FewNotices *self, GtkWindow *window, FewSession *session,
                               FewDocument *document);
/* What was left out or found may be other files. */
void few_notices_update (FewNotices *self, FewSession *session);
G_END_DECLS
