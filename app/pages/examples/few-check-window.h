/* SPDX-License-Identifier: MIT */
/* Pictures whose label may be wrong, one key to take the class that is suggested, one to keep, one
 * to exclude it, one to go on. */
#pragma once
#include "session/few-session.h"
#include "widgets/few-thumbnails.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_CHECK_WINDOW (few_check_window_get_type ())
G_DECLARE_FINAL_TYPE (FewCheckWindow, few_check_window, FEW, CHECK_WINDOW, AdwWindow)

FewCheckWindow *few_check_window_new (GtkWindow *parent, FewSession *session,
                                      FewThumbnails *thumbnails);
/* Of FewPicture, the least likely label first; the chosen one is what keys are about. */
GtkSingleSelection *few_check_window_get_model (FewCheckWindow *self);
/* Whether the answer is awaited. */
gboolean few_check_window_is_waiting (FewCheckWindow *self);
/* The chosen picture becomes one of the suggested class, or its own is right, or it takes no part
 * any more. */
void few_check_window_accept (FewCheckWindow *self);
void few_check_window_keep (FewCheckWindow *self);
void few_check_window_exclude (FewCheckWindow *self);
/* Leaves it as it is for now. */
void few_check_window_go_on (FewCheckWindow *self);
G_END_DECLS
