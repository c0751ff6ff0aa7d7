/* SPDX-License-Identifier: MIT */
/* Sentences of several parts, of which some may have nothing to say. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
/* Takes the part, which tells of n things: of none it is left out. between: before all but the
 * first. */
void few_append_part (GString *text, const char *between, guint n, char *part);
G_END_DECLS
