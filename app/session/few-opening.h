/* SPDX-License-Identifier: MIT */
/* A project that is taken in by a fresh session, some of it a turn of the main loop. */
#pragma once
#include "session/few-comparison.h"
#include "session/few-runs.h"

G_BEGIN_DECLS
typedef struct FewOpening FewOpening;

/* Shares what the project has. */
FewOpening *few_opening_new (const FewProject *project, FewExamples *examples, FewView *view,
                             FewRuns *runs, FewComparison *comparison);
void few_opening_free (FewOpening *opening);
/* Whether all at once would take longer than a frame. */
gboolean few_opening_is_long (const FewOpening *opening);
/* A step; FALSE: it was the last. */
gboolean few_opening_go_on (FewOpening *opening);
/* The project's, unless it is open already; says so where it is not there any more. */
void few_opening_open_model (FewOpening *opening, FewDesk *desk, const char *device);
/* Where what its runs were trained with cannot be checked. */
void few_opening_tell_unverified (FewOpening *opening, FewDesk *desk);
G_END_DECLS
