/* SPDX-License-Identifier: MIT */
/* The trie's units (Darts-clone): bit 31 marks one that holds a value, bit 8 one that has such a
 * child, bits 0–7 are the byte that leads there, bits 10–30 the way on, times 256 where bit 9 is
 * set. */
#include "text/charsmap.h"
#include <string.h>

enum { MAX_BYTES = 16 << 20, CLUSTER = 6 };

struct FewCharsmap
{
  guint32 *units;
  gsize n_units;
  char *texts; /* each closed by a zero byte, and all of them by another */
  gsize n_texts;
};

FewCharsmap *
few_charsmap_new (const guint8 *data, gsize length)
{
  guint32 bytes = 0;
  if (length == 0)
    return g_new0 (FewCharsmap, 1);
  if (length < 4 || length > MAX_BYTES)
    return NULL;
  memcpy (&bytes, data, sizeof bytes);
  bytes = GUINT32_FROM_LE (bytes);
  if (bytes > length - 4 || bytes % 4 != 0 || bytes == 0)
    return NULL;
  FewCharsmap *map = g_new0 (FewCharsmap, 1);
  map->n_units = bytes / 4;
  map->units = g_new (guint32, map->n_units);
  memcpy (map->units, data + 4, bytes);
  for (gsize i = 0; i < map->n_units; i++)
    map->units[i] = GUINT32_FROM_LE (map->units[i]);
  map->n_texts = length - 4 - bytes;
  map->texts = g_malloc (map->n_texts + 1);
  memcpy (map->texts, data + 4 + bytes, map->n_texts);
  map->texts[map->n_texts] = 0;
  return map;
}

void
few_charsmap_free (FewCharsmap *map)
{
  g_free (map->units);
  g_free (map->texts);
  g_free (map);
}

static gsize
offset_of (guint32 unit)
{
  return (gsize) (unit >> 10) << ((unit & 1u << 9) >> 6);
}

/* The replacement of a beginning of the text, the longest or the shortest; NULL where there is
 * none. */
static const char *
find (const FewCharsmap *map, const char *text, gsize n, gboolean longest, gsize *used)
{
  const char *found = NULL;
  gsize at = map->n_units > 0 ? offset_of (map->units[0]) : 0;
  for (gsize i = 0; i < n && map->n_units > 0; i++)
    {
      at ^= (guint8) text[i];
      if (at >= map->n_units || (map->units[at] & (1u << 31 | 0xff)) != (guint8) text[i])
        break;
      guint32 unit = map->units[at];
      at ^= offset_of (unit);
      if (!(unit & 1u << 8) || at >= map->n_units)
        continue;
      gsize value = map->units[at] & ~(1u << 31);
      if (value >= map->n_texts || !g_utf8_validate (map->texts + value, -1, NULL))
        continue;
      found = map->texts + value;
      *used = i + 1;
      if (!longest)
        break;
    }
  return found;
}

const char *
few_charsmap_longest (const FewCharsmap *map, const char *text, gsize n, gsize *used, gsize *length)
{
  const char *found = find (map, text, n, TRUE, used);
  if (!found)
    {
      found = text;
      *used = MIN (n, (gsize) (g_utf8_next_char (text) - text));
      *length = *used;
    }
  else
    *length = strlen (found);
  return found;
}

/* Whether a character belongs to the one before it (Unicode's clusters, as far as they fit into
 * less than six bytes: none of the rules for Hangul, flags or emoji does). */
static gboolean
continues (gunichar before, gunichar c)
{
  GUnicodeType type = g_unichar_type (c);
  gboolean prepends = (before >= 0x600 && before <= 0x605) || before == 0x6dd || before == 0x70f;
  if (before == '\r' && c == '\n')
    return TRUE;
  GUnicodeType type_before = g_unichar_type (before);
  if (type_before == G_UNICODE_CONTROL || type_before == G_UNICODE_LINE_SEPARATOR
      || type_before == G_UNICODE_PARAGRAPH_SEPARATOR
      || (type_before == G_UNICODE_FORMAT && !prepends && before != 0x200c && before != 0x200d))
    return FALSE;
  return type == G_UNICODE_NON_SPACING_MARK || type == G_UNICODE_ENCLOSING_MARK
         || type == G_UNICODE_SPACING_MARK || c == 0x200c || c == 0x200d || c == 0xff9e
         || c == 0xff9f || (c >= 0x1f3fb && c <= 0x1f3ff) || c == 0xe33 || c == 0xeb3
         || (prepends && type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT);
}

static gsize
measure_cluster (const char *text)
{
  gunichar before = g_utf8_get_char (text);
  const char *p = g_utf8_next_char (text);
  while (*p && continues (before, g_utf8_get_char (p)))
    {
      before = g_utf8_get_char (p);
      p = g_utf8_next_char (p);
    }
  return (gsize) (p - text);
}

void
few_charsmap_apply (const FewCharsmap *map, const char *text, GString *out)
{
  while (*text)
    {
      gsize used;
      gsize cluster = measure_cluster (text);
      const char *whole = cluster < CLUSTER ? find (map, text, cluster, FALSE, &used) : NULL;
      if (whole)
        g_string_append (out, whole);
      for (const char *p = text; !whole && p < text + cluster; p = g_utf8_next_char (p))
        {
          gsize n = (gsize) (g_utf8_next_char (p) - p);
          const char *one = find (map, p, n, FALSE, &used);
          g_string_append_len (out, one ? one : p, one ? (gssize) strlen (one) : (gssize) n);
        }
      text += cluster;
    }
}
