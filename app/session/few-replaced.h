/* SPDX-License-Identifier: MIT */
/* Pictures whose files hold another picture than they did when the project was saved. */
#pragma once
#include "session/few-picture.h"

G_BEGIN_DECLS
/* The hash of what was read now; counts a picture that had another. */
void few_replaced_set_hash (FewPicture *picture, const char *sha256, guint *replaced);
/* What a person is to be told of them, who are forgotten with it; NULL: nothing. Free with
 * g_free. */
char *few_replaced_tell (guint *replaced);
G_END_DECLS
