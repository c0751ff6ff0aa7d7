/* SPDX-License-Identifier: MIT */
/* Who has a project open: a lock beside the person's data, held as long as its descriptor, so that
 * two programs (or two windows) never write one file. A draft's lock stands beside the draft
 * (few-drafts.h). */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
/* A descriptor, or −1 when somebody has it. Symbolic links lead to the lock of their file. */
int few_project_lock (const char *path);
void few_project_unlock (const char *path, int fd);
G_END_DECLS
