/* SPDX-License-Identifier: MIT */
/* When a picture is none of the classes, in words. */
#pragma once
#include "session/few-trials.h"

G_BEGIN_DECLS
/* Free with g_free. */
char *few_refusal_words (FewTrials *trials, FewView *view);
/* The choices of a person: names of shares of the own pictures that may be refused, as
 * GtkStringList (free with g_object_unref), and the share that stays. */
enum { FEW_REFUSAL_USUAL = 2 }; /* that of new trials */
GListModel *few_refusal_names (void);
double few_refusal_keep (guint choice);
/* The nearest choice. */
guint few_refusal_choice (double keep);
G_END_DECLS
