/* SPDX-License-Identifier: MIT */
/* What the map and its points are, in words: those of tooltips and of screen readers. Each is freed
 * with g_free. */
#pragma once
#include "session/few-view.h"
#include <fewshot.h>

G_BEGIN_DECLS
/* All of it. */
char *few_map_words (FewView *view, const FewMapInfo *info);
/* A point under the pointer. */
char *few_map_words_of_point (FewPicture *picture);
/* The point that is chosen, as its tile would be spoken: the file, its class and what it is taken
 * for; NULL: how to choose one. */
char *few_map_words_spoken (FewView *view, FewPicture *picture);
G_END_DECLS
