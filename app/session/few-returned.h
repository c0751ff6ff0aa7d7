/* SPDX-License-Identifier: MIT */
/* Which pictures a step back was about: who undoes something wants to see what came of it. */
#pragma once
#include "session/few-examples.h"
#include "session/few-history.h"

G_BEGIN_DECLS
enum { FEW_RETURNED_MOST = 16384 }; /* records that are looked at: those of pieces that differ */

/* Numbers (guint) of the pictures that the second state has and the first has not, or of which it
 * says something else (class, labels, use, whether they take part), in the second's order. None
 * where more than MOST would be looked at, or where the two differ in how many labels a picture may
 * have: that was a step about everything. Free with g_array_unref. */
GArray *few_returned_find (const FewState *from, const FewState *to);
/* Those of these numbers that are there; FewPicture, borrowed. Free with g_ptr_array_unref. */
GPtrArray *few_returned_get (const GArray *ids, FewExamples *examples);
G_END_DECLS
