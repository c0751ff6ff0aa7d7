/* SPDX-License-Identifier: MIT */
/* Pictures are split into tiles, some of them a turn of the main loop, as one step. */
#pragma once
#include "session/few-examples.h"

G_BEGIN_DECLS
typedef struct FewTiling FewTiling;
/* came: how many tiles. The tiling may be freed. */
typedef void (*FewTiled) (guint came, gpointer user);
/* Behind each picture (FewPicture) its n × n tiles, as further examples of its classes, and then
 * `done`. One at a time: tiles that another is about to add are not known. */
FewTiling *few_tiling_new (FewExamples *examples, GPtrArray *pictures, guint n, FewTiled done,
                           gpointer user);
/* Of what came some has gone again, undone or removed before it was all. */
gboolean few_tiling_was_undone (const FewTiling *tiling);
/* What has not come yet does not, and what has is not told. */
void few_tiling_free (FewTiling *tiling);
G_END_DECLS
