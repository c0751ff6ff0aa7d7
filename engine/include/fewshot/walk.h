/* SPDX-License-Identifier: MIT */
/* Every picture below a folder in a fixed order, however many there are, in memory that does not
 * grow with them. Hidden entries and trash are passed over, links followed unless in a circle. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

typedef struct FewWalk FewWalk;

/* Starts after the relative path `after`, whether it still exists or not; NULL: at the
 * beginning. */
FEW_API FewWalk *few_walk_new (const char *folder, const char *after);
FEW_API void few_walk_free (FewWalk *walk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewWalk, few_walk_free)
/* Before the first picture: those of the folder itself alone. */
FEW_API void few_walk_stay (FewWalk *walk);
/* The next path, relative to the folder; NULL at the end, or with an error when the folder itself
 * cannot be listed. */
FEW_API char *few_walk_next (FewWalk *walk, GError **error);
/* The next sentence about a folder below it that could not be listed, NULL when there is none
 * (any more). Free with g_free. */
FEW_API char *few_walk_take_passed_over (FewWalk *walk);
/* The order: name by name along the path, by bytes. */
FEW_API int few_walk_compare (const char *a, const char *b);
/* Which of the shards 0 … shards − 1 a picture belongs to, by its path relative to the folder: the
 * same on every machine, whatever else lies there. */
FEW_API guint few_walk_shard (const char *path, guint shards);

G_END_DECLS
