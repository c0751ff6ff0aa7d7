/* SPDX-License-Identifier: MIT */
/* What the run in view comes to, in one sentence. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* FALSE of a model that reads no texts: it says nothing before it has learned. */
gboolean few_inspect_says_before (FewSession *session);
/* With a snapshot in view. Free with g_free. */
char *few_inspect_words (FewSession *session);
/* A picture's name, its class and what it may be; nothing where it is not in the snapshot in view,
 * or NULL. */
void few_inspect_write_title (GtkLabel *title, FewSession *session, FewPicture *picture);
G_END_DECLS
