/* SPDX-License-Identifier: MIT */
/* Pictures by a key of each, such as its group: key << 32 | picture, so that what has the same key
 * follows one another, in the pictures' order. */
#pragma once
#include <glib.h>

static inline guint64
few_keyed (guint32 key, guint32 picture)
{
  return (guint64) key << 32 | picture;
}

static inline guint32
few_keyed_picture (guint64 keyed)
{
  return (guint32) keyed;
}

static inline gboolean
few_keyed_is_same (guint64 one, guint64 other)
{
  return one >> 32 == other >> 32;
}

void few_keyed_sort (guint64 *keyed, guint n);
