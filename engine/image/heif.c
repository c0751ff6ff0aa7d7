/* SPDX-License-Identifier: MIT */
/* HEIC's and AVIF's boxes, as far as the size of the primary picture and the place of EXIF. */
#include "image/heif.h"
#include "image/boxes.h"
#include <string.h>

enum { MOST_PROPERTIES = 64 }; /* of one picture; looking one up takes a while */

/* The brand that names the codec, or NULL where none of ours is there. */
static const char *
read_brands (FewBytes brands)
{
  static const struct
  {
    char brand[5];
    const char *format;
  } known[] = {
    { "avif", "AVIF" }, { "avis", "AVIF" }, { "heic", "HEIC" }, { "heix", "HEIC" },
    { "heim", "HEIC" }, { "heis", "HEIC" }, { "hevc", "HEIC" }, { "hevx", "HEIC" },
    { "mif1", "HEIC" }, { "msf1", "HEIC" },
  };
  guint best = G_N_ELEMENTS (known);
  for (; brands.end - brands.at >= 4; brands.at += 4)
    for (guint i = 0; i < best; i++)
      if (memcmp (brands.at, known[i].brand, 4) == 0)
        best = i;
  return best < G_N_ELEMENTS (known) ? known[best].format : NULL;
}

/* A box with a version begins with it and 24 bits of flags. */
static guint
take_version (FewBytes *bytes, guint32 *flags)
{
  guint32 word = (guint32) few_bytes_take (bytes, 4);
  *flags = word & 0xffffff;
  return word >> 24;
}

/* The property of that number, from 1, where it is a size. */
static gboolean
read_size (FewBytes properties, guint number, FewImageHeader *header)
{
  FewBox box;
  for (guint i = 1; i <= number; i++)
    if (!few_box_next (&properties, &box))
      return FALSE;
  if (number == 0 || !few_box_is (&box, "ispe"))
    return FALSE;
  few_bytes_take (&box.body, 4);
  header->width = (guint) few_bytes_take (&box.body, 4);
  header->height = (guint) few_bytes_take (&box.body, 4);
  return !box.body.bad && header->width > 0 && header->height > 0;
}

/* Which properties belong to which item: that of `primary` that is a size. */
static gboolean
find_size (FewBytes associations, FewBytes properties, guint64 primary, FewImageHeader *header)
{
  guint32 flags;
  guint version = take_version (&associations, &flags);
  guint64 n = few_bytes_take (&associations, 4);
  guint left = MOST_PROPERTIES;
  for (guint64 i = 0; i < n && !associations.bad && left > 0; i++)
    {
      guint64 item = few_bytes_take (&associations, version < 1 ? 2 : 4);
      for (guint64 k = few_bytes_take (&associations, 1); k > 0; k--)
        {
          guint64 number =
              few_bytes_take (&associations, flags & 1 ? 2 : 1) & (flags & 1 ? 0x7fff : 0x7f);
          if (item == primary && left-- > 0 && read_size (properties, (guint) number, header))
            return TRUE;
        }
    }
  return FALSE;
}

static gboolean
read_meta (FewBytes meta, FewImageHeader *header)
{
  FewBytes primary, both, properties, associations;
  guint32 flags;
  few_bytes_take (&meta, 4);
  if (!few_box_find (meta, "pitm", &primary) || !few_box_find (meta, "iprp", &both)
      || !few_box_find (both, "ipco", &properties) || !few_box_find (both, "ipma", &associations))
    return FALSE;
  guint version = take_version (&primary, &flags);
  guint64 item = few_bytes_take (&primary, version == 0 ? 2 : 4);
  return !primary.bad && find_size (associations, properties, item, header);
}

gboolean
few_heif_parse (const guint8 *data, gsize size, FewImageHeader *header)
{
  FewBytes file = { .at = data, .end = data + size };
  gboolean sized = FALSE;
  FewBox box;
  if (!few_box_next (&file, &box) || !few_box_is (&box, "ftyp"))
    return FALSE;
  header->format = read_brands (box.body);
  if (!header->format)
    return FALSE;
  header->whole = box.whole;
  while (header->whole && few_box_next (&file, &box))
    {
      header->whole = box.whole;
      if (few_box_is (&box, "meta") && !sized)
        sized = read_meta (box.body, header);
    }
  return sized;
}

/* ---- EXIF */

/* The number of the first item of type “Exif”. */
static gboolean
find_exif_item (FewBytes infos, guint64 *item)
{
  guint32 flags;
  FewBox info;
  guint version = take_version (&infos, &flags);
  few_bytes_take (&infos, version == 0 ? 2 : 4);
  while (few_box_next (&infos, &info))
    {
      version = take_version (&info.body, &flags);
      *item = few_bytes_take (&info.body, version == 2 ? 2 : 4);
      few_bytes_take (&info.body, 2);
      if (few_box_is (&info, "infe") && version >= 2 && few_bytes_take (&info.body, 4) == 0x45786966
          && !info.body.bad)
        return TRUE;
    }
  return FALSE;
}

/* FALSE where there are fewer. */
static gboolean
skip_bytes (FewBytes *bytes, guint64 n)
{
  if ((guint64) (bytes->end - bytes->at) < n)
    return FALSE;
  bytes->at += n;
  return TRUE;
}

/* How many bytes its numbers have: offsets, lengths, the base that is added to an offset, and an
 * index before each. */
typedef struct
{
  guint version, offset, length, base, index;
} Widths;

static gboolean
take_widths (FewBytes *locations, Widths *w)
{
  guint32 flags;
  w->version = take_version (locations, &flags);
  guint sizes = (guint) few_bytes_take (locations, 2);
  w->offset = sizes >> 12;
  w->length = sizes >> 8 & 15;
  w->base = sizes >> 4 & 15;
  w->index = w->version > 0 ? sizes & 15 : 0;
  return !locations->bad && w->version <= 2 && MAX (w->offset, w->length) <= 8
         && MAX (w->base, w->index) <= 8;
}

/* Of the next item; usable: in one piece, and in the file itself. */
static gboolean
take_location (FewBytes *locations, const Widths *w, guint64 *item, guint64 *offset,
               guint64 *length, gboolean *usable)
{
  *item = few_bytes_take (locations, w->version < 2 ? 2 : 4);
  guint64 method = w->version > 0 ? few_bytes_take (locations, 2) & 15 : 0;
  guint64 elsewhere = few_bytes_take (locations, 2);
  guint64 base = few_bytes_take (locations, w->base);
  guint64 extents = few_bytes_take (locations, 2);
  FewBytes first = *locations;
  few_bytes_take (&first, w->index);
  *offset = base + few_bytes_take (&first, w->offset);
  *length = few_bytes_take (&first, w->length);
  *usable = method == 0 && elsewhere == 0 && extents == 1 && *offset >= base;
  return !locations->bad && skip_bytes (locations, extents * (w->index + w->offset + w->length));
}

gboolean
few_heif_find_exif (const guint8 *meta, gsize size, guint64 *offset, guint64 *length)
{
  FewBytes all = { .at = meta, .end = meta + size };
  FewBytes infos, locations;
  Widths widths;
  guint64 wanted, item;
  gboolean usable;
  few_bytes_take (&all, 4);
  if (!few_box_find (all, "iinf", &infos) || !few_box_find (all, "iloc", &locations)
      || !find_exif_item (infos, &wanted) || !take_widths (&locations, &widths))
    return FALSE;
  guint64 n = few_bytes_take (&locations, widths.version < 2 ? 2 : 4);
  for (guint64 i = 0; i < n; i++)
    {
      if (!take_location (&locations, &widths, &item, offset, length, &usable))
        return FALSE;
      if (item == wanted)
        return usable;
    }
  return FALSE;
}
