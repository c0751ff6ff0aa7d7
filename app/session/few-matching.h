/* SPDX-License-Identifier: MIT */
/* Which parts of two pictures match, asked of the worker. The UI thread only.
 *
 * Signals
 *   changed ()   an answer came, or is waited for */
#pragma once
#include "session/few-view.h"

G_BEGIN_DECLS
#define FEW_TYPE_MATCHING (few_matching_get_type ())
G_DECLARE_FINAL_TYPE (FewMatching, few_matching, FEW, MATCHING, GObject)

enum { FEW_MATCHES = 5 };

FewMatching *few_matching_new (FewDesk *desk);
/* NULL: nothing more; what is looked for in others ends. */
void few_matching_ask (FewMatching *self, FewPicture *one, FewPicture *other);
/* Of FewMatch, the best first; NULL: not known. Valid until the next “changed”. */
GArray *few_matching_get (FewMatching *self, FewHeatInfo *one, FewHeatInfo *other);
gboolean few_matching_is_asking (FewMatching *self);
/* Why there are none; NULL. */
const char *few_matching_get_problem (FewMatching *self);
G_END_DECLS
