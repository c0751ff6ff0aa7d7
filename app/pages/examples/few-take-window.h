/* SPDX-License-Identifier: MIT */
/* Pictures of a class by the camera: as long as a button, or the space bar, is held. */
#pragma once
#include "camera/few-camera.h"
#include "session/few-session.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_TAKE_WINDOW (few_take_window_get_type ())
G_DECLARE_FINAL_TYPE (FewTakeWindow, few_take_window, FEW, TAKE_WINDOW, AdwWindow)

FewTakeWindow *few_take_window_new (GtkWindow *parent, FewSession *session, FewClass *klass);
/* What its button does when it is pressed and let go. */
void few_take_window_hold (FewTakeWindow *self, gboolean held);
/* Seconds to get ready, counted down before the first picture. */
void few_take_window_set_countdown (FewTakeWindow *self, gboolean countdown);
/* Pictures that were taken and written so far. */
guint few_take_window_count (FewTakeWindow *self);
FewCamera *few_take_window_get_camera (FewTakeWindow *self);
G_END_DECLS
