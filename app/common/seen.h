/* SPDX-License-Identifier: MIT */
/* Which files were seen as what: 8 bytes a file in a table that is at most three quarters full, for
 * millions of them. Two files that are taken for one another are as likely as 1 : 10¹³ in a
 * million. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
typedef struct FewSeen FewSeen;
FewSeen *few_seen_new (void);
void few_seen_free (FewSeen *seen);
gboolean few_seen_has (const FewSeen *seen, const char *path, const char *stamp);
/* FALSE: there is no memory for it. */
gboolean few_seen_add (FewSeen *seen, const char *path, const char *stamp, GError **error);
G_END_DECLS
