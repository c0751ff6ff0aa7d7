/* SPDX-License-Identifier: MIT */
/* Decoded pictures on their way to a GPU: who decodes fills one handful after another in memory
 * that the device's copies read directly, a thread a batch in flight has them encoded meanwhile,
 * and the emptied ones go round. */
#pragma once
#include "backend/backend.h"
#include "formats/feature-cache.h"

typedef struct
{
  guint index;
  guint8 hash[FEW_HASH_BYTES]; /* of the file */
  guint8 key[FEW_HASH_BYTES];  /* of the part that is encoded */
} FewPendingPicture;

typedef struct
{
  guint n;
  FewPendingPicture *pictures;
  float *pixels;
} FewHandful;

typedef struct FewRing FewRing;
/* Encodes a handful on the stream of a lane; from at most backend->in_flight threads at once. */
typedef void (*FewHandfulFunc) (gpointer user, const FewHandful *handful, guint lane,
                                FewStream *stream);

/* For n handfuls of up to `most` pictures of so many floats. NULL where the backend wants none
 * of it, or memory or threads are short: the lanes encode what they decode, then. */
FewRing *few_ring_new (FewBackend *backend, guint n, guint most, gsize floats, FewHandfulFunc func,
                       gpointer user);
/* An empty one, for which it waits: given back by few_ring_give, with n pictures or none. */
FewHandful *few_ring_take (FewRing *ring);
void few_ring_give (FewRing *ring, FewHandful *handful);
/* Waits until all are encoded, and frees. */
void few_ring_free (FewRing *ring);
