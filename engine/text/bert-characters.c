/* SPDX-License-Identifier: MIT */
/* GLib's kinds, but for the characters that are younger than the library's tables. */
#include "text/bert-characters.h"

/* Where marks, punctuation and format characters were assigned after Unicode 8, and no older ones
 * are. */
static const struct
{
  gunichar first, last;
} younger[] = {
  { 0x61d, 0x61d },     { 0x7fd, 0x7fd },     { 0x890, 0x8e2 },     { 0x9fd, 0x9fe },
  { 0xa76, 0xa76 },     { 0xafa, 0xaff },     { 0xb55, 0xb55 },     { 0xc04, 0xc3c },
  { 0xc77, 0xc77 },     { 0xc84, 0xc84 },     { 0xd00, 0xd00 },     { 0xd3b, 0xd3c },
  { 0xd81, 0xd81 },     { 0xeba, 0xeba },     { 0x180f, 0x1886 },   { 0x1abf, 0x1ace },
  { 0x1b7d, 0x1b7e },   { 0x1df6, 0x1dfb },   { 0x2e43, 0x2e5d },   { 0xa82c, 0xa82c },
  { 0xa8c5, 0xa8c5 },   { 0xa8ff, 0xa8ff },   { 0xa9bd, 0xa9bd },   { 0x10d24, 0x10f89 },
  { 0x11070, 0x11074 }, { 0x110c2, 0x110cd }, { 0x111c9, 0x111c9 }, { 0x111cf, 0x111cf },
  { 0x1123e, 0x1123e }, { 0x1133b, 0x1133b }, { 0x11438, 0x1145e }, { 0x11660, 0x1166c },
  { 0x116b9, 0x116b9 }, { 0x1182f, 0x11fff }, { 0x12ff1, 0x13438 }, { 0x16e97, 0x16f4f },
  { 0x16fe2, 0x16fe4 }, { 0x1cf00, 0x1cf46 }, { 0x1e000, 0x1e2ef }, { 0x1e944, 0x1e95f },
};

static gboolean
is_younger (gunichar c)
{
  for (guint i = 0; i < G_N_ELEMENTS (younger) && younger[i].first <= c; i++)
    if (c <= younger[i].last)
      return TRUE;
  return FALSE;
}

gboolean
few_bert_is_mark (gunichar c)
{
  return g_unichar_type (c) == G_UNICODE_NON_SPACING_MARK && !is_younger (c);
}

/* What GLib counts as punctuation, and Unicode does not. */
static gboolean
is_symbol (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);
  return type == G_UNICODE_CURRENCY_SYMBOL || type == G_UNICODE_MODIFIER_SYMBOL
         || type == G_UNICODE_MATH_SYMBOL || type == G_UNICODE_OTHER_SYMBOL;
}

gboolean
few_bert_is_punctuation (gunichar c)
{
  if (c < 128)
    return g_ascii_ispunct ((char) c);
  return g_unichar_ispunct (c) && !is_symbol (c) && !is_younger (c);
}

gboolean
few_bert_is_control (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);
  gboolean kept = c == '\t' || c == '\n' || c == '\r';
  return !kept && !is_younger (c)
         && (type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT || type == G_UNICODE_PRIVATE_USE
             || type == G_UNICODE_SURROGATE);
}

gboolean
few_bert_is_chinese (gunichar c)
{
  return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf)
         || (c >= 0x20000 && c <= 0x2a6df) || (c >= 0x2a700 && c <= 0x2b73f)
         || (c >= 0x2b740 && c <= 0x2b81f) || (c >= 0x2b920 && c <= 0x2ceaf)
         || (c >= 0xf900 && c <= 0xfaff) || (c >= 0x2f800 && c <= 0x2fa1f);
}
