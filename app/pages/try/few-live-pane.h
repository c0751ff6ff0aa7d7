/* SPDX-License-Identifier: MIT */
/* What the camera shows and what it is recognised as, the classes' bars following it. */
#pragma once
#include "camera/few-live.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_LIVE_PANE (few_live_pane_get_type ())
G_DECLARE_FINAL_TYPE (FewLivePane, few_live_pane, FEW, LIVE_PANE, GtkWidget)

/* Once. */
void few_live_pane_set_session (FewLivePane *self, FewSession *session);
/* Its camera, which is closed when the pane goes out of view. */
FewCamera *few_live_pane_get_camera (FewLivePane *self);
FewLive *few_live_pane_get_live (FewLivePane *self);
/* The answer stands below the picture, or else beside it. */
void few_live_pane_set_narrow (FewLivePane *self, gboolean narrow);
G_END_DECLS
