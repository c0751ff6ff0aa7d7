/* SPDX-License-Identifier: MIT */
/* What is done about pictures that came, once they are in the list. Each looks at all of them, so
 * that each has a turn of the main loop of its own. The UI thread only. */
#pragma once
#include "session/few-examples.h"

G_BEGIN_DECLS
/* GRefString, the addresses of all pictures that there are, to which others may be added; free with
 * g_hash_table_unref. */
GHashTable *few_arrival_list_addresses (FewExamples *examples);
/* refused: char *, sentences, which are told as long as there is a picture that came with them. */
void few_arrival_refuse (FewExamples *examples, GPtrArray *added, GPtrArray *refused);
/* added: FewPicture. FALSE: nothing came, which is said. */
gboolean few_arrival_tell (FewExamples *examples, FewDesk *desk, GPtrArray *added);
/* As a step that can be undone. */
void few_arrival_keep (FewExamples *examples, GPtrArray *added);
G_END_DECLS
