/* SPDX-License-Identifier: MIT */
/* SHA-256 on a thread of its own, so that a fetch is not held up by it. */
#include "hub/hasher.h"
#include "base/hex.h"
#include <nettle/sha2.h>
#include <string.h>

enum { MOST_WAITING = 24 }; /* pieces */

struct FewHasher
{
  GThread *thread;
  GAsyncQueue *queue; /* Piece * */
};

struct FewHash
{
  FewHasher *hasher;
  struct sha256_ctx context; /* the thread's while pieces wait */
  GMutex lock;
  GCond changed;
  guint waiting;
};

typedef struct
{
  FewHash *hash; /* NULL: the end */
  gsize size;
  guint8 data[];
} Piece;

static gpointer
hash_pieces (gpointer data)
{
  FewHasher *hasher = data;
  for (;;)
    {
      g_autofree Piece *piece = g_async_queue_pop (hasher->queue);
      FewHash *hash = piece->hash;
      if (!hash)
        return NULL;
      sha256_update (&hash->context, piece->size, piece->data);
      g_mutex_lock (&hash->lock);
      hash->waiting--;
      g_cond_signal (&hash->changed);
      g_mutex_unlock (&hash->lock);
    }
}

FewHasher *
few_hasher_new (void)
{
  FewHasher *hasher = g_new0 (FewHasher, 1);
  hasher->queue = g_async_queue_new ();
  hasher->thread = g_thread_new ("few-hash", hash_pieces, hasher);
  return hasher;
}

void
few_hasher_free (FewHasher *hasher)
{
  g_async_queue_push (hasher->queue, g_new0 (Piece, 1));
  g_thread_join (hasher->thread);
  g_async_queue_unref (hasher->queue);
  g_free (hasher);
}

static void
wait_for_room (FewHash *hash, guint pieces)
{
  g_mutex_lock (&hash->lock);
  while (hash->waiting > pieces)
    g_cond_wait (&hash->changed, &hash->lock);
  g_mutex_unlock (&hash->lock);
}

FewHash *
few_hash_new (FewHasher *hasher)
{
  FewHash *hash = g_new0 (FewHash, 1);
  hash->hasher = hasher;
  g_mutex_init (&hash->lock);
  g_cond_init (&hash->changed);
  sha256_init (&hash->context);
  return hash;
}

void
few_hash_free (FewHash *hash)
{
  wait_for_room (hash, 0);
  g_mutex_clear (&hash->lock);
  g_cond_clear (&hash->changed);
  g_free (hash);
}

void
few_hash_update (FewHash *hash, const void *data, gsize size)
{
  Piece *piece = g_malloc (sizeof *piece + size);
  piece->hash = hash;
  piece->size = size;
  memcpy (piece->data, data, size);
  wait_for_room (hash, MOST_WAITING);
  g_mutex_lock (&hash->lock);
  hash->waiting++;
  g_mutex_unlock (&hash->lock);
  g_async_queue_push (hash->hasher->queue, piece);
}

void
few_hash_restart (FewHash *hash)
{
  wait_for_room (hash, 0);
  sha256_init (&hash->context);
}

char *
few_hash_finish (FewHash *hash)
{
  guint8 digest[SHA256_DIGEST_SIZE];
  char *text = g_malloc (2 * sizeof digest + 1);
  wait_for_room (hash, 0);
  sha256_digest (&hash->context, sizeof digest, digest); /* begins again */
  few_hex (digest, sizeof digest, text);
  return text;
}
