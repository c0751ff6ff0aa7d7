/* SPDX-License-Identifier: MIT */
/* What a camera shows, and why it shows nothing. It lets go of the camera the moment that it is out
 * of view: another page, a window that closes, hides or is put aside. */
#pragma once
#include "camera/few-camera.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_CAMERA_VIEW (few_camera_view_get_type ())
G_DECLARE_FINAL_TYPE (FewCameraView, few_camera_view, FEW, CAMERA_VIEW, GtkWidget)

/* To be opened by whoever shows the view. */
FewCamera *few_camera_view_get_camera (FewCameraView *self);
/* Large letters over the picture; NULL: none. */
void few_camera_view_set_overlay (FewCameraView *self, const char *text);
G_END_DECLS
