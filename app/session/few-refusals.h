/* SPDX-License-Identifier: MIT */
/* Files that were left out, as sentences. One that came with pictures is told as long as one of
 * them is in the project: undo takes it along, redo brings it back. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
typedef struct FewRefusals FewRefusals;
/* Whether the picture of that number is in the project; left_out: and takes no part. */
typedef gboolean (*FewPictureIsThere) (guint id, gboolean left_out, gpointer user);

FewRefusals *few_refusals_new (FewPictureIsThere is_there, gpointer user);
void few_refusals_free (FewRefusals *refusals);
/* first, last: numbers of the pictures that it came with; 0: it came with none. */
void few_refusals_add (FewRefusals *refusals, const char *sentence, guint first, guint last);
/* What was said of this picture itself is no more. */
void few_refusals_drop (FewRefusals *refusals, guint id);
/* The same, and this is said of it: it may have been read with another model. */
void few_refusals_replace (FewRefusals *refusals, const char *sentence, guint id);
void few_refusals_clear (FewRefusals *refusals);
/* Other pictures are in the project than before. */
void few_refusals_settle (FewRefusals *refusals);
/* char *, borrowed: what is told now. */
GPtrArray *few_refusals_get_told (FewRefusals *refusals);
G_END_DECLS
