/* SPDX-License-Identifier: MIT */
/* Every picture below a folder in a fixed order, however many there are, in memory that does not
 * grow with them. Hidden entries and trash are passed over, links followed unless in a circle. */
#pragma once
#include <glib.h>

typedef struct FewWalk FewWalk;

/* Starts after the relative path `after`, whether it still exists or not; NULL: at the
 * beginning. */
FewWalk *few_walk_new (const char *folder, const char *after);
void few_walk_free (FewWalk *walk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewWalk, few_walk_free)
/* The next path, relative to the folder; NULL at the end, or with an error when the folder itself
 * cannot be listed. */
char *few_walk_next (FewWalk *walk, GError **error);
/* The next sentence about a folder below it that could not be listed, NULL when there is none
 * (any more). Free with g_free. */
char *few_walk_take_passed_over (FewWalk *walk);
/* The order: name by name along the path, by bytes. */
int few_walk_compare (const char *a, const char *b);
