/* SPDX-License-Identifier: MIT */
/* The keywords that the pictures of a folder have, and which of them become classes. The UI thread
 * only. */
#pragma once
#include "session/few-session.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_KEYWORD_DIALOG (few_keyword_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FewKeywordDialog, few_keyword_dialog, FEW, KEYWORD_DIALOG, AdwWindow)

/* Begins to read them in a thread; closing it ends that. What is chosen goes to the session's
 * import, which shows it before anything happens. Not yet presented; goes with its parent. */
GtkWindow *few_keyword_dialog_new (GtkWindow *parent, FewSession *session, const char *folder);
G_END_DECLS
