/* SPDX-License-Identifier: MIT */
/* A table of hashes with open addressing. */
#include "common/seen.h"
#include <fewshot.h>
#include <glib/gi18n.h>
#include <string.h>

enum { FIRST_SLOTS = 1024 };

struct FewSeen
{
  guint64 *slots; /* 0: free */
  gsize size, n;  /* size: a power of two */
};

FewSeen *
few_seen_new (void)
{
  FewSeen *seen = g_new0 (FewSeen, 1);
  seen->size = FIRST_SLOTS;
  seen->slots = g_new0 (guint64, seen->size);
  return seen;
}

void
few_seen_free (FewSeen *seen)
{
  g_free (seen->slots);
  g_free (seen);
}

static guint64
hash_of (const char *path, const char *stamp)
{
  guint8 digest[32];
  gsize length = sizeof digest;
  guint64 hash;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (sum, (const guchar *) stamp, (gssize) strlen (stamp) + 1);
  g_checksum_update (sum, (const guchar *) path, (gssize) strlen (path));
  g_checksum_get_digest (sum, digest, &length);
  memcpy (&hash, digest, sizeof hash);
  return hash ? hash : 1;
}

/* Where it is, or where it would be. */
static gsize
find_slot (const guint64 *slots, gsize size, guint64 hash)
{
  gsize slot = (gsize) hash & (size - 1);
  while (slots[slot] && slots[slot] != hash)
    slot = (slot + 1) & (size - 1);
  return slot;
}

static gboolean
grow (FewSeen *seen, GError **error)
{
  gsize size = 2 * seen->size;
  guint64 *slots = g_try_new0 (guint64, size);
  if (!slots)
    {
      g_set_error_literal (error, FEW_ERROR, FEW_ERROR_MEMORY,
                           _ ("There is not enough memory to remember which pictures were "
                              "answered. Close other programs, or watch fewer pictures."));
      return FALSE;
    }
  for (gsize i = 0; i < seen->size; i++)
    if (seen->slots[i])
      slots[find_slot (slots, size, seen->slots[i])] = seen->slots[i];
  g_free (seen->slots);
  seen->slots = slots;
  seen->size = size;
  return TRUE;
}

gboolean
few_seen_has (const FewSeen *seen, const char *path, const char *stamp)
{
  return seen->slots[find_slot (seen->slots, seen->size, hash_of (path, stamp))] != 0;
}

gboolean
few_seen_add (FewSeen *seen, const char *path, const char *stamp, GError **error)
{
  guint64 hash = hash_of (path, stamp);
  if (4 * (seen->n + 1) > 3 * seen->size && !grow (seen, error))
    return FALSE;
  gsize slot = find_slot (seen->slots, seen->size, hash);
  seen->n += seen->slots[slot] == 0;
  seen->slots[slot] = hash;
  return TRUE;
}
