/* SPDX-License-Identifier: MIT */
/* Cleaning text before it is tokenized. Lower case is Python's: g_utf8_strdown follows the locale
 * and leaves what is no letter. */
#include "text/clean.h"
#include "text/entities.h"
#include "text/repair.h"
#include <string.h>

enum { MARK = 0x2581 }; /* SentencePiece's for a space */

/* ---- lower case */

static gboolean
is_cased (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);
  return type == G_UNICODE_UPPERCASE_LETTER || type == G_UNICODE_LOWERCASE_LETTER
         || type == G_UNICODE_TITLECASE_LETTER || c == 0xaa || c == 0xba
         || (c >= 0x2160 && c <= 0x217f) || (c >= 0x24b6 && c <= 0x24e9)
         || (c >= 0x1f130 && c <= 0x1f149) || (c >= 0x1f150 && c <= 0x1f169)
         || (c >= 0x1f170 && c <= 0x1f189);
}

/* Unicode's Case_Ignorable: what may stand inside a word without ending it. */
static gboolean
is_ignorable (gunichar c)
{
  static const gunichar marks[] = { '\'',   '.',    ':',    0xb7,   0x387,  0x55f,
                                    0x5f4,  0x2018, 0x2019, 0x2024, 0x2027, 0xfe13,
                                    0xfe52, 0xfe55, 0xff07, 0xff0e, 0xff1a };
  GUnicodeType type = g_unichar_type (c);
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if (marks[i] == c)
      return TRUE;
  return type == G_UNICODE_NON_SPACING_MARK || type == G_UNICODE_ENCLOSING_MARK
         || type == G_UNICODE_FORMAT || type == G_UNICODE_MODIFIER_LETTER
         || type == G_UNICODE_MODIFIER_SYMBOL;
}

/* Whether a letter with case stands on this side (step −1 or 1) of the character at `at`. */
static gboolean
letter_beside (const FewCodepoints *text, gsize at, int step)
{
  gssize i = (gssize) at + step;
  while (i >= 0 && i < (gssize) text->len && is_ignorable (few_codepoint (text, (gsize) i)))
    i += step;
  return i >= 0 && i < (gssize) text->len && is_cased (few_codepoint (text, (gsize) i));
}

void
few_text_add_lower (GString *out, gunichar c)
{
  if (c == 0x130) /* I with a dot keeps its dot */
    g_string_append (out, "i\u0307");
  else if (c >= 0x2160 && c <= 0x216f) /* Roman numbers */
    g_string_append_unichar (out, c + 16);
  else if (c >= 0x24b6 && c <= 0x24cf) /* letters in circles */
    g_string_append_unichar (out, c + 26);
  else
    g_string_append_unichar (out, g_unichar_tolower (c));
}

static char *
lower (const FewCodepoints *text)
{
  GString *out = g_string_new (NULL);
  for (gsize i = 0; i < text->len; i++)
    {
      gunichar c = few_codepoint (text, i);
      if (c == 0x3a3 && letter_beside (text, i, -1) && !letter_beside (text, i, 1))
        g_string_append_unichar (out, 0x3c2); /* the sigma at a word's end */
      else
        few_text_add_lower (out, c);
    }
  return g_string_free (out, FALSE);
}

/* ---- white space */

static FewCodepoints *
join_spaces (const FewCodepoints *text)
{
  FewCodepoints *out = few_codepoints_new ();
  gboolean gap = FALSE;
  for (gsize i = 0; i < text->len; i++)
    {
      gunichar c = few_codepoint (text, i);
      if (few_codepoint_is_space (c))
        {
          gap = out->len > 0;
          continue;
        }
      if (gap)
        few_codepoints_add (out, ' ');
      gap = FALSE;
      few_codepoints_add (out, c);
    }
  return out;
}

/* ---- the ways */

static FewCodepoints *
read_points (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  FewCodepoints *points = few_codepoints_new ();
  few_codepoints_add_utf8 (points, valid);
  return points;
}

/* Without ASCII's punctuation; "_" as a space, or gone like the others. */
static FewCodepoints *
drop_punctuation (const FewCodepoints *text, gboolean spaces)
{
  FewCodepoints *out = few_codepoints_new ();
  for (gsize i = 0; i < text->len; i++)
    {
      gunichar c = few_codepoint (text, i);
      if (c == '_' && spaces)
        few_codepoints_add (out, ' ');
      else if (c >= 128 || !g_ascii_ispunct ((char) c))
        few_codepoints_add (out, c);
    }
  return out;
}

static char *
write_points (const FewCodepoints *text)
{
  GString *out = g_string_new (NULL);
  for (gsize i = 0; i < text->len; i++)
    if (few_codepoint (text, i) != 0)
      g_string_append_unichar (out, few_codepoint (text, i));
  return g_string_free (out, FALSE);
}

/* ftfy's repairs, and HTML unescaped twice. */
static FewCodepoints *
mend (const char *text)
{
  g_autoptr (FewCodepoints) given = read_points (text);
  g_autoptr (FewCodepoints) repaired = few_text_repair (given);
  g_autoptr (FewCodepoints) once = few_html_unescape (repaired);
  return few_html_unescape (once);
}

char *
few_text_clean (const char *text)
{
  g_autoptr (FewCodepoints) mended = mend (text);
  g_autoptr (FewCodepoints) joined = join_spaces (mended);
  return lower (joined);
}

static char *
clean_spaces (const char *text)
{
  g_autoptr (FewCodepoints) mended = mend (text);
  g_autoptr (FewCodepoints) joined = join_spaces (mended);
  return write_points (joined);
}

static char *
clean_canonically (const char *text)
{
  g_autoptr (FewCodepoints) mended = mend (text);
  g_autoptr (FewCodepoints) bare = drop_punctuation (mended, TRUE);
  g_autoptr (FewCodepoints) joined = join_spaces (bare);
  return lower (joined);
}

static char *
clean_siglip (const char *text)
{
  g_autoptr (FewCodepoints) given = read_points (text);
  for (gsize i = 0; i < given->len; i++)
    if (few_codepoint (given, i) == MARK)
      g_array_index (given, gunichar, i) = ' ';
  few_codepoints_add (given, MARK);
  memmove (given->data + sizeof (gunichar), given->data, (given->len - 1) * sizeof (gunichar));
  g_array_index (given, gunichar, 0) = MARK;
  g_autofree char *low = lower (given);
  g_autoptr (FewCodepoints) points = read_points (low);
  g_autoptr (FewCodepoints) bare = drop_punctuation (points, FALSE);
  g_autoptr (FewCodepoints) joined = join_spaces (bare);
  return write_points (joined);
}

char *
few_text_clean_plainly (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *composed = g_utf8_normalize (valid, -1, G_NORMALIZE_NFC);
  GString *out = g_string_new (NULL);
  gboolean in_gap = FALSE;
  for (const char *p = composed; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      /* White_Space of Unicode: Python's without the four separators */
      gboolean space = few_codepoint_is_space (c) && !(c >= 0x1c && c <= 0x1f);
      if (!space)
        few_text_add_lower (out, c);
      else if (!in_gap)
        g_string_append_c (out, ' ');
      in_gap = space;
    }
  return g_string_free (out, FALSE);
}

char *
few_text_clean_as (FewCleaning cleaning, const char *text)
{
  switch (cleaning)
    {
    case FEW_CLEAN_LOWER:
      return few_text_clean (text);
    case FEW_CLEAN_PLAIN:
      return few_text_clean_plainly (text);
    case FEW_CLEAN_SPACES:
      return clean_spaces (text);
    case FEW_CLEAN_CANONICAL:
      return clean_canonically (text);
    case FEW_CLEAN_SIGLIP:
      return clean_siglip (text);
    case FEW_CLEAN_NOTHING:
    default:
      return g_utf8_make_valid (text, -1);
    }
}
