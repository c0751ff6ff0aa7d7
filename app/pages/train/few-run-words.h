/* SPDX-License-Identifier: MIT */
/* What a person is to know of the run in view before believing its numbers. */
#pragma once
#include "session/few-view.h"

G_BEGIN_DECLS
/* A sentence a line: what is cross-validated, twins that were moved, a class that swallows the
 * others. NULL: there is nothing to tell. Free with g_free. */
char *few_run_words (FewView *view);
/* The same by a thread; answered unless another snapshot is in view by then. NULL: as above. */
typedef void (*FewRunWordsFunc) (GObject *asker, const char *words);
void few_run_words_ask (FewView *view, GObject *asker, FewRunWordsFunc answer);
/* Its accuracy on test pictures, for the list of runs. Free with g_free. */
char *few_run_words_of_record (const FewProjectRun *record);
G_END_DECLS
