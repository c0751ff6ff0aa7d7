/* SPDX-License-Identifier: MIT */
/* A camera: what it shows now, as often as it is looked at. Frames come from a program of its own
 * (common/frames.h), one at a time and always the newest, so that nobody falls behind; ending that
 * program lets go of the camera. The UI thread only, which never waits.
 *
 * Signals
 *   frame ()          another frame is there; the next one is asked for behind it
 *   changed ()        it was opened or closed, or there is a problem */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS
#define FEW_TYPE_CAMERA (few_camera_get_type ())
G_DECLARE_FINAL_TYPE (FewCamera, few_camera, FEW, CAMERA, GObject)

FewCamera *few_camera_new (void);
/* The longer side of its frames has that many pixels at most, once it is opened anew: 640. */
void few_camera_set_side (FewCamera *self, guint side);
/* Asks the desktop's portal for it, which may ask the person; where there is none, takes the first
 * camera that there is. $FEWSHOT_CAMERA names another source, as gst-launch-1.0 does (tests). */
void few_camera_open (FewCamera *self);
/* Lets go of it at once. */
void few_camera_close (FewCamera *self);
gboolean few_camera_is_open (FewCamera *self);
/* [height, width, 3]; NULL before the first. */
GBytes *few_camera_get_frame (FewCamera *self, guint *width, guint *height);
/* A sentence, or NULL. */
const char *few_camera_get_problem (FewCamera *self);
G_END_DECLS
