/* SPDX-License-Identifier: MIT */
/* The training pictures most like the chosen one, small, with class and cosine. */
#pragma once
#include "session/few-session.h"
#include "widgets/few-thumbnails.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_NEAREST (few_nearest_get_type ())
G_DECLARE_FINAL_TYPE (FewNearest, few_nearest, FEW, NEAREST, GtkWidget)

GtkWidget *few_nearest_new (void);
void few_nearest_set_session (FewNearest *self, FewSession *session, FewThumbnails *thumbnails);
/* Asks the worker; NULL: shows nothing. */
void few_nearest_set_picture (FewNearest *self, FewPicture *picture);
/* Number i of those shown, or NULL. */
FewPicture *few_nearest_get_picture (FewNearest *self, guint i);
G_END_DECLS
