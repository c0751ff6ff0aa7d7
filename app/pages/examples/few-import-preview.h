/* SPDX-License-Identifier: MIT */
/* What a drop will do, and what a person can still choose, in a dialog. The UI thread only. */
#pragma once
#include "session/few-session.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_IMPORT_PREVIEW (few_import_preview_get_type ())
G_DECLARE_FINAL_TYPE (FewImportPreview, few_import_preview, FEW, IMPORT_PREVIEW, AdwMessageDialog)

/* number: of a drop that waits (few_import_get_plan); it is answered by the dialog, or discarded
 * when that goes. klass: the one in view, or NULL. Not yet presented; goes with its parent. */
GtkWindow *few_import_preview_new (GtkWindow *parent, FewSession *session, guint number,
                                   FewClass *klass);
/* The sentences that say what a plan will do. target: the class that it was dropped on, or NULL.
 * Free with g_free. */
char *few_import_preview_describe (const FewPlan *plan, FewClass *target);
G_END_DECLS
