/* SPDX-License-Identifier: MIT */
/* ftfy's rules for text that was decoded with the wrong encoding (Robyn Speer, ftfy 6): kinds of
 * characters that do not stand beside each other in any language, but do where UTF-8 was read as
 * one of the single-byte encodings. */
#include "text/badness.h"

enum {
  COMMON = 1 << 0,   /* punctuation that is everywhere */
  C1 = 1 << 1,       /* control characters that nobody means */
  BAD = 1 << 2,      /* hardly ever meant */
  LAW = 1 << 3,
  CURRENCY = 1 << 4,
  OPENING = 1 << 5,  /* punctuation before a word */
  CLOSING = 1 << 6,  /* and behind one */
  NUMERIC = 1 << 7,
  FACE = 1 << 8,     /* letters that faces are made of */
  UPPER = 1 << 9,    /* accented letters */
  LOWER = 1 << 10,
  UPPER_COMMON = 1 << 11, /* letters that end words in other scripts */
  LOWER_COMMON = 1 << 12,
  BOX = 1 << 13,     /* lines and blocks */
  /* these are found by rule */
  LATIN_LOWER = 1 << 14, /* a to z */
  LATIN_UPPER = 1 << 15,
  SPACE = 1 << 16,
  WORD = 1 << 17,    /* a letter, digit or _ */
  NO_LATIN = 1 << 18, /* anything but a to z and A to Z */
  IN_LINE = 1 << 19, /* anything but a line's end */
  LATIN = LATIN_LOWER | LATIN_UPPER,
  ACCENTED = UPPER | LOWER,
};

static const struct
{
  gunichar first, last;
  guint kinds;
} characters[] = {
  { 0x80, 0x9f, C1 },
  { 0xa0, 0xa0, COMMON },
  { 0xa1, 0xa1, OPENING },
  { 0xa2, 0xa3, CURRENCY },
  { 0xa4, 0xa4, BAD },
  { 0xa5, 0xa5, CURRENCY },
  { 0xa6, 0xa6, BAD },
  { 0xa7, 0xa7, LAW },
  { 0xa8, 0xa8, BAD },
  { 0xa9, 0xa9, OPENING },
  { 0xaa, 0xaa, BAD },
  { 0xab, 0xab, OPENING },
  { 0xac, 0xac, BAD },
  { 0xad, 0xad, COMMON },
  { 0xae, 0xae, CLOSING },
  { 0xaf, 0xaf, BAD },
  { 0xb0, 0xb0, FACE },
  { 0xb1, 0xb3, NUMERIC },
  { 0xb4, 0xb4, COMMON },
  { 0xb5, 0xb5, NUMERIC },
  { 0xb6, 0xb6, LAW },
  { 0xb7, 0xb7, COMMON },
  { 0xb8, 0xb8, BAD },
  { 0xb9, 0xb9, NUMERIC },
  { 0xba, 0xba, BAD },
  { 0xbb, 0xbb, CLOSING },
  { 0xbc, 0xbe, NUMERIC },
  { 0xbf, 0xbf, OPENING },
  { 0xc0, 0xd1, UPPER },
  { 0xd2, 0xd6, FACE },
  { 0xd7, 0xd7, NUMERIC },
  { 0xd8, 0xd8, UPPER },
  { 0xd9, 0xdb, FACE },
  { 0xdc, 0xdc, FACE | UPPER },
  { 0xdd, 0xdd, UPPER },
  { 0xde, 0xde, UPPER_COMMON },
  { 0xdf, 0xf1, LOWER },
  { 0xf2, 0xf6, FACE },
  { 0xf7, 0xf7, NUMERIC },
  { 0xf8, 0xfb, FACE },
  { 0xfc, 0xfc, FACE | LOWER },
  { 0x100, 0x100, UPPER },
  { 0x101, 0x101, LOWER },
  { 0x102, 0x102, UPPER },
  { 0x103, 0x103, LOWER },
  { 0x104, 0x104, UPPER },
  { 0x105, 0x105, LOWER },
  { 0x106, 0x106, UPPER },
  { 0x107, 0x107, LOWER },
  { 0x10c, 0x10c, UPPER },
  { 0x10d, 0x10d, LOWER },
  { 0x10e, 0x10e, UPPER },
  { 0x10f, 0x10f, LOWER },
  { 0x110, 0x110, UPPER },
  { 0x111, 0x111, LOWER },
  { 0x112, 0x112, UPPER },
  { 0x113, 0x113, LOWER },
  { 0x116, 0x116, UPPER },
  { 0x117, 0x117, LOWER },
  { 0x118, 0x118, UPPER },
  { 0x119, 0x119, LOWER },
  { 0x11a, 0x11a, UPPER },
  { 0x11b, 0x11b, LOWER },
  { 0x11e, 0x11e, UPPER },
  { 0x11f, 0x11f, LOWER },
  { 0x122, 0x122, UPPER },
  { 0x123, 0x123, LOWER },
  { 0x12a, 0x12a, UPPER },
  { 0x12b, 0x12b, LOWER },
  { 0x12f, 0x12f, LOWER },
  { 0x130, 0x130, UPPER },
  { 0x136, 0x136, UPPER },
  { 0x137, 0x137, LOWER },
  { 0x139, 0x139, UPPER },
  { 0x13a, 0x13a, LOWER },
  { 0x13b, 0x13b, UPPER },
  { 0x13c, 0x13c, LOWER },
  { 0x13d, 0x13d, UPPER },
  { 0x13e, 0x13e, LOWER },
  { 0x141, 0x141, UPPER },
  { 0x142, 0x142, LOWER },
  { 0x143, 0x143, UPPER },
  { 0x145, 0x145, UPPER },
  { 0x147, 0x147, UPPER },
  { 0x14c, 0x14c, FACE },
  { 0x150, 0x150, FACE },
  { 0x152, 0x152, UPPER },
  { 0x153, 0x153, LOWER },
  { 0x155, 0x155, LOWER },
  { 0x158, 0x158, UPPER },
  { 0x15a, 0x15a, UPPER },
  { 0x15b, 0x15b, LOWER },
  { 0x15e, 0x15e, UPPER },
  { 0x15f, 0x15f, LOWER },
  { 0x160, 0x160, UPPER },
  { 0x161, 0x161, LOWER },
  { 0x162, 0x162, UPPER },
  { 0x164, 0x164, UPPER },
  { 0x165, 0x165, LOWER },
  { 0x16a, 0x16a, FACE },
  { 0x16e, 0x16e, UPPER },
  { 0x170, 0x170, UPPER },
  { 0x172, 0x172, FACE },
  { 0x178, 0x179, UPPER },
  { 0x17a, 0x17a, LOWER },
  { 0x17b, 0x17b, UPPER },
  { 0x17c, 0x17c, LOWER },
  { 0x17d, 0x17d, UPPER },
  { 0x17e, 0x17e, LOWER },
  { 0x192, 0x192, BAD },
  { 0x2c6, 0x2c7, BAD },
  { 0x2d8, 0x2d8, BAD },
  { 0x2db, 0x2dc, BAD },
  { 0x2dd, 0x2dd, CLOSING },
  { 0x384, 0x385, OPENING },
  { 0x386, 0x386, UPPER_COMMON },
  { 0x388, 0x38a, UPPER_COMMON },
  { 0x38c, 0x38c, UPPER_COMMON },
  { 0x38e, 0x38f, UPPER_COMMON },
  { 0x391, 0x3ab, UPPER_COMMON },
  { 0x3ac, 0x3c9, LOWER_COMMON },
  { 0x401, 0x42f, UPPER_COMMON },
  { 0x430, 0x45f, LOWER_COMMON },
  { 0x490, 0x490, UPPER },
  { 0x491, 0x491, LOWER },
  { 0x2013, 0x2015, COMMON },
  { 0x2018, 0x2018, OPENING },
  { 0x2019, 0x2019, COMMON },
  { 0x201a, 0x201a, OPENING },
  { 0x201c, 0x201c, OPENING },
  { 0x201d, 0x201d, CLOSING },
  { 0x201e, 0x201e, OPENING },
  { 0x2020, 0x2021, BAD },
  { 0x2022, 0x2022, OPENING },
  { 0x2026, 0x2026, COMMON },
  { 0x2030, 0x2030, BAD },
  { 0x2039, 0x2039, OPENING },
  { 0x203a, 0x203a, CLOSING },
  { 0x2044, 0x2044, NUMERIC },
  { 0x20a7, 0x20a7, CURRENCY },
  { 0x20ac, 0x20ac, CURRENCY },
  { 0x2116, 0x2116, NUMERIC },
  { 0x2122, 0x2122, CLOSING },
  { 0x2202, 0x2202, NUMERIC },
  { 0x2206, 0x2206, NUMERIC },
  { 0x220f, 0x220f, NUMERIC },
  { 0x2211, 0x2211, NUMERIC },
  { 0x221a, 0x221a, NUMERIC },
  { 0x221e, 0x221e, NUMERIC },
  { 0x2229, 0x2229, NUMERIC },
  { 0x222b, 0x222b, NUMERIC },
  { 0x2248, 0x2248, NUMERIC },
  { 0x2260, 0x2261, NUMERIC },
  { 0x2264, 0x2265, NUMERIC },
  { 0x2310, 0x2310, BAD },
  { 0x2502, 0x2502, BOX },
  { 0x250c, 0x250c, BOX },
  { 0x2510, 0x2510, BOX },
  { 0x2518, 0x2518, BOX },
  { 0x251c, 0x251c, BOX },
  { 0x2524, 0x2524, BOX },
  { 0x252c, 0x252c, BOX },
  { 0x253c, 0x253c, BOX },
  { 0x2550, 0x256c, BOX },
  { 0x2580, 0x2580, BOX },
  { 0x2584, 0x2584, BOX },
  { 0x2588, 0x2588, BOX },
  { 0x258c, 0x258c, BOX },
  { 0x2590, 0x2593, BOX },
  { 0x25ca, 0x25ca, BAD },
  { 0xf8ff, 0xf8ff, OPENING },
  { 0xfb01, 0xfb02, LOWER },
  { 0xfffd, 0xfffd, BAD },
};

/* What may stand in one place: a kind, or one of these characters. */
typedef struct
{
  guint kinds;
  const char *also;
} Place;

typedef struct
{
  Place places[7];
} Rule;

#define BAD_NEIGHBOUR (ACCENTED | BOX | OPENING | CLOSING | CURRENCY | NUMERIC | LAW)
#define ARABIC { 0, "ØÙ" }, { COMMON | CURRENCY | BAD | NUMERIC | OPENING, "ŸŠ®°µ»" }
static const Rule rules[] = {
  { { { C1, NULL } } },
  { { { BAD | BAD_NEIGHBOUR, NULL }, { BAD, NULL } } },
  { { { LATIN, NULL }, { LOWER_COMMON | UPPER_COMMON, NULL }, { BAD, NULL } } },
  { { { BAD, NULL }, { BAD_NEIGHBOUR, NULL } } },
  { { { LOWER | LOWER_COMMON | BOX | CLOSING | CURRENCY | NUMERIC, NULL }, { UPPER, NULL } } },
  { { { BOX | CLOSING | CURRENCY | NUMERIC, NULL }, { LOWER, NULL } } },
  { { { LOWER | BOX | CLOSING, NULL }, { CURRENCY, NULL } } },
  { { { SPACE, NULL }, { UPPER, NULL }, { CURRENCY, NULL } } },
  { { { UPPER | BOX, NULL }, { NUMERIC | LAW, NULL } } },
  { { { ACCENTED | BOX | CURRENCY | CLOSING, NULL }, { OPENING, NULL }, { NUMERIC, NULL } } },
  { { { ACCENTED | CURRENCY | NUMERIC | BOX | LAW, NULL }, { CLOSING, NULL }, { OPENING, NULL } } },
  { { { CURRENCY | NUMERIC | BOX, NULL }, { OPENING, NULL } } },
  { { { LATIN_LOWER, NULL }, { UPPER, NULL }, { OPENING | CURRENCY, NULL } } },
  { { { BOX, NULL }, { FACE, NULL } } },
  { { { ACCENTED | CURRENCY | NUMERIC | OPENING | CLOSING | LAW, NULL }, { BOX, NULL } } },
  { { { BOX, NULL }, { CLOSING, NULL } } },
  { { { ACCENTED, NULL }, { OPENING | CLOSING, NULL }, { WORD, NULL } } },
  { { { 0, "Œœ" }, { NO_LATIN, NULL } } },
  { { { UPPER, NULL }, { 0, "°" } } },
  /* Windows' western encoding */
  { { { 0, "ÂÃÎÐ" }, { OPENING | CLOSING, "€œŠš¢£Ÿž\u00a0\u00ad®©°·»–—´" } } },
  { { { 0, "×" }, { 0, "²³" } } },
  { { ARABIC, ARABIC } },
  { { { 0, "à" }, { 0, "²µ¹¼½¾" } } },
  /* Mac's */
  { { { 0, "√" }, { 0, "±∂†≠®™´≤≥¥µø" } } },
  { { { 0, "≈" }, { 0, "°¢" } } },
  { { { 0, "‚" }, { 0, "Ä" }, { 0, "ìîïòôúùû†°¢π" } } },
  { { { 0, "‚" }, { 0, "âó" }, { 0, "àä°ê" } } },
  /* Windows' Cyrillic one */
  { { { 0, "в" }, { 0, "Ђ" } } },
  { { { 0, "ВГРС" }, { C1 | BAD | OPENING | CLOSING | CURRENCY, "°µ" }, { 0, "ВГРС" } } },
  { { { 0, "Г" },
      { 0, "ў" },
      { 0, "В" },
      { 0, "Ђ" },
      { 0, "В" },
      { IN_LINE, NULL },
      { LATIN, " " } } },
  /* a space that was a no-break space */
  { { { 0, "Ã" }, { 0, "\u00a0¡" } } },
  { { { LATIN_LOWER, NULL }, { 0, "ÃÂ" }, { 0, " " } } },
  { { { LATIN_LOWER, NULL }, { SPACE, NULL }, { 0, "ÃÂ" }, { 0, " " } } },
  { { { LATIN_LOWER | CLOSING, ".,?!" }, { 0, "Â" }, { OPENING | CLOSING, " " } } },
  /* Windows' Greek one */
  { { { 0, "β" }, { 0, "€" }, { 0, "™\u00a0Ά\u00ad®°" } } },
  { { { 0, "ΒΓΞΟ" }, { C1 | BAD | OPENING | CLOSING | CURRENCY, "°" }, { 0, "ΒΓΞΟ" } } },
  /* Windows' Baltic one */
  { { { 0, "ā" }, { 0, "€" } } },
};
#undef ARABIC

static guint
kinds_of (gunichar c)
{
  guint low = 0;
  guint high = G_N_ELEMENTS (characters);
  gboolean lower = c >= 'a' && c <= 'z';
  gboolean upper = c >= 'A' && c <= 'Z';
  guint other = upper ? LATIN_UPPER : NO_LATIN;
  guint kinds = (lower ? LATIN_LOWER : other) | (c == '\n' ? 0 : IN_LINE);
  kinds |= few_codepoint_is_space (c) ? SPACE : 0;
  kinds |= g_unichar_isalnum (c) || c == '_' ? WORD : 0;
  while (low < high)
    {
      guint middle = (low + high) / 2;
      if (c > characters[middle].last)
        low = middle + 1;
      else
        high = middle;
    }
  if (low < G_N_ELEMENTS (characters) && c >= characters[low].first)
    kinds |= characters[low].kinds;
  return kinds;
}

static gboolean
rule_matches (const Rule *rule, const FewCodepoints *text, const guint *kinds, gsize at, gsize end)
{
  for (guint i = 0; i < G_N_ELEMENTS (rule->places); i++)
    {
      const Place *place = &rule->places[i];
      if (place->kinds == 0 && !place->also)
        return TRUE;
      if (at + i >= end)
        return FALSE;
      if (!(kinds[at + i] & place->kinds)
          && !(place->also && g_utf8_strchr (place->also, -1, few_codepoint (text, at + i))))
        return FALSE;
    }
  return TRUE;
}

/* "Ã " or "Â " at the very beginning */
static gboolean
begins_badly (const FewCodepoints *text, gsize start, gsize n)
{
  return n >= 2 && (few_codepoint (text, start) == 0xc2 || few_codepoint (text, start) == 0xc3)
         && few_codepoint (text, start + 1) == ' ';
}

gboolean
few_text_is_bad (const FewCodepoints *text, gsize start, gsize n)
{
  if (begins_badly (text, start, n))
    return TRUE;
  gsize end = start + n;
  g_autofree guint *kinds = g_new (guint, end + 1);
  for (gsize i = start; i < end; i++)
    kinds[i] = kinds_of (few_codepoint (text, i));
  for (gsize i = start; i < end; i++)
    for (guint r = 0; r < G_N_ELEMENTS (rules); r++)
      if (rule_matches (&rules[r], text, kinds, i, end))
        return TRUE;
  return FALSE;
}
