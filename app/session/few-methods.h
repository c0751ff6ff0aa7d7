/* SPDX-License-Identifier: MIT */
/* The methods that Train offers: automatic first, then the visual adapter that is shown while it
 * learns, then every other that leaves a classifier. The UI thread only. */
#pragma once
#include "session/few-examples.h"

G_BEGIN_DECLS

/* Automatic, then the visual adapter beside it, shown while it learns: what a new window does. */
#define FEW_METHOD_LIVE_AUTOMATIC "automatic:adapter=1"

/* The one of projects where pictures have any number of labels; none of the choices. */
#define FEW_METHOD_SEVERAL "one-vs-rest"
/* The same from the pictures alone. */
#define FEW_METHOD_SEVERAL_WORDLESS FEW_METHOD_SEVERAL ":prior=0"

typedef struct
{
  /* As FewTrainJob.method. */
  const char *specification;
  /* To be translated; sentence: what it is, for who has never heard of it. */
  const char *title, *sentence;
} FewMethodChoice;

/* The one at `index`; NULL behind the last. */
const FewMethodChoice *few_method_choice (guint index);
/* Place of a specification among them, whatever its priors are; that behind the last where it is
 * none of them. */
guint few_method_choice_find (const char *specification);
/* What a method is, be it one that Compare alone offers; NULL: one with settings of its own. */
const char *few_method_choice_sentence (const char *specification);
/* The title of what a specification names, translated, be it one that Compare alone offers; the
 * specification where it has settings of its own. NULL: the live adapter. */
const char *few_method_choice_title (const char *specification);
/* Whether a model can learn by it: not by texts where it reads none. NULL of both: it can. */
gboolean few_method_choice_suits (const char *specification, const FewModelInfo *model);
/* Whether it learns from pictures with any number of labels, or else from those of one class each.
 * NULL of the live adapter. */
gboolean few_method_choice_fits (const char *specification, gboolean several);
/* Why it cannot, to be freed with g_free; NULL: it can. */
char *few_method_choice_refusal (const char *specification, const FewModelInfo *model);
/* Whether what a specification learns can be used outside the comparison. */
gboolean few_method_choice_is_kept (const char *specification);

/* Whether what a specification names can hold all classes for equally likely, whether it does, and
 * the same specification that does, or does not; free with g_free. */
gboolean few_method_choice_takes_priors (const char *specification);
gboolean few_method_choice_is_balanced (const char *specification);
char *few_method_choice_balance (const char *specification, gboolean balanced);
/* The specification with the priors of `old`, where it can have them; NULL of NULL. */
char *few_method_choice_instead (const char *specification, const char *old);
/* Whether it takes seconds on any computer; CoOp may take hours with a large model. */
gboolean few_method_choice_is_quick (const char *specification);
/* What a run learns by: the job's method, or another where that does not learn from pictures with
 * as many labels as those of the project have. */
const char *few_method_choice_now (FewExamples *examples, const FewTrainJob *job);
/* The job with that method. */
FewTrainJob few_method_choice_job (FewExamples *examples, const FewTrainJob *job);
/* What a new window trains with. */
void few_method_choice_init_job (FewTrainJob *job);
G_END_DECLS
