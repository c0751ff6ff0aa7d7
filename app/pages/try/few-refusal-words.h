/* SPDX-License-Identifier: MIT */
/* When a picture is none of the classes, in words. */
#pragma once
#include "session/few-trials.h"

G_BEGIN_DECLS
/* Free with g_free. */
char *few_refusal_words (FewTrials *trials, FewView *view);
G_END_DECLS
