/* SPDX-License-Identifier: MIT */
/* Snapshots that nobody needs any more. One of 10,000 pictures of 1,000 classes is 80 MB: giving
 * them back takes longer than a frame has, so that a thread does. The UI thread only. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
/* Takes over a reference; NULL is none. */
void few_release_snapshot (FewSnapshot *snapshot);
G_END_DECLS
