/* SPDX-License-Identifier: MIT */
/* Canon's CR3: boxes as an MP4 has them. JPEGs are a thumbnail and a preview in boxes of their own,
 * and a track of the movie whose sample is the whole picture. */
#include "image/boxes.h"
#include "image/raw.h"
#include "image/tiff.h"
#include <string.h>

enum { ID = 16, MOST_OFFERS = 16, ORIENTATION = 0x112, ENTRY = 12 };

static const guint8 OF_CANON[ID] = { 0x85, 0xc0, 0xb6, 0x87, 0x82, 0x0f, 0x11, 0xe0,
                                     0x81, 0x11, 0xf4, 0xce, 0x46, 0x2b, 0x6a, 0x48 };
static const guint8 OF_PREVIEW[ID] = { 0xea, 0xf4, 0x2b, 0x5e, 0x1c, 0x98, 0x4b, 0x88,
                                       0xb9, 0xfb, 0xb7, 0xdc, 0x40, 0x6e, 0x4d, 0x16 };

typedef struct
{
  const guint8 *data;
  gsize size;
  guint offers; /* so far: cameras' files have six, and each is read up to its size */
  FewRawPreview *best;
} File;

gboolean
few_cr3_is (const guint8 *data, gsize size)
{
  return size >= 12 && memcmp (data + 4, "ftypcrx ", 8) == 0;
}

static gboolean
has_id (FewBytes *body, const guint8 *id)
{
  gboolean same = body->end - body->at >= ID && memcmp (body->at, id, ID) == 0;
  body->at += same ? ID : 0;
  return same;
}

static void
offer (File *file, guint64 offset, guint64 length)
{
  if (file->offers++ < MOST_OFFERS)
    few_raw_offer (file->data, file->size, offset, length, file->best);
}

/* A JPEG whose length stands in four bytes, `skipped` ones into the body, and that follows `head`
 * bytes behind its beginning. */
static void
offer_box (File *file, FewBytes body, guint skipped, guint head)
{
  FewBytes length = body;
  if (body.end - body.at < head)
    return;
  length.at += skipped;
  guint64 n = few_bytes_take (&length, 4);
  if (n <= (guint64) (body.end - body.at) - head)
    offer (file, (guint64) (body.at + head - file->data), n);
}

/* The first directory of a TIFF. */
static void
read_orientation (const File *file, FewBytes body)
{
  guint32 directory = 0;
  guint n = 0;
  FewTiff tiff;
  if (!few_tiff_open (&tiff, body.at, (gsize) (body.end - body.at), &directory))
    return;
  const guint8 *entry = few_tiff_entries (&tiff, directory, &n);
  for (guint i = 0; entry && i < n; i++, entry += ENTRY)
    {
      guint32 value = few_tiff_value (&tiff, entry, 0);
      if (few_tiff_16 (&tiff, entry) == ORIENTATION && value >= 1 && value <= 8)
        file->best->orientation = value;
    }
}

static void
read_canon (File *file, FewBytes in)
{
  enum { THUMBNAIL_LENGTH = 8, THUMBNAIL = 16 };
  FewBox box;
  while (few_box_next (&in, &box))
    if (few_box_is (&box, "CMT1"))
      read_orientation (file, box.body);
    else if (few_box_is (&box, "THMB"))
      offer_box (file, box.body, THUMBNAIL_LENGTH, THUMBNAIL);
}

guint
few_cr3_directories (const guint8 *movie, gsize size, gsize offsets[2], gsize sizes[2])
{
  static const char *const names[] = { "CMT1", "CMT2" };
  FewBytes in = { .at = movie, .end = movie + size };
  FewBytes body;
  FewBox box;
  guint n = 0;
  while (n == 0 && few_box_next (&in, &box))
    for (guint i = 0; few_box_is (&box, "uuid") && i < G_N_ELEMENTS (names); i++)
      {
        FewBytes canon = box.body;
        if (!has_id (&canon, OF_CANON) || !few_box_find (canon, names[i], &body))
          continue;
        offsets[n] = (gsize) (body.at - movie);
        sizes[n++] = (gsize) (body.end - body.at);
      }
  return n;
}

/* The only sample of a track: how long it is, and where. */
static void
read_track (File *file, FewBytes track)
{
  FewBytes media, info, table, sizes, places;
  if (!few_box_find (track, "mdia", &media) || !few_box_find (media, "minf", &info)
      || !few_box_find (info, "stbl", &table) || !few_box_find (table, "stsz", &sizes))
    return;
  gboolean wide = few_box_find (table, "co64", &places);
  if (!wide && !few_box_find (table, "stco", &places))
    return;
  few_bytes_take (&sizes, 4); /* version and flags */
  guint64 length = few_bytes_take (&sizes, 4);
  few_bytes_take (&sizes, 4);
  if (length == 0) /* each has its own */
    length = few_bytes_take (&sizes, 4);
  few_bytes_take (&places, 8);
  guint64 offset = few_bytes_take (&places, wide ? 8 : 4);
  if (!sizes.bad && !places.bad)
    offer (file, offset, length);
}

static void
read_movie (File *file, FewBytes in)
{
  FewBox box;
  while (few_box_next (&in, &box))
    if (few_box_is (&box, "uuid") && has_id (&box.body, OF_CANON))
      read_canon (file, box.body);
    else if (few_box_is (&box, "trak"))
      read_track (file, box.body);
}

FewRawKind
few_cr3_find (const guint8 *data, gsize size, FewRawPreview *preview)
{
  enum { BEFORE = 8, PREVIEW_LENGTH = 12, PREVIEW = 16 };
  File file = { .data = data, .size = size, .best = preview };
  FewBytes in = { .at = data, .end = data + size };
  FewBytes body;
  FewBox box;
  while (few_box_next (&in, &box))
    if (few_box_is (&box, "moov"))
      read_movie (&file, box.body);
    else if (few_box_is (&box, "uuid") && has_id (&box.body, OF_PREVIEW))
      {
        few_bytes_take (&box.body, BEFORE);
        if (few_box_find (box.body, "PRVW", &body))
          offer_box (&file, body, PREVIEW_LENGTH, PREVIEW);
      }
  return preview->size > 0 ? FEW_RAW_PREVIEW : FEW_RAW_BARE;
}
