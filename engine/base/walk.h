/* SPDX-License-Identifier: MIT */
/* Every picture below a folder in a fixed order, however many there are, in memory that does not
 * grow with them. Hidden entries and links to folders are passed over. */
#pragma once
#include <glib.h>

typedef struct FewWalk FewWalk;

/* Starts after the relative path `after`, whether it still exists or not; NULL: at the
 * beginning. */
FewWalk *few_walk_new (const char *folder, const char *after);
void few_walk_free (FewWalk *walk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewWalk, few_walk_free)
/* The next path, relative to the folder; NULL at the end, or with an error when a folder cannot
 * be listed. */
char *few_walk_next (FewWalk *walk, GError **error);
/* The order: name by name along the path, by bytes. */
int few_walk_compare (const char *a, const char *b);
