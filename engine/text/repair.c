/* SPDX-License-Identifier: MIT */
/* The steps of ftfy's fix_text (Robyn Speer, ftfy 6) in their order. Surrogates are no step:
 * UTF-8 has none. */
#include "text/repair.h"
#include "text/entities.h"
#include "text/mojibake.h"
#include <string.h>

enum { LONGEST_LINE = 1000000 }; /* longer ones are taken in pieces */

/* Ligatures and digraphs that are spelled out; NULL for every other character. */
static const char *
spelled_out (gunichar c)
{
  static const struct
  {
    gunichar c;
    const char *letters;
  } ligatures[] = {
    { 0x132, "IJ" },  { 0x133, "ij" },  { 0x149, "ʼn" },  { 0x1f1, "DZ" },   { 0x1f2, "Dz" },
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

static FewCodepoints *
spell_out (const FewCodepoints *text)
{
  FewCodepoints *out = few_codepoints_new ();
  for (gsize i = 0; i < text->len; i++)
    {
      const char *letters = spelled_out (few_codepoint (text, i));
      if (letters)
        few_codepoints_add_utf8 (out, letters);
      else
        few_codepoints_add (out, few_codepoint (text, i));
    }
  return out;
}

/* Half-width and full-width forms as the characters they are forms of. */
static FewCodepoints *
set_width (const FewCodepoints *text)
{
  FewCodepoints *out = few_codepoints_new ();
  for (gsize i = 0; i < text->len; i++)
    {
      gunichar c = few_codepoint (text, i);
      char utf8[8] = { 0 };
      if (c >= 0xff01 && c <= 0xffef)
        {
          g_unichar_to_utf8 (c, utf8);
          g_autofree char *plain = g_utf8_normalize (utf8, -1, G_NORMALIZE_NFKC);
          few_codepoints_add_utf8 (out, plain);
        }
      else
        few_codepoints_add (out, c == 0x3000 ? ' ' : c);
    }
  return out;
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

/* Straight quotation marks, and \n at the end of each line. */
static FewCodepoints *
straighten (const FewCodepoints *text)
{
  FewCodepoints *out = few_codepoints_new ();
  for (gsize i = 0; i < text->len; i++)
    {
      gunichar c = straight (few_codepoint (text, i));
      if (c == '\r' && i + 1 < text->len && few_codepoint (text, i + 1) == '\n')
        continue;
      few_codepoints_add (out, c == '\r' || c == 0x2028 || c == 0x2029 || c == 0x85 ? '\n' : c);
    }
  return out;
}

/* The length of a terminal's escape sequence at `at`: ESC [ numbers; letter. */
static gsize
escape_length (const FewCodepoints *text, gsize at)
{
  gsize i = at + 2;
  if (i >= text->len || few_codepoint (text, at) != 0x1b || few_codepoint (text, at + 1) != '[')
    return 0;
  while (i < text->len
         && (g_unichar_isdigit (few_codepoint (text, i)) || few_codepoint (text, i) == ';'))
    i++;
  gunichar c = i < text->len ? few_codepoint (text, i) : 0;
  return c < 128 && g_ascii_isalpha ((char) c) ? i + 1 - at : 0;
}

static FewCodepoints *
drop_escapes (const FewCodepoints *text)
{
  FewCodepoints *out = few_codepoints_new ();
  for (gsize i = 0; i < text->len;)
    {
      gsize length = escape_length (text, i);
      if (length == 0)
        few_codepoints_add (out, few_codepoint (text, i++));
      i += length;
    }
  return out;
}

static gboolean
is_control (gunichar c)
{
  return c <= 0x08 || c == 0x0b || (c >= 0x0e && c <= 0x1f) || c == 0x7f
         || (c >= 0x206a && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffc);
}

/* Without control characters, composed. */
static FewCodepoints *
compose (const FewCodepoints *text)
{
  FewCodepoints *out = few_codepoints_new ();
  g_autoptr (GString) plain = g_string_new (NULL);
  for (gsize i = 0; i < text->len; i++)
    if (!is_control (few_codepoint (text, i)))
      g_string_append_unichar (plain, few_codepoint (text, i));
  g_autofree char *composed = g_utf8_normalize (plain->str, -1, G_NORMALIZE_NFC);
  few_codepoints_add_utf8 (out, composed);
  return out;
}

/* ---- all steps */

static void
take_step (FewCodepoints **text, FewCodepoints *(*step) (const FewCodepoints *text))
{
  FewCodepoints *next = step (*text);
  g_array_unref (*text);
  *text = next;
}

static FewCodepoints *
repair_line (FewCodepoints *line, gboolean unescape)
{
  FewCodepoints *text = g_array_ref (line);
  for (;;)
    {
      g_autoptr (FewCodepoints) before = g_array_ref (text);
      if (unescape)
        take_step (&text, few_html_unescape_sure);
      take_step (&text, few_mojibake_mend);
      few_mojibake_mend_c1 (text);
      take_step (&text, spell_out);
      take_step (&text, set_width);
      take_step (&text, straighten);
      take_step (&text, drop_escapes);
      take_step (&text, compose);
      if (few_codepoints_equal (text, before))
        return text;
    }
}

/* The end of the line that begins at `at`, behind its \n. */
static gsize
line_end (const FewCodepoints *text, gsize at)
{
  gsize end = at;
  while (end < text->len && few_codepoint (text, end) != '\n')
    end++;
  return MIN (MIN (end + 1, text->len), at + LONGEST_LINE);
}

FewCodepoints *
few_text_repair (const FewCodepoints *text)
{
  FewCodepoints *out = few_codepoints_new ();
  gboolean unescape = TRUE; /* up to the first "<": there the text is HTML itself */
  for (gsize at = 0; at < text->len;)
    {
      gsize end = line_end (text, at);
      for (gsize i = at; i < end; i++)
        unescape &= few_codepoint (text, i) != '<';
      g_autoptr (FewCodepoints) line = few_codepoints_new ();
      few_codepoints_add_range (line, text, at, end - at);
      g_autoptr (FewCodepoints) repaired = repair_line (line, unescape);
      few_codepoints_add_range (out, repaired, 0, repaired->len);
      at = end;
    }
  return out;
}
