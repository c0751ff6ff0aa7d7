/* SPDX-License-Identifier: MIT */
/* DateTimeOriginal, SubSecTimeOriginal, Make, Model and BodySerialNumber: two directories of
 * EXIF. */
#include "image/moment.h"
#include "image/tiff.h"
#include <string.h>

enum { MAKE = 0x10f, MODEL = 0x110, EXIF = 0x8769, TAKEN = 0x9003, SUB_SECOND = 0x9291 };
enum { SERIAL = 0xa431 };

typedef struct
{
  const char *text;
  gsize length;
} Text;

typedef struct
{
  Text make, model, serial, taken, sub_second;
  guint32 exif; /* where the second directory is; 0: there is none */
} Tags;

/* ---- time */

/* FALSE unless all are digits. */
static gboolean
read_number (const char *text, guint n, guint *value)
{
  *value = 0;
  for (guint i = 0; i < n; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return FALSE;
      *value = 10 * *value + (guint) (text[i] - '0');
    }
  return TRUE;
}

/* Days since a day long ago, in the calendar of today. */
static gint64
count_days (guint year, guint month, guint day)
{
  gint64 y = month <= 2 ? (gint64) year - 1 : year; /* a year begins with March */
  gint64 m = month <= 2 ? month + 9 : month - 3;
  return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day;
}

/* “.5”, “05” or “0512”: behind the point. */
static guint
read_milliseconds (Text text)
{
  guint value = 0;
  guint unit = 100;
  for (gsize i = 0; i < MIN (text.length, 3) && g_ascii_isdigit (text.text[i]); i++, unit /= 10)
    value += unit * (guint) (text.text[i] - '0');
  return value;
}

/* “YYYY:MM:DD HH:MM:SS”; zeroes and blanks stand for not known. */
static gboolean
read_time (Text text, Text sub_second, gint64 *time)
{
  static const guint8 places[6][2] = {
    { 0, 4 }, { 5, 2 }, { 8, 2 }, { 11, 2 }, { 14, 2 }, { 17, 2 }
  };
  guint v[6];
  if (text.length != 19)
    return FALSE;
  for (guint i = 0; i < 6; i++)
    if (!read_number (text.text + places[i][0], places[i][1], &v[i]))
      return FALSE;
  if (v[0] == 0 || v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > 31 || v[3] > 23 || v[4] > 59
      || v[5] > 60)
    return FALSE;
  gint64 seconds = ((count_days (v[0], v[1], v[2]) * 24 + v[3]) * 60 + v[4]) * 60 + v[5];
  *time = 1000 * seconds + read_milliseconds (sub_second);
  return TRUE;
}

/* ---- camera */

/* FNV-1a, with an end to each text */
static void
mix (guint64 *hash, Text text)
{
  for (gsize i = 0; i <= text.length; i++)
    {
      *hash ^= i < text.length ? (guint8) text.text[i] : 0;
      *hash *= G_GUINT64_CONSTANT (1099511628211);
    }
}

static guint64
hash_camera (const Tags *tags)
{
  guint64 hash = G_GUINT64_CONSTANT (14695981039346656037);
  mix (&hash, tags->make);
  mix (&hash, tags->model);
  mix (&hash, tags->serial);
  return hash;
}

/* ---- EXIF */

static void
read_directory (const FewTiff *tiff, guint32 offset, Tags *tags)
{
  guint n;
  const guint8 *entry = few_tiff_entries (tiff, offset, &n);
  for (guint i = 0; entry && i < n; i++, entry += 12)
    {
      guint tag = few_tiff_16 (tiff, entry);
      Text *const texts[] = { &tags->make, &tags->model, &tags->serial, &tags->taken,
                              &tags->sub_second };
      static const guint known[] = { MAKE, MODEL, SERIAL, TAKEN, SUB_SECOND };
      for (guint j = 0; j < G_N_ELEMENTS (known); j++)
        if (tag == known[j])
          texts[j]->text = few_tiff_text (tiff, entry, &texts[j]->length);
      if (tag == EXIF)
        tags->exif = few_tiff_value (tiff, entry, 0);
    }
}

static gboolean
read_exif (const guint8 *data, gsize size, FewMoment *moment)
{
  FewTiff tiff;
  guint32 directory;
  Tags tags = { .exif = 0 };
  if (!few_tiff_open (&tiff, data, size, &directory))
    return FALSE;
  read_directory (&tiff, directory, &tags);
  if (tags.exif)
    read_directory (&tiff, tags.exif, &tags);
  moment->camera = hash_camera (&tags);
  return tags.make.length + tags.model.length > 0
         && read_time (tags.taken, tags.sub_second, &moment->time);
}

gboolean
few_moment_read (const guint8 *data, gsize size, FewMoment *moment)
{
  if (size < 4 || data[0] != 0xff || data[1] != 0xd8)
    return FALSE;
  for (gsize at = 2; at + 4 <= size;)
    {
      const guint8 *body = data + at + 4;
      guint marker = data[at + 1];
      gsize length = (gsize) data[at + 2] << 8 | data[at + 3];
      if (data[at] != 0xff || marker == 0xda || length < 2)
        return FALSE;
      gsize there = MIN (length - 2, size - at - 4);
      if (marker == 0xe1 && there > 6 && memcmp (body, "Exif\0\0", 6) == 0)
        return read_exif (body + 6, there - 6, moment);
      at += 2 + length;
    }
  return FALSE;
}
