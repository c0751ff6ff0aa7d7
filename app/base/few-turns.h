/* SPDX-License-Identifier: MIT */
/* Work that each takes a turn of the main loop of its own, before the next frame. The UI thread
 * only. */
#pragma once
#include <glib-object.h>

G_BEGIN_DECLS
typedef void (*FewWork) (gpointer object);

/* In the order in which it was asked for; what waits already is not done twice. Forgotten with its
 * object, a GObject. */
void few_turns_add (gpointer object, FewWork work);
/* So, after so many milliseconds: a timeout alone would share its turn with others that are due. */
void few_turns_add_later (gpointer object, FewWork work, guint delay);
G_END_DECLS
