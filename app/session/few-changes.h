/* SPDX-License-Identifier: MIT */
/* Pictures whose files hold something else than they did: they are read anew and keep their class,
 * are marked, and it is said aloud, for what they are examples of may not be true any more. Files
 * are looked at by a thread, when somebody asks for it: when the window gets the focus, before
 * anything is learned. The UI thread only. */
#pragma once
#include "session/few-examples.h"

G_BEGIN_DECLS
#define FEW_TYPE_CHANGES (few_changes_get_type ())
G_DECLARE_FINAL_TYPE (FewChanges, few_changes, FEW, CHANGES, GObject)

typedef void (*FewLookedFunc) (gpointer object);

FewChanges *few_changes_new (FewDesk *desk, FewExamples *examples);
/* Looks at the files of all pictures. done (may be NULL) is called, unless the object is gone by
 * then, once those that changed are read anew: never before this returns. */
void few_changes_look (FewChanges *self, FewLookedFunc done, gpointer object);
/* How many pictures were replaced since the project was opened, each time counted. */
guint few_changes_count (FewChanges *self);
G_END_DECLS
