/* SPDX-License-Identifier: MIT */
/* Files of the same content: the first in the project takes part, the others are left out. */
#pragma once
#include "session/few-picture.h"
#include <gio/gio.h>

G_BEGIN_DECLS
/* few_picture_get_content → the FewPicture that takes part. Keys and values are borrowed: it must
 * be settled anew before a picture of it goes. */
GHashTable *few_duplicates_new (void);
/* The hash of a picture became known. Returns which one is left out now, or NULL. */
FewPicture *few_duplicates_meet (GHashTable *first, FewPicture *picture);
/* Pictures (of FewPicture) came or went. */
void few_duplicates_settle (GHashTable *first, const GPtrArray *pictures);
G_END_DECLS
