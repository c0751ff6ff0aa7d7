/* SPDX-License-Identifier: MIT */
/* See exif-place.h: one walk a kind of file, by the heads of its parts. */
#include "image/exif-place.h"
#include "image/heif.h"
#include "image/raw.h"
#include <string.h>

enum { MOST_PARTS = 1 << 16 };  /* segments, chunks, boxes of one file */
enum { MOST_META = 4 << 20 };   /* bytes of the box that says where the items are */
enum { NAME = 6 };              /* "Exif\0\0" */
enum { SCAN = 0xda, APP1 = 0xe1 };

gboolean
few_source_read (const FewSource *source, guint64 offset, gsize size, gpointer out)
{
  if (size == 0 || offset > source->size || source->size - offset < size)
    return FALSE;
  if (source->file)
    return few_file_read_at (source->file, out, size, offset, NULL);
  memcpy (out, source->data + offset, size);
  return TRUE;
}

static guint64
read_number (const guint8 *bytes, guint n, gboolean little)
{
  guint64 value = 0;
  for (guint i = 0; i < n; i++)
    value = value << 8 | bytes[little ? n - 1 - i : i];
  return value;
}

static gboolean
is_named (const FewSource *source, guint64 offset, guint64 size)
{
  guint8 name[NAME];
  return size > NAME && few_source_read (source, offset, NAME, name)
         && memcmp (name, "Exif\0\0", NAME) == 0;
}

/* What a part at `offset` holds, with or without the name that JPEG gives it. */
static gboolean
take_part (const FewSource *source, guint64 offset, guint64 size, FewStretch *exif)
{
  guint skipped = is_named (source, offset, size) ? NAME : 0;
  if (offset > source->size || size <= skipped)
    return FALSE;
  *exif = (FewStretch) { offset + skipped, MIN (size, source->size - offset) - skipped };
  return TRUE;
}

static gboolean
find_in_jpeg (const FewSource *source, FewStretch *exif)
{
  guint8 head[4];
  guint64 at = 2;
  for (guint i = 0; i < MOST_PARTS && few_source_read (source, at, sizeof head, head); i++)
    {
      guint64 length = read_number (head + 2, 2, FALSE);
      if (head[0] != 0xff || head[1] == SCAN || length < 2)
        return FALSE;
      if (head[1] == APP1 && is_named (source, at + 4, length - 2))
        return take_part (source, at + 4, length - 2, exif);
      at += 2 + length;
    }
  return FALSE;
}

static gboolean
find_in_png (const FewSource *source, FewStretch *exif)
{
  guint8 head[8];
  guint64 at = 8;
  for (guint i = 0; i < MOST_PARTS && few_source_read (source, at, sizeof head, head); i++)
    {
      guint64 length = read_number (head, 4, FALSE);
      if (memcmp (head + 4, "eXIf", 4) == 0)
        return take_part (source, at + 8, length, exif);
      at += 12 + length;
    }
  return FALSE;
}

static gboolean
find_in_webp (const FewSource *source, FewStretch *exif)
{
  guint8 head[8];
  guint64 at = 12;
  for (guint i = 0; i < MOST_PARTS && few_source_read (source, at, sizeof head, head); i++)
    {
      guint64 length = read_number (head + 4, 4, TRUE);
      if (memcmp (head, "EXIF", 4) == 0)
        return take_part (source, at + 8, length, exif);
      at += 8 + length + (length & 1);
    }
  return FALSE;
}

/* EXIF of HEIC, AVIF and JPEG XL begins with how far behind that its TIFF is. */
static gboolean
take_counted (const FewSource *source, guint64 offset, guint64 size, FewStretch *exif)
{
  guint8 count[4];
  if (size <= sizeof count || !few_source_read (source, offset, sizeof count, count))
    return FALSE;
  guint64 skipped = sizeof count + read_number (count, sizeof count, FALSE);
  return size > skipped && take_part (source, offset + skipped, size - skipped, exif);
}

static gboolean
find_item (const FewSource *source, guint64 offset, guint64 size, FewStretch *exif)
{
  FewStretch item;
  if (size > MOST_META)
    return FALSE;
  g_autofree guint8 *meta = g_try_malloc (size);
  return meta && few_source_read (source, offset, size, meta)
         && few_heif_find_exif (meta, size, &item.offset, &item.size)
         && take_counted (source, item.offset, item.size, exif);
}

/* Both directories of a CR3. */
static guint
find_in_movie (const FewSource *source, guint64 offset, guint64 size, FewStretch *exif)
{
  gsize offsets[FEW_EXIF_MOST];
  gsize sizes[FEW_EXIF_MOST];
  if (size > MOST_META)
    return 0;
  g_autofree guint8 *movie = g_try_malloc (size);
  guint n = movie && few_source_read (source, offset, size, movie)
                ? few_cr3_directories (movie, size, offsets, sizes)
                : 0;
  for (guint i = 0; i < n; i++)
    exif[i] = (FewStretch) { offset + offsets[i], sizes[i] };
  return n;
}

static guint
find_in_boxes (const FewSource *source, FewStretch *exif)
{
  guint8 head[8];
  guint8 large[8];
  guint64 at = 0;
  guint n = 0;
  for (guint i = 0; i < MOST_PARTS && few_source_read (source, at, sizeof head, head); i++)
    {
      guint64 size = read_number (head, 4, FALSE);
      guint own = sizeof head;
      if (size == 1 && few_source_read (source, at + own, sizeof large, large))
        {
          size = read_number (large, sizeof large, FALSE);
          own += sizeof large;
        }
      if (size == 0)
        size = source->size - at;
      if (size < own || size > source->size - at)
        return FALSE;
      if (memcmp (head + 4, "Exif", 4) == 0)
        return take_counted (source, at + own, size - own, exif);
      if (n == 0 && memcmp (head + 4, "moov", 4) == 0 /* AVIF's sequences have one, too */
          && (n = find_in_movie (source, at + own, size - own, exif)) > 0)
        return n;
      if (memcmp (head + 4, "meta", 4) == 0)
        return find_item (source, at + own, size - own, exif);
      at += size;
    }
  return FALSE;
}

guint
few_exif_find (const FewSource *source, FewStretch exif[FEW_EXIF_MOST])
{
  guint8 head[12];
  guint32 directory;
  FewTiff tiff;
  if (!few_source_read (source, 0, sizeof head, head))
    return FALSE;
  if (memcmp (head, "\xff\xd8\xff", 3) == 0)
    return find_in_jpeg (source, exif);
  if (memcmp (head, "\x89PNG\r\n\x1a\n", 8) == 0)
    return find_in_png (source, exif);
  if (memcmp (head, "RIFF", 4) == 0 && memcmp (head + 8, "WEBP", 4) == 0)
    return find_in_webp (source, exif);
  if (memcmp (head + 4, "ftyp", 4) == 0 || memcmp (head + 4, "JXL ", 4) == 0)
    return find_in_boxes (source, exif);
  *exif = (FewStretch) { 0, source->size };
  return few_tiff_open (&tiff, head, sizeof head, &directory)
         || few_orf_open (&tiff, head, sizeof head, &directory);
}
