/* SPDX-License-Identifier: MIT */
/* The card of a data set for Hugging Face, README.md in its folder: whose it is, and what becomes
 * of one that is there. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* FALSE: somebody else's is there, whose place ours would take. */
gboolean few_labelled_card_check (const char *folder, GError **error);
/* kept [size]: what another one that was there is called now; "": there was none. */
gboolean few_labelled_card_write (const char *folder, const char *text, char *kept, gsize size,
                                  GError **error);

G_END_DECLS
