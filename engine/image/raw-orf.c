/* SPDX-License-Identifier: MIT */
/* What Olympus and OM System note in their raw files: a directory of the maker's own, which says
 * where a thumbnail and, by the directory of the camera's settings, a preview are. */
#include "image/raw.h"
#include <string.h>

enum { ENTRY = 12 };
enum { SETTINGS = 0x2020, THUMBNAIL = 0x100, OLD_START = 0x88, OLD_LENGTH = 0x89 };
enum { START = 0x101, LENGTH = 0x102 }; /* of the settings */

/* The three heads that a note has; the first count from the note, the last from the file. */
static const struct
{
  const char *begins;
  gsize length, head;
  gboolean own;
} kinds[] = { { "OLYMPUS\0", 8, 12, TRUE },
              { "OM SYSTEM\0", 10, 16, TRUE },
              { "OLYMP\0", 6, 8, FALSE } };

typedef struct
{
  FewTiff tiff;  /* that offsets count in */
  gsize base;    /* where that begins in the file */
  const guint8 *data;
  gsize size;
  FewRawPreview *best;
} Note;

static void
offer (const Note *note, guint32 start, guint32 length)
{
  few_raw_offer (note->data, note->size, note->base + start, length, note->best);
}

static void
read_pair (const Note *note, guint32 directory, guint start_tag, guint length_tag)
{
  guint n = 0;
  guint32 start = 0;
  guint32 length = 0;
  const guint8 *entry = few_tiff_entries (&note->tiff, directory, &n);
  for (guint i = 0; entry && i < n; i++, entry += ENTRY)
    {
      guint tag = few_tiff_16 (&note->tiff, entry);
      if (tag == start_tag)
        start = few_tiff_value (&note->tiff, entry, 0);
      else if (tag == length_tag)
        length = few_tiff_value (&note->tiff, entry, 0);
    }
  if (start > 0)
    offer (note, start, length);
}

/* The last of each counts: a file may name as many as it likes, each of them long. */
static void
read_note (const Note *note, guint32 directory)
{
  guint n = 0;
  guint32 thumbnail = 0;
  guint32 length = 0;
  guint32 settings = 0;
  const guint8 *entry = few_tiff_entries (&note->tiff, directory, &n);
  for (guint i = 0; entry && i < n; i++, entry += ENTRY)
    {
      guint tag = few_tiff_16 (&note->tiff, entry);
      guint32 there = few_tiff_32 (&note->tiff, entry + 8);
      if (tag == THUMBNAIL)
        {
          thumbnail = there;
          length = few_tiff_32 (&note->tiff, entry + 4);
        }
      else if (tag == SETTINGS)
        settings = there;
    }
  if (thumbnail > 0)
    offer (note, thumbnail, length);
  if (settings > 0)
    read_pair (note, settings, START, LENGTH);
  read_pair (note, directory, OLD_START, OLD_LENGTH);
}

gboolean
few_orf_open (FewTiff *tiff, const guint8 *data, gsize size, guint32 *directory)
{
  static const char *const marks[] = { "IIRO", "IIRS", "MMOR" };
  for (guint i = 0; i < G_N_ELEMENTS (marks) && size >= 8; i++)
    if (memcmp (data, marks[i], 4) == 0)
      {
        *tiff = (FewTiff) { data, size, data[0] == 'I' };
        *directory = few_tiff_32 (tiff, data + 4);
        return TRUE;
      }
  return FALSE;
}

void
few_orf_find (const FewTiff *tiff, gsize offset, FewRawPreview *best)
{
  Note note = { .tiff = *tiff, .data = tiff->data, .size = tiff->size, .best = best };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (offset > tiff->size || tiff->size - offset < kinds[i].head
          || memcmp (tiff->data + offset, kinds[i].begins, kinds[i].length) != 0)
        continue;
      const guint8 *at = tiff->data + offset;
      if (kinds[i].own)
        {
          note.base = offset;
          note.tiff = (FewTiff) { at, tiff->size - offset, at[kinds[i].head - 4] == 'I' };
        }
      read_note (&note, (guint32) (kinds[i].own ? 0 : offset) + (guint32) kinds[i].head);
      return;
    }
}
