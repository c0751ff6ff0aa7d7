/* SPDX-License-Identifier: MIT */
/* A picture with other metadata: made aside, looked at, then put in the place of the old one. */
#pragma once
#include "metadata/xmp.h"

enum { FEW_INSIDE_MOST = 512 << 20 };

/* SHA-256 of a file of at most FEW_INSIDE_MOST bytes. Free with g_free. */
char *few_inside_sum (const char *path, GError **error);

typedef struct FewInside FewInside;
/* Nothing is written yet but a copy. */
FewInside *few_inside_new (const char *picture, FewXmp *xmp, GError **error);
/* SHA-256 of the picture as it was copied, and of what it is to be. */
const char *few_inside_was (const FewInside *inside);
const char *few_inside_after (const FewInside *inside);
gboolean few_inside_commit (FewInside *inside, GError **error);
void few_inside_free (FewInside *inside);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewInside, few_inside_free)
