/* SPDX-License-Identifier: MIT */
/* Where the model looks, over a large picture: for which class, adapted, CLIP's or the difference,
 * what the colours mean, and the whole as a PNG. */
#pragma once
#include "widgets/few-large-picture.h"

G_BEGIN_DECLS
#define FEW_TYPE_LOOK_BAR (few_look_bar_get_type ())
G_DECLARE_FINAL_TYPE (FewLookBar, few_look_bar, FEW, LOOK_BAR, GtkWidget)

GtkWidget *few_look_bar_new (void);
/* Once; target: what maps are laid over. */
void few_look_bar_set_session (FewLookBar *self, FewSession *session, FewLargePicture *target);
/* The picture that the target shows; NULL: none, and nothing is computed. */
void few_look_bar_set_picture (FewLookBar *self, FewPicture *picture);
/* The same of a picture that is not in the project: it has no class of its own, and is recognised
 * as `nearest`. */
void few_look_bar_set_seen (FewLookBar *self, FewPicture *picture, FewClass *nearest);
/* As FewSightKind numbers them. */
void few_look_bar_set_kind (FewLookBar *self, guint kind);
G_END_DECLS
