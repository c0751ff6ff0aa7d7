/* SPDX-License-Identifier: MIT */
/* What there is to know of a picture beside its class: in words, and as a mark on its tile. */
#pragma once
#include "session/few-picture.h"

G_BEGIN_DECLS
/* Whether something is wrong with it, or it takes no part. */
gboolean few_picture_is_off (FewPicture *picture);
/* A symbolic icon; NULL: there is nothing to mark. */
const char *few_picture_mark (FewPicture *picture);
/* Why it takes no part or what it is for, translated; NULL: it is an example like others. */
const char *few_picture_words (FewPicture *picture);
G_END_DECLS
