/* SPDX-License-Identifier: MIT */
/* A picture larger than its thumbnail, decoded by a thread; the one before it stays until then.
 * The UI thread only. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_LARGE_PICTURE (few_large_picture_get_type ())
G_DECLARE_FINAL_TYPE (FewLargePicture, few_large_picture, FEW, LARGE_PICTURE, GtkWidget)

/* Once; side: pixels that the longer side of what is decoded has at most. */
void few_large_picture_set_session (FewLargePicture *self, FewSession *session, guint side);
/* NULL: none. */
void few_large_picture_show (FewLargePicture *self, FewPicture *picture);
/* The whole file of what is shown from now on, where it is a part of one. */
void few_large_picture_set_whole (FewLargePicture *self, gboolean whole);
/* Where the picture is in the widget; FALSE: there is none yet, and `shown` tells once there is. */
gboolean few_large_picture_get_frame (FewLargePicture *self, graphene_rect_t *frame);
void few_large_picture_set_shown (FewLargePicture *self, void (*shown) (gpointer user),
                                  gpointer user);
/* Lays a heat map over it, a pixel a place, until another picture is shown; description: what it
 * shows, for who does not see it. NULL takes it away. */
void few_large_picture_set_heat (FewLargePicture *self, GdkTexture *heat, const FewHeatInfo *info,
                                 const char *description);
/* Frames with numbers, in shares of the picture's sides; until another picture is shown. */
typedef struct
{
  double left, top, width, height;
  guint number; /* from 1 */
} FewMark;
void few_large_picture_set_marks (FewLargePicture *self, const FewMark *marks, guint n);
guint few_large_picture_count_marks (FewLargePicture *self);
/* NULL: none. Borrowed. */
GdkTexture *few_large_picture_get_heat (FewLargePicture *self);
/* As large as the widget has room for, or one pixel for one of what was decoded. */
void few_large_picture_set_fits (FewLargePicture *self, gboolean fits);
G_END_DECLS
