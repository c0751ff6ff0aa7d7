/* SPDX-License-Identifier: MIT */
/* Which shard a picture belongs to: the same on every machine, whatever else lies in the folder. */
#pragma once
#include <glib.h>

static inline guint
few_shard_of (const char *name, guint shards)
{
  guint64 hash = 0xcbf29ce484222325; /* FNV-1a, 64 bits */
  for (const guint8 *p = (const guint8 *) name; *p; p++)
    hash = (hash ^ *p) * 0x100000001b3;
  return (guint) (hash % shards);
}
