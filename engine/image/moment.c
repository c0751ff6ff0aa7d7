/* SPDX-License-Identifier: MIT */
/* DateTimeOriginal, SubSecTimeOriginal, Make, Model and BodySerialNumber: two directories of
 * EXIF. */
#include "image/moment.h"
#include "image/exif-place.h"
#include "image/raw.h"
#include <string.h>

enum { MAKE = 0x10f, MODEL = 0x110, EXIF = 0x8769, TAKEN = 0x9003, SUB_SECOND = 0x9291 };
enum { SERIAL = 0xa431 };
enum { ENTRY = 12, AT_ONCE = 32 };    /* bytes of an entry, entries that are read at once */
enum { TEXT = 2, SHORT = 3, MOST_TEXT = 64 };

typedef struct
{
  char text[MOST_TEXT]; /* no NUL behind the last */
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
read_milliseconds (const Text *text)
{
  guint value = 0;
  guint unit = 100;
  for (gsize i = 0; i < MIN (text->length, 3) && g_ascii_isdigit (text->text[i]); i++, unit /= 10)
    value += unit * (guint) (text->text[i] - '0');
  return value;
}

/* “YYYY:MM:DD HH:MM:SS”; zeroes and blanks stand for not known. */
static gboolean
read_time (const Text *text, const Text *sub_second, gint64 *time)
{
  static const guint8 places[6][2] = {
    { 0, 4 }, { 5, 2 }, { 8, 2 }, { 11, 2 }, { 14, 2 }, { 17, 2 }
  };
  guint v[6];
  if (text->length != 19)
    return FALSE;
  for (guint i = 0; i < 6; i++)
    if (!read_number (text->text + places[i][0], places[i][1], &v[i]))
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
mix (guint64 *hash, const Text *text)
{
  for (gsize i = 0; i <= text->length; i++)
    {
      *hash ^= i < text->length ? (guint8) text->text[i] : 0;
      *hash *= G_GUINT64_CONSTANT (1099511628211);
    }
}

static guint64
hash_camera (const Tags *tags)
{
  guint64 hash = G_GUINT64_CONSTANT (14695981039346656037);
  mix (&hash, &tags->make);
  mix (&hash, &tags->model);
  mix (&hash, &tags->serial);
  return hash;
}

/* ---- EXIF */

typedef struct
{
  const FewSource *source;
  FewStretch place;
  FewTiff order; /* of bytes */
} Exif;

static gboolean
read_at (const Exif *exif, guint64 offset, gsize size, gpointer out)
{
  const FewStretch *place = &exif->place;
  return offset <= place->size && place->size - offset >= size
         && few_source_read (exif->source, place->offset + offset, size, out);
}

/* What is longer than any name of a camera is cut. */
static void
read_text (const Exif *exif, const guint8 *entry, Text *text)
{
  guint32 length = few_tiff_32 (&exif->order, entry + 4);
  guint32 offset = few_tiff_32 (&exif->order, entry + 8);
  gsize there = MIN (length, MOST_TEXT);
  text->length = 0;
  if (few_tiff_16 (&exif->order, entry + 2) != TEXT)
    return;
  if (length <= 4)
    memcpy (text->text, entry + 8, there);
  else if (!read_at (exif, offset, there, text->text))
    return;
  text->length = strnlen (text->text, there);
}

static void
read_entry (const Exif *exif, const guint8 *entry, Tags *tags)
{
  static const guint known[] = { MAKE, MODEL, SERIAL, TAKEN, SUB_SECOND };
  Text *const texts[] = { &tags->make, &tags->model, &tags->serial, &tags->taken,
                          &tags->sub_second };
  guint tag = few_tiff_16 (&exif->order, entry);
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (tag == known[i])
      read_text (exif, entry, texts[i]);
  if (tag == EXIF)
    tags->exif = few_tiff_16 (&exif->order, entry + 2) == SHORT
                     ? few_tiff_16 (&exif->order, entry + 8)
                     : few_tiff_32 (&exif->order, entry + 8);
}

static void
read_directory (const Exif *exif, guint32 offset, Tags *tags)
{
  guint8 count[2];
  guint8 entries[AT_ONCE * ENTRY];
  if (!read_at (exif, offset, sizeof count, count))
    return;
  guint left = few_tiff_16 (&exif->order, count);
  for (guint64 at = (guint64) offset + sizeof count; left > 0;)
    {
      guint n = MIN (left, AT_ONCE);
      if (!read_at (exif, at, (gsize) n * ENTRY, entries))
        return;
      for (guint i = 0; i < n; i++)
        read_entry (exif, entries + (gsize) i * ENTRY, tags);
      at += (guint64) n * ENTRY;
      left -= n;
    }
}

/* What one place has; FALSE: it is no TIFF. */
static gboolean
read_place (Exif *exif, Tags *tags)
{
  guint8 head[8];
  guint32 directory;
  if (!read_at (exif, 0, sizeof head, head)
      || !(few_tiff_open (&exif->order, head, sizeof head, &directory)
           || few_orf_open (&exif->order, head, sizeof head, &directory)))
    return FALSE;
  tags->exif = 0;
  read_directory (exif, directory, tags);
  if (tags->exif)
    read_directory (exif, tags->exif, tags);
  return TRUE;
}

static gboolean
read_tags (const FewSource *source, Tags *tags)
{
  FewStretch places[FEW_EXIF_MOST];
  guint n = few_exif_find (source, places);
  *tags = (Tags) { .exif = 0 };
  for (guint i = 0; i < n; i++)
    {
      Exif exif = { .source = source, .place = places[i] };
      if (!read_place (&exif, tags))
        return FALSE;
    }
  return n > 0;
}

static gboolean
read_moment (const FewSource *source, FewMoment *moment)
{
  Tags tags;
  if (!read_tags (source, &tags))
    return FALSE;
  moment->camera = hash_camera (&tags);
  return tags.make.length + tags.model.length > 0
         && read_time (&tags.taken, &tags.sub_second, &moment->time);
}

gboolean
few_moment_of_file (const FewFile *file, FewMoment *moment)
{
  const FewSource source = { .file = file, .size = few_file_size (file) };
  return read_moment (&source, moment);
}

gboolean
few_moment_read (const guint8 *data, gsize size, FewMoment *moment)
{
  const FewSource source = { .data = data, .size = size };
  return read_moment (&source, moment);
}

gboolean
few_moment_read_time (const guint8 *data, gsize size, char time[FEW_MOMENT_TIME])
{
  const FewSource source = { .data = data, .size = size };
  Tags tags;
  gint64 known;
  time[0] = 0;
  if (!read_tags (&source, &tags) || !read_time (&tags.taken, &tags.sub_second, &known))
    return FALSE;
  const char *t = tags.taken.text;
  g_snprintf (time, FEW_MOMENT_TIME, "%.4s-%.2s-%.2s%c%.8s", t, t + 5, t + 8, 'T', t + 11);
  time[13] = time[16] = ':';
  return TRUE;
}
