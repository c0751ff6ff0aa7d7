/* SPDX-License-Identifier: MIT */
/* One picture at a time in a window of its own, with its class to be changed. The UI thread
 * only. */
#pragma once
#include "session/few-session.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_VIEWER (few_viewer_get_type ())
G_DECLARE_FINAL_TYPE (FewViewer, few_viewer, FEW, VIEWER, AdwWindow)

/* pictures: of FewPicture, or of FewSlot that hold them; begins with the one at `position` and goes
 * along the list as it is then. */
void few_viewer_open (GtkWindow *parent, FewSession *session, GListModel *pictures, guint position);
G_END_DECLS
