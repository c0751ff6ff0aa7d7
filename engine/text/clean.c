/* SPDX-License-Identifier: MIT */
/* CLIP's cleaning of text: HTML entities, white space, case. */
#include "text/clean.h"
#include <string.h>

static const struct
{
  const char *name;
  gunichar value;
} entities[] = {
  { "amp", '&' },      { "lt", '<' },       { "gt", '>' },        { "quot", '"' },
  { "apos", '\'' },    { "nbsp", 0xa0 },    { "copy", 0xa9 },     { "reg", 0xae },
  { "deg", 0xb0 },     { "eacute", 0xe9 },  { "egrave", 0xe8 },   { "agrave", 0xe0 },
  { "ccedil", 0xe7 },  { "ntilde", 0xf1 },  { "ouml", 0xf6 },     { "auml", 0xe4 },
  { "uuml", 0xfc },    { "szlig", 0xdf },   { "hellip", 0x2026 }, { "ndash", 0x2013 },
  { "mdash", 0x2014 }, { "lsquo", 0x2018 }, { "rsquo", 0x2019 },  { "ldquo", 0x201c },
  { "rdquo", 0x201d }, { "euro", 0x20ac },  { "times", 0xd7 },    { "middot", 0xb7 },
  { "trade", 0x2122 }, { "bull", 0x2022 },
};

/* The character of the entity that begins at `text` ('&'), and its length; 0 when it is none. */
static gunichar
entity_at (const char *text, gsize *length)
{
  const char *end = strchr (text, ';');
  if (!end || end - text > 12)
    return 0;
  *length = (gsize) (end - text) + 1;
  if (text[1] == '#')
    {
      gboolean hex = text[2] == 'x' || text[2] == 'X';
      const char *digits = text + (hex ? 3 : 2);
      char *stop = NULL;
      guint base = hex ? 16 : 10;
      guint64 value = g_ascii_isxdigit (*digits) ? g_ascii_strtoull (digits, &stop, base) : 0;
      return stop == end && value > 0 && value < 0x110000 && g_unichar_validate ((gunichar) value)
                 ? (gunichar) value
                 : 0;
    }
  for (guint i = 0; i < G_N_ELEMENTS (entities); i++)
    if (strlen (entities[i].name) == *length - 2
        && strncmp (text + 1, entities[i].name, *length - 2) == 0)
      return entities[i].value;
  return 0;
}

static char *
unescape (const char *text)
{
  GString *out = g_string_new (NULL);
  for (const char *p = text; *p;)
    {
      gsize length = 0;
      gunichar c = *p == '&' ? entity_at (p, &length) : 0;
      if (c)
        {
          g_string_append_unichar (out, c);
          p += length;
        }
      else
        g_string_append_c (out, *p++);
    }
  return g_string_free (out, FALSE);
}

static gunichar
straight (gunichar c)
{
  if ((c >= 0x2018 && c <= 0x201b) || c == 0x02bc)
    return '\'';
  if (c >= 0x201c && c <= 0x201f)
    return '"';
  return c;
}

/* Ligatures and digraphs that ftfy spells out; NULL for every other character. */
static const char *
spelled_out (gunichar c)
{
  static const struct
  {
    gunichar c;
    const char *letters;
  } ligatures[] = {
    { 0x132, "IJ" },  { 0x133, "ij" },  { 0x149, "'n" },  { 0x1f1, "DZ" },   { 0x1f2, "Dz" },
    { 0x1f3, "dz" },  { 0x1c4, "DŽ" },  { 0x1c5, "Dž" },  { 0x1c6, "dž" },   { 0x1c7, "LJ" },
    { 0x1c8, "Lj" },  { 0x1c9, "lj" },  { 0x1ca, "NJ" },  { 0x1cb, "Nj" },   { 0x1cc, "nj" },
    { 0xfb00, "ff" }, { 0xfb01, "fi" }, { 0xfb02, "fl" }, { 0xfb03, "ffi" }, { 0xfb04, "ffl" },
    { 0xfb05, "ſt" }, { 0xfb06, "st" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (ligatures); i++)
    if (ligatures[i].c == c)
      return ligatures[i].letters;
  return NULL;
}

/* Unicode's rule for the capital sigma, which g_utf8_strdown applies to a sigma that stands
 * alone, too. */
static gunichar
lower_sigma (const char *text, const char *p)
{
  const char *next = g_utf8_next_char (p);
  gboolean after_letter = p > text && g_unichar_isalpha (g_utf8_get_char (g_utf8_prev_char (p)));
  gboolean before_letter = *next && g_unichar_isalpha (g_utf8_get_char (next));
  return after_letter && !before_letter ? 0x3c2 : 0x3c3;
}

char *
few_text_clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *composed = g_utf8_normalize (valid, -1, G_NORMALIZE_NFC);
  GString *plain = g_string_new (NULL);
  for (const char *p = composed; *p; p = g_utf8_next_char (p))
    {
      gunichar c = straight (g_utf8_get_char (p));
      const char *letters = spelled_out (c);
      if (letters)
        g_string_append (plain, letters);
      else if (c >= 32 || c == '\t' || c == '\n' || c == '\r')
        g_string_append_unichar (plain, c);
    }
  g_autofree char *quoted = g_string_free (plain, FALSE);
  g_autofree char *once = unescape (quoted);
  g_autofree char *twice = unescape (once);
  GString *spaced = g_string_new (NULL);
  gboolean gap = FALSE;
  for (const char *p = twice; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (g_unichar_isspace (c))
        {
          gap = spaced->len > 0;
          continue;
        }
      if (gap)
        g_string_append_c (spaced, ' ');
      gap = FALSE;
      g_string_append_unichar (spaced, c == 0x3a3 ? lower_sigma (twice, p) : c);
    }
  g_autofree char *joined = g_string_free (spaced, FALSE);
  return g_utf8_strdown (joined, -1);
}
