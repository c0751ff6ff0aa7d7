/* SPDX-License-Identifier: MIT */
/* What is done about pictures that came, once they are in the list. Each looks at all of them, so
 * that each has a turn of the main loop of its own. The UI thread only. */
#pragma once
#include "session/few-examples.h"
#include "session/few-plan.h"

G_BEGIN_DECLS
/* GRefString, the addresses of all pictures that there are → FewPicture, borrowed, to which others
 * may be added; free with g_hash_table_unref. */
GHashTable *few_arrival_list_addresses (FewExamples *examples);
/* The same as names, for another thread; labels: those of the pictures, too, which they have anyway
 * where they may be any number. The tables are the caller's. */
void few_arrival_list_known (FewExamples *examples, gboolean labels, FewKnown *known);
/* refused: char *, sentences, which are told as long as there is a picture that came with them. */
void few_arrival_refuse (FewExamples *examples, GPtrArray *added, GPtrArray *refused);
/* came: pictures that are new, or got labels. FALSE: there are none, which is said. */
gboolean few_arrival_tell (FewExamples *examples, FewDesk *desk, guint came);
/* As a step that can be undone: so many pictures are new, so many got labels. */
void few_arrival_keep (FewExamples *examples, guint added, guint labelled);
G_END_DECLS
