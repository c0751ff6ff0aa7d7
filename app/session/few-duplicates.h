/* SPDX-License-Identifier: MIT */
/* Files of the same content: the first in the project takes part, the others are left out. */
#pragma once
#include "session/few-picture.h"
#include <gio/gio.h>

G_BEGIN_DECLS
/* Of the content of each picture that was read, which takes part, and which are left out. Pictures
 * and their contents are borrowed: it must be settled anew before one goes for good, or becomes
 * another. */
typedef struct FewDuplicates FewDuplicates;

FewDuplicates *few_duplicates_new (void);
void few_duplicates_free (FewDuplicates *duplicates);
/* The hash of a picture became known. Returns which one is left out now, or NULL. */
FewPicture *few_duplicates_meet (FewDuplicates *duplicates, FewPicture *picture);
/* Pictures (of FewPicture) came, went, or are others: these are all. */
void few_duplicates_settle (FewDuplicates *duplicates, const GPtrArray *pictures);
/* The same, where these went and came and the others are what they were. */
void few_duplicates_exchange (FewDuplicates *duplicates, const GPtrArray *gone,
                              const GPtrArray *came);
G_END_DECLS
