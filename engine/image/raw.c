/* SPDX-License-Identifier: MIT */
/* A walk through a raw file's directories for the largest JPEG that ordinary decoders read. */
#include "image/raw.h"
#include <string.h>

enum { MOST_DIRECTORIES = 32, ENTRY = 12 };

enum {
  TAG_PREVIEW = 0x2e, /* Panasonic's */
  TAG_COMPRESSION = 0x103,
  TAG_PHOTOMETRIC = 0x106,
  TAG_STRIPS = 0x111,
  TAG_ORIENTATION = 0x112,
  TAG_STRIP_SIZES = 0x117,
  TAG_DIRECTORIES = 0x14a,
  TAG_JPEG = 0x201,
  TAG_JPEG_SIZE = 0x202,
  TAG_EXIF = 0x8769,
  TAG_NOTE = 0x927c, /* the maker's */
  TAG_DNG = 0xc612,
};

typedef struct
{
  FewTiff tiff;
  guint32 waiting[MOST_DIRECTORIES]; /* offsets of directories, those that were looked at first */
  guint n_waiting;
  gboolean raw;
  gboolean olympus; /* whose note was not looked at yet */
  FewRawPreview *best;
} Walk;

static void
offer (Walk *walk, guint32 offset, guint32 size)
{
  few_raw_offer (walk->tiff.data, walk->tiff.size, offset, size, walk->best);
}

static void
add_directory (Walk *walk, guint32 offset)
{
  for (guint i = 0; i < walk->n_waiting; i++)
    if (walk->waiting[i] == offset)
      return;
  if (offset != 0 && walk->n_waiting < MOST_DIRECTORIES)
    walk->waiting[walk->n_waiting++] = offset;
}

/* What a sensor saw: a mosaic of colours, or cameras' own ways to pack it. */
static gboolean
is_of_a_sensor (guint tag, guint32 value)
{
  static const guint32 packed[] = { 32767 /* Sony */,    32769,
                                    32770 /* Samsung */, 34713 /* Nikon */,
                                    65000 /* Kodak */,   65535 /* Pentax */ };
  enum { MOSAIC = 32803, LINEAR = 34892 };
  if (tag == TAG_PHOTOMETRIC)
    return value == MOSAIC || value == LINEAR;
  for (guint i = 0; tag == TAG_COMPRESSION && i < G_N_ELEMENTS (packed); i++)
    if (value == packed[i])
      return TRUE;
  return tag == TAG_DNG;
}

static void
look_at (Walk *walk, guint32 offset)
{
  const FewTiff *tiff = &walk->tiff;
  gboolean first = walk->n_waiting == 1;
  guint32 jpeg = 0;
  guint32 jpeg_size = 0;
  guint32 strip = 0;
  guint32 preview = 0;
  guint32 preview_size = 0;
  guint32 strip_size = 0;
  guint n;
  const guint8 *entry = few_tiff_entries (tiff, offset, &n);
  const guint8 *end = entry ? entry + (gsize) n * ENTRY : NULL;
  for (guint i = 0; entry && i < n; i++, entry += ENTRY)
    {
      guint tag = few_tiff_16 (tiff, entry);
      guint32 count = few_tiff_32 (tiff, entry + 4);
      guint32 value = few_tiff_value (tiff, entry, 0);
      walk->raw |= is_of_a_sensor (tag, value);
      if (tag == TAG_ORIENTATION && first && value >= 1 && value <= 8)
        walk->best->orientation = value;
      else if (tag == TAG_PREVIEW && tiff->data[2] == 'U')
        {
          preview = few_tiff_32 (tiff, entry + 8);
          preview_size = count;
        }
      else if (tag == TAG_JPEG)
        jpeg = value;
      else if (tag == TAG_JPEG_SIZE)
        jpeg_size = value;
      else if (tag == TAG_STRIPS && count == 1)
        strip = value;
      else if (tag == TAG_STRIP_SIZES && count == 1)
        strip_size = value;
      else if (tag == TAG_EXIF && walk->olympus)
        add_directory (walk, value);
      else if (tag == TAG_NOTE && walk->olympus)
        {
          few_orf_find (tiff, few_tiff_32 (tiff, entry + 8), walk->best);
          walk->olympus = FALSE;
        }
      for (guint32 k = 0; tag == TAG_DIRECTORIES && k < MIN (count, MOST_DIRECTORIES); k++)
        add_directory (walk, few_tiff_value (tiff, entry, k));
    }
  offer (walk, preview, preview_size);
  offer (walk, jpeg, jpeg_size);
  offer (walk, strip, strip_size);
  if (end && end + 4 <= tiff->data + tiff->size)
    add_directory (walk, few_tiff_32 (tiff, end));
}

/* Fujifilm's, whose head says where its JPEG is. */
static FewRawKind
find_in_raf (Walk *walk)
{
  enum { PLACE = 84 };
  if (walk->tiff.size < PLACE + 8)
    return FEW_RAW_BARE;
  offer (walk, few_tiff_32 (&walk->tiff, walk->tiff.data + PLACE),
         few_tiff_32 (&walk->tiff, walk->tiff.data + PLACE + 4));
  return walk->best->size > 0 ? FEW_RAW_PREVIEW : FEW_RAW_BARE;
}

FewRawKind
few_raw_find (const guint8 *data, gsize size, FewRawPreview *preview)
{
  *preview = (FewRawPreview) { 0 };
  Walk walk = { .tiff = { data, size, FALSE }, .best = preview };
  guint32 directory = 0;
  if (size >= 16 && memcmp (data, "FUJIFILMCCD-RAW ", 16) == 0)
    return find_in_raf (&walk);
  if (few_cr3_is (data, size))
    return few_cr3_find (data, size, preview);
  walk.raw = walk.olympus = few_orf_open (&walk.tiff, data, size, &directory);
  if (!walk.olympus && size >= 8 && memcmp (data, "IIU\0", 4) == 0)
    {
      walk.raw = walk.tiff.little = TRUE;
      directory = few_tiff_32 (&walk.tiff, data + 4);
    }
  else if (!walk.olympus && !few_tiff_open (&walk.tiff, data, size, &directory))
    return FEW_RAW_NONE;
  walk.raw |= size >= 10 && memcmp (data + 8, "CR", 2) == 0; /* Canon's */
  add_directory (&walk, directory);
  for (guint i = 0; i < walk.n_waiting; i++)
    look_at (&walk, walk.waiting[i]);
  if (!walk.raw)
    return FEW_RAW_NONE;
  return preview->size > 0 ? FEW_RAW_PREVIEW : FEW_RAW_BARE;
}

gboolean
few_image_header_find (const guint8 **data, gsize *size, FewImageHeader *header, gboolean *bare)
{
  FewRawPreview preview;
  FewRawKind kind = few_raw_find (*data, *size, &preview);
  *bare = kind == FEW_RAW_BARE;
  if (kind == FEW_RAW_PREVIEW)
    {
      *data += preview.offset;
      *size = preview.size;
    }
  if (*bare || !few_image_header_parse (*data, *size, header))
    return FALSE;
  header->around = kind == FEW_RAW_PREVIEW && preview.orientation > 0;
  if (header->around)
    header->orientation = preview.orientation;
  return TRUE;
}
