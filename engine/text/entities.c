/* SPDX-License-Identifier: MIT */
/* HTML's character references: the names of HTML5 (a table made of Python's), and numbers. */
#include "text/entities.h"
#include "text-entities.h"
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 32 }; /* the longest name, with its semicolon */

typedef struct
{
  const char *name;
  int use;
} Wanted;

static int
compare_name (const void *key, const void *entry)
{
  const Wanted *wanted = key;
  /* clang's analysis does not see what a table of this size begins with. */
  return strcmp (wanted->name, *(const char *const *) entry); /* NOLINT(clang-analyzer-core.*) */
}

/* The text that a name stands for in one of the two uses; NULL: it is none. */
static const char *
find_entity (const char *name, int use)
{
  const Wanted wanted = { name, use };
  const char *const *found =
      bsearch (&wanted, entities, G_N_ELEMENTS (entities), sizeof entities[0], compare_name);
  gsize at =
      found ? (gsize) ((const char *) found - (const char *) entities) / sizeof entities[0] : 0;
  return found && entities[at].use & use ? entities[at].text : NULL;
}

/* ---- numbers */

/* What HTML5 makes of a number that is no character: Windows' characters in the place of C1. */
static void
add_number (FewCodepoints *out, guint64 number)
{
  static const gunichar windows[32] = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178,
  };
  gunichar c = (gunichar) MIN (number, 0x110000);
  if (c >= 0x80 && c <= 0x9f)
    few_codepoints_add (out, windows[c - 0x80]);
  else if (c == 0 || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
    few_codepoints_add (out, 0xfffd);
  else if (!((c < 0x20 && c != '\t' && c != '\n' && c != '\f' && c != '\r') || c == 0x7f
             || (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe))
    few_codepoints_add (out, c); /* those HTML5 has no use for are dropped */
}

/* A "#12;" or "#xab;" at `at`, behind the ampersand: its length, and what it stands for is added;
 * 0: it is none. */
static gsize
take_number (FewCodepoints *out, const FewCodepoints *text, gsize at)
{
  gsize i = at + 1;
  guint64 number = 0;
  gboolean hex = i < text->len && (few_codepoint (text, i) | 0x20) == 'x';
  gsize first = i += hex;
  for (; i < text->len; i++)
    {
      gunichar c = few_codepoint (text, i);
      int digit = -1;
      if (c < 128)
        digit = hex ? g_ascii_xdigit_value ((char) c) : g_ascii_digit_value ((char) c);
      if (digit < 0)
        break;
      number = MIN (number * (hex ? 16 : 10) + (guint) digit, 0x110000);
    }
  if (i == first)
    return 0;
  add_number (out, number);
  return i + (i < text->len && few_codepoint (text, i) == ';') - at;
}

/* ---- names */

/* The longest name that the word at `at` begins with: its length, and its text is added; 0: there
 * is none. */
static gsize
take_name (FewCodepoints *out, const FewCodepoints *text, gsize at)
{
  char word[LONGEST + 2] = { 0 };
  gsize n = 0;
  for (; n < LONGEST + 1 && at + n < text->len; n++)
    {
      gunichar c = few_codepoint (text, at + n);
      if (c >= 128 || !(g_ascii_isalnum ((char) c) || c == ';')) /* no name has another */
        break;
      word[n] = (char) c;
      if (c == ';')
        {
          n++;
          break;
        }
    }
  for (; n > 1; n--)
    {
      word[n] = '\0';
      const char *found = find_entity (word, ENTITY_UNESCAPE);
      if (!found)
        continue;
      few_codepoints_add_utf8 (out, found);
      return n;
    }
  return 0;
}

FewCodepoints *
few_html_unescape (const FewCodepoints *text)
{
  FewCodepoints *out = few_codepoints_new ();
  for (gsize i = 0; i < text->len;)
    {
      gunichar c = few_codepoint (text, i++);
      gboolean number = c == '&' && i < text->len && few_codepoint (text, i) == '#';
      gsize taken = 0;
      if (number)
        taken = take_number (out, text, i);
      else if (c == '&')
        taken = take_name (out, text, i);
      if (taken == 0)
        few_codepoints_add (out, c);
      i += taken;
    }
  return out;
}

/* ---- ftfy's */

/* The length of "&word;" or "&#word;" at `at`, of at most 24 letters and digits; 0: it is none. */
static gsize
sure_length (const FewCodepoints *text, gsize at)
{
  gsize i = at + 1;
  i += i < text->len && few_codepoint (text, i) == '#';
  gsize first = i;
  while (i < text->len && i - first < 24 && few_codepoint (text, i) < 128
         && g_ascii_isalnum ((char) few_codepoint (text, i)))
    i++;
  return i > first && i < text->len && few_codepoint (text, i) == ';' ? i + 1 - at : 0;
}

/* Adds what the reference of `length` at `at` stands for; FALSE: it is left as it is. */
static gboolean
take_sure (FewCodepoints *out, const FewCodepoints *text, gsize at, gsize length)
{
  guint before = out->len;
  if (few_codepoint (text, at + 1) == '#')
    {
      /* all of it, and not a semicolon itself */
      gsize taken = take_number (out, text, at + 1);
      if (taken == length - 1 && !(out->len > before && few_codepoint (out, before) == ';'))
        return TRUE;
      g_array_set_size (out, before);
      return FALSE;
    }
  char name[LONGEST + 1] = { 0 };
  for (gsize i = 1; i < length; i++)
    name[i - 1] = (char) few_codepoint (text, at + i);
  const char *found = find_entity (name, ENTITY_REPAIR);
  if (found)
    few_codepoints_add_utf8 (out, found);
  return found != NULL;
}

FewCodepoints *
few_html_unescape_sure (const FewCodepoints *text)
{
  FewCodepoints *out = few_codepoints_new ();
  for (gsize i = 0; i < text->len;)
    {
      gsize length = few_codepoint (text, i) == '&' ? sure_length (text, i) : 0;
      if (length > 0 && take_sure (out, text, i, length))
        i += length;
      else if (length > 0)
        {
          few_codepoints_add_range (out, text, i, length);
          i += length;
        }
      else
        few_codepoints_add (out, few_codepoint (text, i++));
    }
  return out;
}
