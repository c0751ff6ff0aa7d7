/* SPDX-License-Identifier: MIT */
/* The contenders of all pictures of a snapshot, one after the other: what is read at each α in the
 * place of the tables. */
#pragma once
#include "lens/snapshot.h"

struct FewEnvelope
{
  /* [3 n + 1] where those before a picture's own class begin, it, and those behind it; nothing
   * between them where the tables themselves are read */
  guint32 *bounds;
  guint32 *classes; /* [bounds [3 n]] */
  float *at, *ft; /* [bounds [3 n]] */
};

/* NULL: cancelled, or there is no room, or it would not be small beside the tables. */
FewEnvelope *few_envelope_new (const FewSnapshot *snapshot, GCancellable *cancellable);
void few_envelope_free (FewEnvelope *envelope);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewEnvelope, few_envelope_free)
