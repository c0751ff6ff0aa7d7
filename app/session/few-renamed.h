/* SPDX-License-Identifier: MIT */
/* Which classes of now those of a run are, that was trained before they were renamed: a file knows
 * them by their names of then. The UI thread only. */
#pragma once
#include "session/few-examples.h"
#include <fewshot.h>

G_BEGIN_DECLS
/* [record->n_classes], borrowed, free with g_free; NULL where there is none: the class that has
 * most of the run's pictures of it now, unless the run knows one of that name. Of a run on any
 * number of labels all are NULL. */
FewClass **few_renamed_find (FewExamples *examples, const FewProjectRun *record);
G_END_DECLS
