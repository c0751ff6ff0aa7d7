/* SPDX-License-Identifier: MIT */
/* A box over a large picture: drawn with the pointer, moved and resized by it or by keys. The UI
 * thread only.
 *
 * Signals
 *   changed ()   the box is another, or none */
#pragma once
#include "widgets/few-large-picture.h"

G_BEGIN_DECLS
#define FEW_TYPE_BOX_EDITOR (few_box_editor_get_type ())
G_DECLARE_FINAL_TYPE (FewBoxEditor, few_box_editor, FEW, BOX_EDITOR, GtkWidget)

/* Once: what it lies over, in the same place. */
void few_box_editor_set_target (FewBoxEditor *self, FewLargePicture *target);
/* The whole picture: there is no box. */
void few_box_editor_set_crop (FewBoxEditor *self, const FewCrop *crop);
void few_box_editor_clear (FewBoxEditor *self);
const FewCrop *few_box_editor_get_crop (FewBoxEditor *self);
G_END_DECLS
