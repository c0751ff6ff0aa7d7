/* SPDX-License-Identifier: MIT */
/* fewshot-frames as a child: how it is started, and what it says in words. */
#pragma once
#include "common/frames-protocol.h"
#include <gio/gio.h>

G_BEGIN_DECLS
/* With its standard input and output as pipes. fd: handed over as FEW_FRAMES_FD and closed here;
 * −1: none. NULL with a sentence where the program is not there. */
GSubprocess *few_frames_spawn (const char *const *arguments, int fd, GError **error);
/* Whether a head is one, and counts what it may. */
gboolean few_frames_check (const FewFramesHead *head);
/* Of one that ended without a word: TRUE, with a sentence, where the computer has not the libraries
 * that it needs. */
gboolean few_frames_lacks_libraries (GSubprocess *ended, GError **error);
/* A problem as a sentence; what: the file, for display, or NULL of a camera. */
void few_frames_fail (const FewFramesHead *head, const char *text, const char *what,
                      GError **error);
G_END_DECLS
