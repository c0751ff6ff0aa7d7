/* SPDX-License-Identifier: MIT */
/* What the header of a picture file states, before anything is decoded. */
#include "image/header.h"
#include "image/heif.h"
#include "image/jxl.h"
#include "image/tiff.h"
#include <fewshot/picture.h>
#include <string.h>
#include <zlib.h>

static guint
be16 (const guint8 *p)
{
  return (guint) p[0] << 8 | p[1];
}

static guint32
be32 (const guint8 *p)
{
  return (guint32) be16 (p) << 16 | be16 (p + 2);
}

static guint
le16 (const guint8 *p)
{
  return (guint) p[1] << 8 | p[0];
}

static guint32
le32 (const guint8 *p)
{
  return (guint32) le16 (p + 2) << 16 | le16 (p);
}

/* ---- TIFF */

/* Whether every strip or tile, and the lists of them, lie inside the file. */
static gboolean
tiff_data_is_there (const FewTiff *tiff, const guint8 *offsets, const guint8 *counts)
{
  if (!offsets || !counts)
    return TRUE; /* the decoder says what it makes of that */
  if (!few_tiff_values (tiff, offsets) || !few_tiff_values (tiff, counts))
    return FALSE;
  guint32 n = MIN (few_tiff_32 (tiff, offsets + 4), few_tiff_32 (tiff, counts + 4));
  for (guint32 i = 0; i < n; i++)
    {
      guint64 end = (guint64) few_tiff_value (tiff, offsets, i) + few_tiff_value (tiff, counts, i);
      if (end > tiff->size)
        return FALSE;
    }
  return TRUE;
}

/* The first directory's entries, of a file or inside EXIF. */
static gboolean
tiff_directory (const guint8 *data, gsize size, FewImageHeader *header)
{
  FewTiff tiff;
  guint32 directory;
  guint count;
  if (!few_tiff_open (&tiff, data, size, &directory))
    return FALSE;
  const guint8 *entry = few_tiff_entries (&tiff, directory, &count);
  if (!entry)
    return FALSE;
  const guint8 *offsets = NULL;
  const guint8 *counts = NULL;
  guint photometric = 0;
  guint extra = G_MAXUINT; /* what the samples beyond the colours are */
  for (guint i = 0; i < count; i++, entry += 12)
    {
      guint tag = few_tiff_16 (&tiff, entry);
      guint32 value = few_tiff_value (&tiff, entry, 0);
      if (tag == 0x100) /* of two, decoders may take either */
        header->width = MAX (header->width, value);
      else if (tag == 0x101)
        header->height = MAX (header->height, value);
      else if (tag == 0x106)
        photometric = value;
      else if (tag == 0x112 && value >= 1 && value <= 8)
        header->orientation = value;
      else if (tag == 0x152)
        extra = value;
      else if (tag == 0x111 || tag == 0x144)
        offsets = entry;
      else if (tag == 0x117 || tag == 0x145)
        counts = entry;
    }
  enum { NO_MEANING, MULTIPLIED, ALPHA };
  header->premultiplied = extra == MULTIPLIED || (extra == ALPHA && photometric == 2);
  header->alpha_is_none = extra == NO_MEANING;
  header->whole = tiff_data_is_there (&tiff, offsets, counts);
  return TRUE;
}

gboolean
few_image_is_big_tiff (const guint8 *data, gsize size)
{
  return size >= 8
         && (memcmp (data, "II+\0\b\0\0\0", 8) == 0 || memcmp (data, "MM\0+\0\b\0\0", 8) == 0);
}

/* ---- the others */

static void
exif (const guint8 *data, gsize size, FewImageHeader *header)
{
  FewImageHeader inner = { .orientation = 1 };
  if (size > 6 && memcmp (data, "Exif\0\0", 6) == 0)
    {
      data += 6;
      size -= 6;
    }
  if (tiff_directory (data, size, &inner))
    header->orientation = inner.orientation;
}

/* Whether the end marker lies behind `at`. */
static gboolean
jpeg_ends (const guint8 *data, gsize size, gsize at)
{
  for (gsize i = size; i >= at + 2; i--)
    if (data[i - 2] == 0xff && data[i - 1] == 0xd9)
      return TRUE;
  return FALSE;
}

/* Bytes between segments that are no marker are passed over, as libjpeg does. Without an end
 * marker a picture of one scan may still be all there, before what a camera put behind it. */
static gboolean
parse_jpeg (const guint8 *data, gsize size, FewImageHeader *header)
{
  gsize at = 2;
  gboolean one_scan = FALSE;
  header->format = "JPEG";
  while (at + 4 <= size)
    {
      guint marker = data[at + 1];
      if (data[at] != 0xff || marker == 0xff || marker == 0)
        {
          at++;
          continue;
        }
      if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8))
        {
          at += 2;
          continue;
        }
      gsize length = be16 (data + at + 2);
      if (length < 2 || length > size - at - 2)
        return FALSE;
      const guint8 *body = data + at + 4;
      if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc
          && length >= 7)
        {
          header->height = be16 (body + 1);
          header->width = be16 (body + 3);
          one_scan = marker <= 0xc1;
        }
      else if (marker == 0xe1 && length > 8 && memcmp (body, "Exif\0\0", 6) == 0)
        exif (body, length - 2, header);
      at += 2 + length;
      if (marker == 0xda) /* the scan */
        {
          header->whole = jpeg_ends (data, size, at);
          header->count_rows = !header->whole && one_scan;
          header->whole |= header->count_rows;
          break;
        }
    }
  return header->width > 0 && header->height > 0;
}

/* Bytes of pixel data before compression, with a filter byte a row, in one pass or Adam7's. */
static guint64
png_pixel_bytes (const guint8 *data, const FewImageHeader *header)
{
  static const struct
  {
    guint8 x, y, across, down;
  } passes[] = { { 0, 0, 1, 1 }, { 0, 0, 8, 8 }, { 4, 0, 8, 8 }, { 0, 4, 4, 8 },
                 { 2, 0, 4, 4 }, { 0, 2, 2, 4 }, { 1, 0, 2, 2 }, { 0, 1, 1, 2 } };
  static const guint8 samples[8] = { 1, 0, 3, 1, 2, 0, 4, 0 };
  guint64 bits = (guint64) data[24] * samples[data[25] & 7];
  gboolean interlaced = data[28] == 1;
  guint64 bytes = 0;
  for (guint i = interlaced ? 1 : 0; i < (interlaced ? G_N_ELEMENTS (passes) : 1); i++)
    {
      guint64 width = header->width > passes[i].x
                          ? (header->width - passes[i].x + passes[i].across - 1) / passes[i].across
                          : 0;
      guint64 height = header->height > passes[i].y
                           ? (header->height - passes[i].y + passes[i].down - 1) / passes[i].down
                           : 0;
      bytes += width ? height * (1 + (width * bits + 7) / 8) : 0;
    }
  return bytes;
}

/* How many bytes the compressed ones of all IDAT chunks up to `end` make, at most `wanted`. */
static guint64
png_inflated (const guint8 *data, gsize end, guint64 wanted)
{
  guint8 out[16384];
  guint64 got = 0;
  z_stream stream = { 0 };
  if (inflateInit (&stream) != Z_OK)
    return 0;
  int state = Z_OK;
  for (gsize at = 8; state == Z_OK && got < wanted && at + 12 <= end;)
    {
      gsize length = be32 (data + at);
      stream.next_in = (Bytef *) data + at + 8;
      stream.avail_in = memcmp (data + at + 4, "IDAT", 4) == 0 ? (uInt) length : 0;
      while (state == Z_OK && stream.avail_in > 0)
        {
          stream.next_out = out;
          stream.avail_out = sizeof out;
          state = inflate (&stream, Z_NO_FLUSH);
          got += sizeof out - stream.avail_out;
        }
      at += 12 + length;
    }
  inflateEnd (&stream);
  return got;
}

/* A picture is whole when its pixels are: a missing end chunk is put back. */
static gboolean
parse_png (const guint8 *data, gsize size, FewImageHeader *header)
{
  static const char closing[12] = "\0\0\0\0IEND\xae\x42\x60\x82";
  header->format = "PNG";
  if (size < 33 || memcmp (data + 12, "IHDR", 4) != 0)
    return FALSE;
  header->width = be32 (data + 16);
  header->height = be32 (data + 20);
  guint64 compressed = 0;
  gboolean ends = FALSE;
  gsize at = 8;
  while (!ends && at + 12 <= size)
    {
      gsize length = be32 (data + at);
      if (length > size - at - 12)
        break;
      if (memcmp (data + at + 4, "IDAT", 4) == 0)
        compressed += length;
      else if (memcmp (data + at + 4, "eXIf", 4) == 0)
        exif (data + at + 8, length, header);
      ends = memcmp (data + at + 4, "IEND", 4) == 0;
      at += 12 + length;
    }
  header->used = at;
  header->closing = ends ? NULL : closing;
  header->closing_size = ends ? 0 : sizeof closing;
  /* deflate makes at most 1032 bytes of one: what claims more needs no decoder; nor does what is
   * larger than any picture that is taken */
  guint64 wanted = png_pixel_bytes (data, header);
  gboolean possible = compressed > 0 && compressed * 1032 >= wanted;
  gboolean too_large = wanted > G_GUINT64_CONSTANT (8) * FEW_MAX_PIXELS;
  header->whole = possible && (too_large || png_inflated (data, at, wanted) >= wanted);
  return header->width > 0 && header->height > 0;
}

/* Bytes of the colour table that flags announce; 0: none. */
static gsize
colour_table_bytes (guint flags)
{
  return flags & 0x80 ? (gsize) 6 << (flags & 7) : 0;
}

/* The first frame alone, which is what is decoded. */
static gboolean
parse_gif (const guint8 *data, gsize size, FewImageHeader *header)
{
  header->format = "GIF";
  header->width = le16 (data + 6);
  header->height = le16 (data + 8);
  header->closing = ";";
  header->closing_size = 1;
  gboolean in_frame = FALSE;
  gsize at = 13 + (size > 10 ? colour_table_bytes (data[10]) : 0);
  while (!header->whole && at + 1 < size)
    {
      if (!in_frame && data[at] == 0x2c && at + 10 < size)
        {
          in_frame = TRUE;
          /* a frame has a size of its own, and the decoder room for it, whatever the picture's */
          header->frame_pixels = (guint64) le16 (data + at + 5) * le16 (data + at + 7);
          at += 11 + colour_table_bytes (data[at + 9]); /* behind the code size */
        }
      else if (!in_frame && data[at] == 0x21)
        at += 2;
      else if (!in_frame)
        break;
      while (at < size && data[at] != 0)
        at += 1 + (gsize) data[at];
      header->whole = in_frame && at < size;
      at++;
    }
  header->used = MIN (at, size);
  return header->width > 0 && header->height > 0;
}

/* The file's stated size is often wrong; what counts is that the pixels are there. */
static gboolean
parse_bmp (const guint8 *data, gsize size, FewImageHeader *header)
{
  header->format = "BMP";
  gboolean old = le32 (data + 14) == 12;
  gint32 height = old ? (gint32) le16 (data + 20) : (gint32) le32 (data + 22);
  header->width = old ? le16 (data + 18) : le32 (data + 18);
  header->height = height < 0 ? -(guint) height : (guint) height;
  if (!old && size < 34)
    return FALSE;
  guint bits = old ? le16 (data + 24) : le16 (data + 28);
  guint compression = old ? 0 : le32 (data + 30);
  gsize offset = le32 (data + 10);
  gsize there = offset < size ? size - offset : 0;
  gboolean runs = compression == 1 || compression == 2; /* two bytes make 255 pixels at most */
  guint64 wanted = runs ? ((guint64) header->width * header->height + 254) / 255 * 2
                        : ((guint64) header->width * bits + 31) / 32 * 4 * header->height;
  header->whole = there > 0 && wanted <= there;
  return header->width > 0 && header->height > 0;
}

static gboolean
parse_webp (const guint8 *data, gsize size, FewImageHeader *header)
{
  header->format = "WebP";
  gsize stated = (gsize) le32 (data + 4) + 8;
  header->whole = stated <= size;
  for (gsize at = 12; at + 8 <= size;)
    {
      const guint8 *body = data + at + 8;
      gsize length = le32 (data + at + 4);
      gsize there = MIN (length, size - at - 8);
      if (memcmp (data + at, "VP8X", 4) == 0 && there >= 10)
        {
          header->width = 1 + (le16 (body + 4) | (guint) body[6] << 16);
          header->height = 1 + (le16 (body + 7) | (guint) body[9] << 16);
        }
      else if (memcmp (data + at, "VP8 ", 4) == 0 && there >= 10 && !header->width)
        {
          header->width = le16 (body + 6) & 0x3fff;
          header->height = le16 (body + 8) & 0x3fff;
        }
      else if (memcmp (data + at, "VP8L", 4) == 0 && there >= 5 && !header->width)
        {
          guint32 bits = le32 (body + 1);
          header->width = 1 + (bits & 0x3fff);
          header->height = 1 + (bits >> 14 & 0x3fff);
        }
      else if (memcmp (data + at, "EXIF", 4) == 0)
        exif (body, there, header);
      if (there < length)
        break;
      at += 8 + length + (length & 1);
    }
  return header->width > 0 && header->height > 0;
}

gboolean
few_image_header_parse (const guint8 *data, gsize size, FewImageHeader *header)
{
  *header = (FewImageHeader) { .orientation = 1 };
  if (size == 0)
    return FALSE;
  if (size >= 4 && data[0] == 0xff && data[1] == 0xd8 && data[2] == 0xff)
    return parse_jpeg (data, size, header);
  if (size >= 8 && memcmp (data, "\x89PNG\r\n\x1a\n", 8) == 0)
    return parse_png (data, size, header);
  if (size >= 16 && memcmp (data, "RIFF", 4) == 0 && memcmp (data + 8, "WEBP", 4) == 0)
    return parse_webp (data, size, header);
  if (size >= 13 && (memcmp (data, "GIF87a", 6) == 0 || memcmp (data, "GIF89a", 6) == 0))
    return parse_gif (data, size, header);
  if (size >= 26 && memcmp (data, "BM", 2) == 0)
    return parse_bmp (data, size, header);
  if (tiff_directory (data, size, header))
    {
      header->format = "TIFF";
      return header->width > 0 && header->height > 0;
    }
  return few_heif_parse (data, size, header) || few_jxl_parse (data, size, header);
}

/* Photographs have 1 to 20 pixels a byte, drawings some 100; a PNG of one colour has 345. What is
 * small needs no proof. */
gboolean
few_image_header_is_plausible (const FewImageHeader *header, gsize size)
{
  enum { FREE_PIXELS = 16 << 20, PIXELS_PER_BYTE = 512 };
  guint64 pixels = MAX ((guint64) header->width * header->height, header->frame_pixels);
  return pixels <= FREE_PIXELS || pixels / PIXELS_PER_BYTE <= size;
}
