/* SPDX-License-Identifier: MIT */
/* How far an import is, at the window's bottom; not seen without one. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_IMPORT_BAR (few_import_bar_get_type ())
G_DECLARE_FINAL_TYPE (FewImportBar, few_import_bar, FEW, IMPORT_BAR, GtkWidget)

void few_import_bar_set_session (FewImportBar *self, FewSession *session);
G_END_DECLS
