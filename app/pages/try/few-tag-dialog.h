/* SPDX-License-Identifier: MIT */
/* What tags will be written into which pictures, and what a person can still choose. The UI thread
 * only. */
#pragma once
#include "session/few-session.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_TAG_DIALOG (few_tag_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FewTagDialog, few_tag_dialog, FEW, TAG_DIALOG, AdwMessageDialog)

/* root: what the tags stand below; not called when the question is left. */
typedef void (*FewTagAnswered) (gpointer object, const char *root, gboolean inside);

/* trials: FewTrial, those that are written; they follow what is chosen. object: a GObject that is
 * told the answer as long as it is there. Not yet presented; goes with its parent. */
GtkWindow *few_tag_dialog_new (GtkWindow *parent, FewSession *session, GListModel *trials,
                               FewTagAnswered answered, gpointer object);
G_END_DECLS
