/* SPDX-License-Identifier: MIT */
/* Mojibake as ftfy mends it (Robyn Speer, ftfy 6, fix_encoding): encode the text in an encoding
 * that it fits, mend bytes that were lost on the way, decode as UTF-8. */
#include "text/mojibake.h"
#include "text-charmaps.h"
#include "text/badness.h"
#include <string.h>

/* ---- single-byte encodings */

/* Windows' encodings pass bytes through that they have no character for; what was lost already
 * (U+FFFD) is their byte 1A, "substitute". */
static gboolean
is_sloppy (guint map)
{
  return map >= WINDOWS_FIRST && map <= WINDOWS_LAST;
}

static int
byte_of (guint map, gunichar c)
{
  if (c == 0x1a)
    return is_sloppy (map) ? -1 : 0x1a;
  if (c < 128)
    return (int) c;
  for (int b = 0; b < 128; b++)
    if (charmaps[map][b] == c)
      return 128 + b;
  return is_sloppy (map) && c == 0xfffd ? 0x1a : -1;
}

/* NULL when a character has no byte. */
static GByteArray *
encode (const FewCodepoints *text, guint map)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  for (gsize i = 0; i < text->len; i++)
    {
      int byte = byte_of (map, few_codepoint (text, i));
      const guint8 one = (guint8) byte;
      if (byte < 0)
        return NULL;
      g_byte_array_append (bytes, &one, 1);
    }
  return g_steal_pointer (&bytes);
}

/* Whether one of the encodings that are alike (western and Windows') has the character between
 * two bytes. */
static gboolean
is_from (gunichar c, guint first, guint last)
{
  if (c < 128)
    return FALSE;
  for (guint map = 0; map <= WINDOWS_LAST; map++)
    for (guint b = first; b <= last; b++)
      if (charmaps[map][b - 128] == c)
        return TRUE;
  return FALSE;
}

/* What the first byte of four decodes to: F0, or F3 of newer emoji. */
static gboolean
is_first_of_four (gunichar c)
{
  return is_from (c, 0xf0, 0xf0) || is_from (c, 0xf3, 0xf3);
}

/* A continuation byte's character that hardly stands for itself: no dash, quotation mark, bullet
 * or dots. */
static gboolean
is_strict_tail (gunichar c)
{
  return is_from (c, 0x80, 0xbf)
         && !((c >= 0x2013 && c <= 0x2015) || (c >= 0x2018 && c <= 0x201e) || c == 0x2022
              || c == 0x2026);
}

/* ---- UTF-8 and its variants */

/* The bits of a continuation byte, −1 when it is none. */
static gint64
tail (const GByteArray *bytes, gsize at)
{
  return at < bytes->len && (bytes->data[at] & 0xc0) == 0x80 ? bytes->data[at] & 0x3f : -1;
}

/* One character of strict UTF-8, or with `variants` also a pair of encoded surrogates and the
 * zero of two bytes; its length, 0 when it is none. */
static gsize
decode_one (const GByteArray *bytes, gsize at, gboolean variants, gunichar *c)
{
  guint8 b = bytes->data[at];
  gint64 one = tail (bytes, at + 1);
  gint64 two = tail (bytes, at + 2);
  gint64 three = tail (bytes, at + 3);
  *c = b;
  if (b < 0x80)
    return 1;
  if (variants && b == 0xc0 && one == 0)
    {
      *c = 0;
      return 2;
    }
  if (b < 0xc2 || b > 0xf4 || one < 0)
    return 0;
  *c = (gunichar) ((b & 0x1f) << 6 | one);
  if (b < 0xe0)
    return 2;
  *c = (gunichar) ((b & 0x0f) << 12 | one << 6 | two);
  if (b < 0xf0 && variants && *c >= 0xd800 && *c <= 0xdbff && two >= 0)
    {
      gint64 low = tail (bytes, at + 4);
      gint64 last = tail (bytes, at + 5);
      if (at + 3 >= bytes->len || bytes->data[at + 3] != 0xed || low < 0x30 || last < 0)
        return 0;
      *c = (gunichar) (0x10000 + ((*c & 0x3ff) << 10 | (low & 0x0f) << 6 | last));
      return 6;
    }
  if (b < 0xf0)
    return two >= 0 && *c >= 0x800 && !(*c >= 0xd800 && *c <= 0xdfff) ? 3 : 0;
  if (two < 0 || three < 0)
    return 0;
  *c = (gunichar) ((gint64) (b & 0x07) << 18 | one << 12 | two << 6 | three);
  return *c >= 0x10000 && *c <= 0x10ffff ? 4 : 0;
}

/* NULL when it is not UTF-8. */
static FewCodepoints *
decode (const GByteArray *bytes)
{
  gboolean variants =
      memchr (bytes->data, 0xed, bytes->len) || memchr (bytes->data, 0xc0, bytes->len);
  g_autoptr (FewCodepoints) text = few_codepoints_new ();
  for (gsize i = 0; i < bytes->len;)
    {
      gunichar c;
      gsize length = decode_one (bytes, i, variants, &c);
      if (length == 0)
        return NULL;
      few_codepoints_add (text, c);
      i += length;
    }
  return g_steal_pointer (&text);
}

/* ---- bytes that were changed on the way */

static guint8
byte_at (const GByteArray *bytes, gsize at)
{
  return at < bytes->len ? bytes->data[at] : 0;
}

static gboolean
is_tail (guint8 b)
{
  return b >= 0x80 && b <= 0xbf;
}

/* A sequence of UTF-8 at `at` whose byte A0 has become a space: its length, or 0. In three bytes
 * 85, which stands for dots, is no sign of one. */
static gsize
spaced_length (const GByteArray *bytes, gsize at)
{
  guint8 b[4];
  for (guint i = 0; i < 4; i++)
    b[i] = byte_at (bytes, at + i);
  gboolean one = b[1] == ' ';
  gboolean two = b[2] == ' ';
  if (one && b[0] && strchr ("\xc2\xc3\xc5\xce\xd0\xd9", b[0]))
    return 2;
  guint8 other = one ? b[2] : b[1];
  if (b[0] >= (one ? 0xe2 : 0xe0) && b[0] <= 0xe3 && one != two && is_tail (other) && other != 0x85
      && other != 0xa0)
    return 3;
  if (b[0] == 0xf0
      && ((one && is_tail (b[2]) && is_tail (b[3])) || (is_tail (b[1]) && two && is_tail (b[3]))
          || (is_tail (b[1]) && is_tail (b[2]) && b[3] == ' ')))
    return 4;
  return 0;
}

/* C3 and a space that are the word "à", and not the beginning of another. */
static gboolean
is_word_a (const GByteArray *bytes, gsize at)
{
  static const char *const others[] = { " ", "quele", "quela", "quilo", "s " };
  if (bytes->data[at] != 0xc3 || byte_at (bytes, at + 1) != ' ')
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (at + 2 + strlen (others[i]) <= bytes->len
        && memcmp (bytes->data + at + 2, others[i], strlen (others[i])) == 0)
      return FALSE;
  return TRUE;
}

static void
add_byte (GByteArray *bytes, guint8 byte)
{
  g_byte_array_append (bytes, &byte, 1);
}

/* Puts the bytes A0 back that have become spaces. */
static GByteArray *
restore_spaces (const GByteArray *bytes)
{
  g_autoptr (GByteArray) words = g_byte_array_new ();
  GByteArray *out = g_byte_array_new ();
  for (gsize i = 0; i < bytes->len; i++)
    {
      gboolean word = is_word_a (bytes, i);
      add_byte (words, bytes->data[i]);
      if (word)
        add_byte (words, 0xa0);
    }
  for (gsize i = 0; i < words->len;)
    {
      gsize end = i + MAX (spaced_length (words, i), 1);
      gboolean whole = end == i + 1;
      for (; i < end; i++)
        add_byte (out, !whole && words->data[i] == ' ' ? 0xa0 : words->data[i]);
    }
  return out;
}

static gboolean
has_spaces_to_restore (const GByteArray *bytes)
{
  for (gsize i = 0; i < bytes->len; i++)
    if (spaced_length (bytes, i))
      return TRUE;
  return FALSE;
}

/* "substitute", or the question mark that some programs put there */
static gboolean
is_lost (guint8 b)
{
  return b == 0x1a || b == '?';
}

static gboolean
is_rest (guint8 b)
{
  return b == 0x1a || is_tail (b);
}

/* A sequence of UTF-8, or of two surrogates, of which a byte was lost: its length, or 0. */
static gsize
lossy_length (const GByteArray *bytes, gsize at)
{
  guint8 b[6];
  for (guint i = 0; i < 6; i++)
    b[i] = byte_at (bytes, at + i);
  if ((b[0] >= 0xc2 && b[0] <= 0xdf && b[1] == 0x1a) || ((b[0] | 1) == 0xc3 && b[1] == '?'))
    return 2;
  if (b[0] == 0xed && b[1] >= 0xa0 && b[1] <= 0xaf && b[3] == 0xed && b[4] >= 0xb0 && b[4] <= 0xbf
      && (is_lost (b[2]) || is_tail (b[2])) && (is_lost (b[5]) || is_tail (b[5]))
      && (is_lost (b[2]) || is_lost (b[5])))
    return 6;
  if (b[0] >= 0xe0 && b[0] <= 0xef
      && ((is_lost (b[1]) && is_rest (b[2])) || (is_rest (b[1]) && is_lost (b[2]))))
    return 3;
  if (b[0] >= 0xf0 && b[0] <= 0xf4)
    for (guint i = 1; i < 4; i++)
      if (is_lost (b[i]) && (i == 1 || is_rest (b[1])) && (i == 2 || is_rest (b[2]))
          && (i == 3 || is_rest (b[3])))
        return 4;
  return b[0] == 0x1a;
}

static GByteArray *
replace_lossy (const GByteArray *bytes)
{
  static const guint8 replacement[] = { 0xef, 0xbf, 0xbd }; /* U+FFFD */
  GByteArray *out = g_byte_array_new ();
  for (gsize i = 0; i < bytes->len;)
    {
      gsize length = lossy_length (bytes, i);
      if (length)
        g_byte_array_append (out, replacement, sizeof replacement);
      else
        add_byte (out, bytes->data[i]);
      i += MAX (length, 1);
    }
  return out;
}

/* ---- one step */

/* The text as if it had been decoded with this encoding; NULL: it does not fit. */
static FewCodepoints *
mend_all (const FewCodepoints *text, guint map)
{
  g_autoptr (GByteArray) bytes = encode (text, map);
  if (!bytes)
    return NULL;
  if (map != MAC_ROMAN && has_spaces_to_restore (bytes)) /* there a dash and a space look so */
    {
      GByteArray *restored = restore_spaces (bytes);
      g_byte_array_unref (bytes);
      bytes = restored;
    }
  if (is_sloppy (map))
    {
      GByteArray *replaced = replace_lossy (bytes);
      g_byte_array_unref (bytes);
      bytes = replaced;
    }
  return decode (bytes);
}

/* The length of a run of characters at `at` that look like sequences of UTF-8, or 0. */
static gsize
run_length (const FewCodepoints *text, gsize at)
{
  gsize end = at;
  for (;;)
    {
      gunichar c = end < text->len ? few_codepoint (text, end) : 0;
      guint tails = 0; /* that follow */
      while (tails < 3 && end + tails + 1 < text->len
             && (few_codepoint (text, end + tails + 1) == ' '
                 || is_from (few_codepoint (text, end + tails + 1), 0x80, 0xbf)))
        tails++;
      if (tails >= 1 && is_from (c, 0xc2, 0xdf))
        end += 2;
      else if (tails >= 2 && is_from (c, 0xe0, 0xef))
        end += 3;
      else if (tails >= 3 && is_first_of_four (c))
        end += 4;
      else
        return end - at;
    }
}

/* Each run that is bad by itself, mended by itself. */
static FewCodepoints *
mend_parts (const FewCodepoints *text)
{
  FewCodepoints *out = few_codepoints_new ();
  for (gsize i = 0; i < text->len;)
    {
      gboolean inside = i > 0 && is_strict_tail (few_codepoint (text, i - 1));
      gsize length = inside ? 0 : run_length (text, i);
      if (length > 0 && length < text->len && few_text_is_bad (text, i, length))
        {
          g_autoptr (FewCodepoints) part = few_codepoints_new ();
          few_codepoints_add_range (part, text, i, length);
          g_autoptr (FewCodepoints) mended = few_mojibake_mend (part);
          few_codepoints_add_range (out, mended, 0, mended->len);
        }
      else
        few_codepoints_add_range (out, text, i, MAX (length, 1));
      i += MAX (length, 1);
    }
  return out;
}

/* The characters below 256 as Windows' western encoding has their bytes; NULL when there is
 * another, or a byte that it does not know. */
static FewCodepoints *
mend_windows (const FewCodepoints *text)
{
  g_autoptr (FewCodepoints) out = few_codepoints_new ();
  for (gsize i = 0; i < text->len; i++)
    {
      gunichar c = few_codepoint (text, i);
      if (c > 0xff || c == 0x81 || c == 0x8d || c == 0x8f || c == 0x90 || c == 0x9d)
        return NULL;
      few_codepoints_add (out, c < 128 ? c : charmaps[WINDOWS_FIRST][c - 128]);
    }
  return g_steal_pointer (&out);
}

void
few_mojibake_mend_c1 (FewCodepoints *text)
{
  for (gsize i = 0; i < text->len; i++)
    {
      gunichar c = few_codepoint (text, i);
      if (c >= 0x80 && c <= 0x9f)
        g_array_index (text, gunichar, i) = charmaps[WINDOWS_FIRST][c - 128];
    }
}

static FewCodepoints *
copy_of (const FewCodepoints *text)
{
  FewCodepoints *copy = few_codepoints_new ();
  few_codepoints_add_range (copy, text, 0, text->len);
  return copy;
}

static FewCodepoints *
mend_once (const FewCodepoints *text)
{
  if (!few_text_is_bad (text, 0, text->len))
    return copy_of (text);
  for (guint map = 0; map < CHARMAPS; map++)
    {
      FewCodepoints *mended = mend_all (text, map);
      if (mended)
        return mended;
    }
  g_autoptr (FewCodepoints) parts = mend_parts (text);
  if (!few_codepoints_equal (parts, text))
    return g_steal_pointer (&parts);
  g_autoptr (FewCodepoints) windows = mend_windows (text);
  if (windows && !few_codepoints_equal (windows, text))
    return g_steal_pointer (&windows);
  few_mojibake_mend_c1 (parts);
  return g_steal_pointer (&parts);
}

FewCodepoints *
few_mojibake_mend (const FewCodepoints *text)
{
  FewCodepoints *mended = copy_of (text);
  for (;;)
    {
      FewCodepoints *next = mend_once (mended);
      gboolean same = few_codepoints_equal (next, mended);
      g_array_unref (mended);
      mended = next;
      if (same)
        return mended;
    }
}
