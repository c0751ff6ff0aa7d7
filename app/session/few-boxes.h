/* SPDX-License-Identifier: MIT */
/* Parts of pictures among the examples. A part is a picture of its own, with a number of its own:
 * what was learned from another part was learned from another picture. */
#pragma once
#include "session/few-examples.h"

G_BEGIN_DECLS
/* The part takes the place of the picture (or of another part of its file) and is read. Returns it,
 * borrowed; NULL where it is that part already. */
FewPicture *few_boxes_use_part (FewExamples *examples, FewPicture *picture, const FewCrop *crop);
/* One of the picture's classes and for what the picture is for, which is in no list yet. The caller
 * owns it. */
FewPicture *few_boxes_make_part (FewExamples *examples, FewPicture *picture, const FewCrop *crop);
G_END_DECLS
