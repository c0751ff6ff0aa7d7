/* SPDX-License-Identifier: MIT */
/* HEIC's and AVIF's boxes, as far as the size of the primary picture. */
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
