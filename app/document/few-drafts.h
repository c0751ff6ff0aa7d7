/* SPDX-License-Identifier: MIT */
/* Drafts, in $XDG_DATA_HOME/fewshot/drafts: projects without a file of the person's. A draft that
 * is open has a lock beside it, held by its program. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
gboolean few_draft_is (const char *path);
/* For a draft that is not there yet; its folder is. */
char *few_draft_new_path (void);
/* A descriptor that holds the lock, or −1 when another program does. */
int few_draft_lock (const char *draft);
void few_draft_unlock (const char *draft, int fd);
/* Moves one that cannot be read out of the way, to the folder "damaged" beside it. Its new path, to
 * be freed with g_free; NULL when it could not be moved. */
char *few_draft_set_aside (const char *draft);
/* Paths of drafts that a program which is gone did not close: free with g_strfreev. */
char **few_drafts_abandoned (void);
/* Paths of drafts that no window has open, the newest first. */
char **few_drafts_closed (void);
G_END_DECLS
