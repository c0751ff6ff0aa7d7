/* SPDX-License-Identifier: MIT */
/* Below a large picture: the part of it that is drawn, in numbers, and what to do with it. The UI
 * thread only.
 *
 * Signals
 *   chosen ()   the part is to be used: few_box_bar_get_crop, which may be the whole picture */
#pragma once
#include "widgets/few-box-editor.h"

G_BEGIN_DECLS
#define FEW_TYPE_BOX_BAR (few_box_bar_get_type ())
G_DECLARE_FINAL_TYPE (FewBoxBar, few_box_bar, FEW, BOX_BAR, GtkWidget)

GtkWidget *few_box_bar_new (void);
/* Once. The target is the child of a GtkOverlay: the editor lies over it there, and is seen while a
 * picture is drawn in. */
void few_box_bar_set_target (FewBoxBar *self, FewLargePicture *target);
/* The whole of its file comes into view, with its part as the box. NULL: no longer; who showed the
 * picture shows it again. */
void few_box_bar_set_picture (FewBoxBar *self, FewPicture *picture);
const FewCrop *few_box_bar_get_crop (FewBoxBar *self);
G_END_DECLS
