/* SPDX-License-Identifier: MIT */
/* Files that lines are added to: journals and logs. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
/* All of it, or nothing: what is left of a line would spoil the next one. fd: open for appending.
 * FALSE: errno says why. */
gboolean few_append_line (int fd, const char *line, gsize length);
G_END_DECLS
