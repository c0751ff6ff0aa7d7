/* SPDX-License-Identifier: MIT */
/* Two directories of TIFF, big-endian, in a segment behind JFIF's. */
#include <config.h>
#include "common/frame-exif.h"
#include <string.h>

enum { TEXT = 2, LONG = 4, ENTRY = 12, MOST_TEXT = 1000 };
enum { DESCRIPTION = 0x10e, MAKE = 0x10f, MODEL = 0x110, SOFTWARE = 0x131, EXIF = 0x8769 };
enum { TAKEN = 0x9003, SUB_SECOND = 0x9291, SERIAL = 0xa431 };

typedef struct
{
  guint tag;
  const char *text;  /* NULL: */
  guint32 number;
} Entry;

static void
put_number (GByteArray *out, guint32 value, guint bytes)
{
  for (guint i = bytes; i-- > 0;)
    {
      guint8 byte = (guint8) (value >> 8 * i);
      g_byte_array_append (out, &byte, 1);
    }
}

/* Texts of more than four bytes lie behind the directory, which begins at out's end. */
static void
put_directory (GByteArray *out, const Entry *entries, guint n)
{
  guint32 behind = out->len + 2 + n * ENTRY + 4;
  put_number (out, n, 2);
  for (guint i = 0; i < n; i++)
    {
      const Entry *entry = &entries[i];
      guint32 length = entry->text ? (guint32) strlen (entry->text) + 1 : 1;
      put_number (out, entry->tag, 2);
      put_number (out, entry->text ? TEXT : LONG, 2);
      put_number (out, length, 4);
      if (!entry->text)
        put_number (out, entry->number, 4);
      else if (length <= 4)
        {
          guint8 inside[4] = { 0 };
          memcpy (inside, entry->text, length);
          g_byte_array_append (out, inside, sizeof inside);
        }
      else
        {
          put_number (out, behind, 4);
          behind += length;
        }
    }
  put_number (out, 0, 4); /* no other directory */
  for (guint i = 0; i < n; i++)
    if (entries[i].text && strlen (entries[i].text) >= 4)
      g_byte_array_append (out, (const guint8 *) entries[i].text,
                           (guint) strlen (entries[i].text) + 1);
}

static guint32
measure_directory (const Entry *entries, guint n)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  put_directory (out, entries, n);
  return out->len;
}

static GByteArray *
make_tiff (const FewFrameSource *source)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (source->time / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = utc ? g_date_time_to_local (utc) : NULL;
  g_autofree char *taken = local ? g_date_time_format (local, "%Y:%m:%d %H:%M:%S") : NULL;
  g_autofree char *part = g_strdup_printf ("%03u", (guint) (source->time / 1000 % 1000));
  g_autofree char *description = g_utf8_make_valid (source->description, -1);
  if (strlen (description) > MOST_TEXT)
    *g_utf8_find_prev_char (description, description + MOST_TEXT) = 0;
  Entry first[] = { { DESCRIPTION, description, 0 },
                    { MAKE, "Fewshot", 0 },
                    { MODEL, source->model, 0 },
                    { SOFTWARE, "Fewshot " FEW_VERSION, 0 },
                    { EXIF, NULL, 0 } };
  const Entry second[] = { { TAKEN, taken ? taken : "", 0 },
                           { SUB_SECOND, part, 0 },
                           { SERIAL, source->serial, 0 } };
  GByteArray *tiff = g_byte_array_new ();
  g_byte_array_append (tiff, (const guint8 *) "MM\0*\0\0\0\x08", 8);
  first[G_N_ELEMENTS (first) - 1].number =
      tiff->len + measure_directory (first, G_N_ELEMENTS (first));
  put_directory (tiff, first, G_N_ELEMENTS (first));
  put_directory (tiff, second, G_N_ELEMENTS (second));
  return tiff;
}

GByteArray *
few_frame_describe (const guint8 *jpeg, gsize size, const FewFrameSource *source)
{
  static const guint8 app1[] = { 0xff, 0xe1 };
  g_return_val_if_fail (jpeg && source && source->model && source->serial, NULL);
  if (size < 6 || jpeg[0] != 0xff || jpeg[1] != 0xd8)
    return NULL;
  gsize at = 2;
  if (jpeg[2] == 0xff && jpeg[3] == 0xe0) /* JFIF's segment comes first */
    at += 2 + ((gsize) jpeg[4] << 8 | jpeg[5]);
  if (at > size)
    return NULL;
  g_autoptr (GByteArray) tiff = make_tiff (source);
  GByteArray *out = g_byte_array_sized_new ((guint) size + tiff->len + 16);
  g_byte_array_append (out, jpeg, (guint) at);
  g_byte_array_append (out, app1, sizeof app1);
  put_number (out, 2 + 6 + tiff->len, 2);
  g_byte_array_append (out, (const guint8 *) "Exif\0\0", 6);
  g_byte_array_append (out, tiff->data, tiff->len);
  g_byte_array_append (out, jpeg + at, (guint) (size - at));
  return out;
}
