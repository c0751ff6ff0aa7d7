/* SPDX-License-Identifier: MIT */
/* JPEG XL's size: the first bits of its codestream, which may lie in a box. */
#include "image/jxl.h"
#include "image/boxes.h"
#include <string.h>

/* Bits from the lowest of each byte on; reading behind the end sets `bad` and gives 0. */
typedef struct
{
  FewBytes bytes;
  guint64 bits;
  guint n;
} Bits;

static guint
take_bits (Bits *bits, guint n)
{
  while (bits->n < n)
    {
      bits->bits |= few_bytes_take (&bits->bytes, 1) << bits->n;
      bits->n += 8;
    }
  guint value = (guint) (bits->bits & ((G_GUINT64_CONSTANT (1) << n) - 1));
  bits->bits >>= n;
  bits->n -= n;
  return value;
}

/* One less is stored: in eights for small pictures, else in as many bits as two bits say. */
static guint
take_side (Bits *bits, gboolean small)
{
  static const guint8 widths[] = { 9, 13, 18, 30 };
  if (small)
    return (take_bits (bits, 5) + 1) * 8;
  guint width = widths[take_bits (bits, 2)];
  return take_bits (bits, width) + 1;
}

/* The width is stated, or it is one of seven shapes of the height. */
static gboolean
read_size (FewBytes codestream, FewImageHeader *header)
{
  static const guint8 shapes[8][2] = { { 0, 1 }, { 1, 1 },  { 12, 10 }, { 4, 3 },
                                       { 3, 2 }, { 16, 9 }, { 5, 4 },   { 2, 1 } };
  Bits bits = { .bytes = codestream };
  if (few_bytes_take (&bits.bytes, 2) != 0xff0a)
    return FALSE;
  gboolean small = take_bits (&bits, 1) == 1;
  header->height = take_side (&bits, small);
  guint shape = take_bits (&bits, 3);
  header->width = shape == 0
                      ? take_side (&bits, small)
                      : (guint) ((guint64) header->height * shapes[shape][0] / shapes[shape][1]);
  return !bits.bytes.bad && header->width > 0;
}

static gboolean
read_boxes (FewBytes file, FewImageHeader *header)
{
  gboolean sized = FALSE;
  FewBox box;
  while (header->whole && few_box_next (&file, &box))
    {
      header->whole = box.whole;
      if (few_box_is (&box, "jxlp")) /* a part: its number comes first */
        few_bytes_take (&box.body, 4);
      else if (!few_box_is (&box, "jxlc"))
        continue;
      sized = sized || read_size (box.body, header);
    }
  return sized;
}

gboolean
few_jxl_parse (const guint8 *data, gsize size, FewImageHeader *header)
{
  static const guint8 container[] = { 0, 0, 0, 12, 'J', 'X', 'L', ' ', '\r', '\n', 0x87, '\n' };
  FewBytes file = { .at = data, .end = data + size };
  header->format = "JPEG XL";
  header->whole = TRUE;
  if (size >= sizeof container && memcmp (data, container, sizeof container) == 0)
    return read_boxes (file, header);
  return read_size (file, header);
}
