/* SPDX-License-Identifier: MIT */
/* Which pictures to take out of videos, and how far that is. */
#pragma once
#include "widgets/few-videos.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_VIDEO_DIALOG (few_video_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FewVideoDialog, few_video_dialog, FEW, VIDEO_DIALOG, AdwWindow)

/* done: once, with the pictures; none where the person wants none or there are none. free_user:
 * then, too. */
FewVideoDialog *few_video_dialog_new (GtkWindow *parent, const char *const *videos,
                                      FewPathsFunc done, gpointer user, GDestroyNotify free_user);
/* What its controls do: every `interval` seconds, or (0) where the picture changes. */
void few_video_dialog_choose (FewVideoDialog *self, double interval);
void few_video_dialog_begin (FewVideoDialog *self);
/* Whether all videos have been looked at: what it says is what will be. */
gboolean few_video_dialog_is_ready (FewVideoDialog *self);
const char *few_video_dialog_get_text (FewVideoDialog *self);
G_END_DECLS
