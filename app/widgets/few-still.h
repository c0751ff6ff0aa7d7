/* SPDX-License-Identifier: MIT */
/* A texture, whole and in the middle. Its room is what is requested, whatever it shows: a picture
 * that arrives has nothing around it laid out anew, as GtkPicture's would. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_STILL (few_still_get_type ())
G_DECLARE_FINAL_TYPE (FewStill, few_still, FEW, STILL, GtkWidget)

GtkWidget *few_still_new (void);
/* NULL: none. */
void few_still_set_texture (FewStill *self, GdkTexture *texture);
G_END_DECLS
