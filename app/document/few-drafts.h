/* SPDX-License-Identifier: MIT */
/* For FewDocument: the names and locks of drafts. */
#pragma once
#include <glib.h>

char *few_draft_new_path (void);
/* A descriptor that holds the lock, or −1 when another program does. */
int few_draft_lock (const char *draft);
void few_draft_unlock (const char *draft, int fd);
