/* SPDX-License-Identifier: MIT */
/* What a tile says of its picture, to be read and to be heard. */
#pragma once
#include "session/few-session.h"

G_BEGIN_DECLS
/* Its name, or its labels where it may have several; free with g_free. */
void few_tile_words_of_example (FewExamples *examples, FewPicture *picture, char **text,
                                char **spoken);
/* What a row of the view's snapshot is taken for. FALSE where that is not what it is. */
gboolean few_tile_words_of_answer (FewView *view, FewPicture *picture, guint row, char **text,
                                   char **spoken);
G_END_DECLS
