/* SPDX-License-Identifier: MIT */
/* Parts of pictures among the examples. A part is a picture of its own, with a number of its own:
 * what was learned from another part was learned from another picture. */
#pragma once
#include "session/few-examples.h"

G_BEGIN_DECLS
/* The part takes the place of the picture (or of another part of its file) and is read. Returns it,
 * borrowed; NULL where it is that part already. */
FewPicture *few_boxes_use_part (FewExamples *examples, FewPicture *picture, const FewCrop *crop);
/* Behind each picture (FewPicture) its n × n tiles, as further examples of its classes. Returns how
 * many came. */
guint few_boxes_split (FewExamples *examples, GPtrArray *pictures, guint n);
G_END_DECLS
