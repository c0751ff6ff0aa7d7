/* SPDX-License-Identifier: MIT */
/* What the header of a picture file states, before anything is decoded. */
#include "image/header.h"
#include <string.h>

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

/* A TIFF structure, alone or inside EXIF: the first directory's entries. Tag 0x112 is the
 * orientation. */
static gboolean
tiff_directory (const guint8 *data, gsize size, FewImageHeader *header)
{
  if (size < 8 || (memcmp (data, "II*\0", 4) != 0 && memcmp (data, "MM\0*", 4) != 0))
    return FALSE;
  gboolean little = data[0] == 'I';
  guint32 offset = little ? le32 (data + 4) : be32 (data + 4);
  if (offset > size || size - offset < 2)
    return FALSE;
  guint count = little ? le16 (data + offset) : be16 (data + offset);
  const guint8 *entry = data + offset + 2;
  if ((size - offset - 2) / 12 < count)
    return FALSE;
  for (guint i = 0; i < count; i++, entry += 12)
    {
      guint tag = little ? le16 (entry) : be16 (entry);
      guint type = little ? le16 (entry + 2) : be16 (entry + 2);
      guint32 value = little ? le32 (entry + 8) : be32 (entry + 8);
      if (type == 3)
        value = little ? le16 (entry + 8) : be16 (entry + 8);
      if (tag == 0x100) /* of two, decoders may take either */
        header->width = MAX (header->width, value);
      else if (tag == 0x101)
        header->height = MAX (header->height, value);
      else if (tag == 0x112 && value >= 1 && value <= 8)
        header->orientation = value;
    }
  return TRUE;
}

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

static gboolean
parse_jpeg (const guint8 *data, gsize size, FewImageHeader *header)
{
  gsize at = 2;
  header->format = "JPEG";
  while (at + 4 <= size)
    {
      if (data[at] != 0xff)
        return FALSE;
      guint marker = data[at + 1];
      if (marker == 0xff)
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
        }
      else if (marker == 0xe1 && length > 8 && memcmp (body, "Exif\0\0", 6) == 0)
        exif (body, length - 2, header);
      at += 2 + length;
      if (marker == 0xda) /* the scan: entropy-coded data to the end marker */
        {
          for (gsize i = size; i >= at + 2; i--)
            if (data[i - 2] == 0xff && data[i - 1] == 0xd9)
              {
                header->whole = TRUE;
                break;
              }
          return header->width > 0 && header->height > 0;
        }
    }
  return header->width > 0 && header->height > 0; /* cut off before the scan */
}

static gboolean
parse_png (const guint8 *data, gsize size, FewImageHeader *header)
{
  header->format = "PNG";
  if (size < 33 || memcmp (data + 12, "IHDR", 4) != 0)
    return FALSE;
  header->width = be32 (data + 16);
  header->height = be32 (data + 20);
  for (gsize at = 8; at + 12 <= size;)
    {
      gsize length = be32 (data + at);
      if (length > size - at - 12)
        break;
      if (memcmp (data + at + 4, "IEND", 4) == 0)
        header->whole = TRUE;
      else if (memcmp (data + at + 4, "eXIf", 4) == 0)
        exif (data + at + 8, length, header);
      at += 12 + length;
    }
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

/* Behind the sub-blocks that begin at `at`: a length and so many bytes, until one of none. */
static gsize
skip_blocks (const guint8 *data, gsize size, gsize at)
{
  while (at < size && data[at] > 0)
    at += 1 + (gsize) data[at];
  return at + 1;
}

/* The bytes of a colour table, which a frame's or the screen's flags announce. */
static gsize
table_bytes (guint8 flags)
{
  return flags & 0x80 ? (gsize) 6 << (flags & 7) : 0;
}

/* A frame has a size of its own, and the decoder room for it, whatever the picture's. */
static guint64
largest_frame (const guint8 *data, gsize size)
{
  guint64 most = 0;
  gsize at = size > 12 ? 13 + table_bytes (data[10]) : size;
  while (at + 10 <= size && data[at] != 0x3b)
    if (data[at] == 0x2c)
      {
        most = MAX (most, (guint64) le16 (data + at + 5) * le16 (data + at + 7));
        at = skip_blocks (data, size, at + 11 + table_bytes (data[at + 9]));
      }
    else /* an extension: 0x21, its kind, sub-blocks */
      at = skip_blocks (data, size, at + 2);
  return most;
}

static gboolean
parse_gif (const guint8 *data, gsize size, FewImageHeader *header)
{
  header->format = "GIF";
  header->width = le16 (data + 6);
  header->height = le16 (data + 8);
  header->frame_pixels = largest_frame (data, size);
  while (size > 10 && data[size - 1] == 0)
    size--;
  header->whole = data[size - 1] == 0x3b;
  return header->width > 0 && header->height > 0;
}

gboolean
few_image_header_parse (const guint8 *data, gsize size, FewImageHeader *header)
{
  *header = (FewImageHeader) { .orientation = 1 };
  if (size >= 4 && data[0] == 0xff && data[1] == 0xd8 && data[2] == 0xff)
    return parse_jpeg (data, size, header);
  if (size >= 8 && memcmp (data, "\x89PNG\r\n\x1a\n", 8) == 0)
    return parse_png (data, size, header);
  if (size >= 16 && memcmp (data, "RIFF", 4) == 0 && memcmp (data + 8, "WEBP", 4) == 0)
    return parse_webp (data, size, header);
  if (size >= 10 && (memcmp (data, "GIF87a", 6) == 0 || memcmp (data, "GIF89a", 6) == 0))
    return parse_gif (data, size, header);
  if (size >= 26 && memcmp (data, "BM", 2) == 0)
    {
      header->format = "BMP";
      gboolean old = le32 (data + 14) == 12;
      gint32 height = old ? (gint32) le16 (data + 20) : (gint32) le32 (data + 22);
      header->width = old ? le16 (data + 18) : le32 (data + 18);
      header->height = height < 0 ? -(guint) height : (guint) height;
      header->whole = le32 (data + 2) <= size;
      return header->width > 0 && header->height > 0;
    }
  if (tiff_directory (data, size, header))
    {
      header->format = "TIFF";
      header->whole = TRUE; /* strips lie anywhere: the decoder finds what is missing */
      return header->width > 0 && header->height > 0;
    }
  return FALSE;
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
