/* SPDX-License-Identifier: MIT */
/* Text as an array of code points, which rules about neighbours are easiest on. It may hold
 * U+0000. */
#pragma once
#include <glib.h>

typedef GArray FewCodepoints; /* gunichar */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewCodepoints, g_array_unref)

static inline FewCodepoints *
few_codepoints_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (gunichar));
}

static inline gunichar
few_codepoint (const FewCodepoints *text, gsize i)
{
  return g_array_index (text, gunichar, i);
}

static inline void
few_codepoints_add (FewCodepoints *text, gunichar c)
{
  g_array_append_val (text, c);
}

static inline void
few_codepoints_add_range (FewCodepoints *text, const FewCodepoints *from, gsize start, gsize n)
{
  if (n > 0)
    g_array_append_vals (text, &g_array_index (from, gunichar, start), (guint) n);
}

/* Valid UTF-8 */
static inline void
few_codepoints_add_utf8 (FewCodepoints *text, const char *utf8)
{
  for (; *utf8; utf8 = g_utf8_next_char (utf8))
    few_codepoints_add (text, g_utf8_get_char (utf8));
}

static inline gboolean
few_codepoints_equal (const FewCodepoints *a, const FewCodepoints *b)
{
  for (guint i = 0; a->len == b->len && i < a->len; i++)
    if (few_codepoint (a, i) != few_codepoint (b, i))
      return FALSE;
  return a->len == b->len;
}

/* What Python's str.isspace says. */
static inline gboolean
few_codepoint_is_space (gunichar c)
{
  return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0
         || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f
         || c == 0x205f || c == 0x3000;
}
