/* SPDX-License-Identifier: MIT */
/* OUTPUT.part: what has been embedded so far, in a form that survives a kill. */
#include "encode/part-file.h"
#include "base/error.h"
#include "base/file.h"
#include <fewshot/crop.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static const char MAGIC[8] = "FEWPART2";
enum { MAX_NAME = 1 << 16, STAMP = 32, NAME = 5 + STAMP /* where a record's name begins */ };

struct FewPartFile
{
  char *path;
  FILE *file;
  guint dim;
  long start; /* of the records */
  guint64 known, refused, name_bytes;
  char *last;
  GByteArray *record;
};

void
few_part_file_free (FewPartFile *part)
{
  if (part->file)
    fclose (part->file);
  g_byte_array_unref (part->record);
  g_free (part->last);
  g_free (part->path);
  g_free (part);
}

static guint32
crc_of (const GByteArray *record, gsize size)
{
  return GUINT32_TO_LE ((guint32) crc32 (0, record->data, (uInt) size));
}

static gboolean
read_u32 (FILE *file, guint32 *value)
{
  if (fread (value, 1, 4, file) != 4)
    return FALSE;
  *value = GUINT32_FROM_LE (*value);
  return TRUE;
}

/* Reads one whole record into part->record; FALSE at the end and at a torn or damaged one. */
static gboolean
read_record (FewPartFile *part, gboolean *has_feature)
{
  guint32 name_length;
  guint8 kind;
  if (!read_u32 (part->file, &name_length) || name_length > MAX_NAME
      || fread (&kind, 1, 1, part->file) != 1 || kind > 1)
    return FALSE;
  gsize size = NAME + name_length + (kind ? part->dim * sizeof (float) : 0);
  g_byte_array_set_size (part->record, (guint) size + 4);
  guint32 little = GUINT32_TO_LE (name_length);
  guint32 crc;
  memcpy (part->record->data, &little, 4);
  part->record->data[4] = kind;
  if (fread (part->record->data + 5, 1, size - 1, part->file) != size - 1)
    return FALSE;
  memcpy (&crc, part->record->data + size, 4);
  *has_feature = kind;
  return crc == crc_of (part->record, size) && !memchr (part->record->data + NAME, 0, name_length);
}

static char *
record_name (const FewPartFile *part)
{
  guint32 length;
  memcpy (&length, part->record->data, 4);
  return g_strndup ((const char *) part->record->data + NAME, GUINT32_FROM_LE (length));
}

static FewFileStamp
record_stamp (const FewPartFile *part)
{
  FewFileStamp stamp;
  memcpy (stamp.values, part->record->data + 5, STAMP);
  for (guint i = 0; i < G_N_ELEMENTS (stamp.values); i++)
    stamp.values[i] = GUINT64_FROM_LE (stamp.values[i]);
  return stamp;
}

FewFileStamp
few_file_stamp (const char *address)
{
  FewFileStamp stamp = { { 0 } };
  g_autofree char *path = few_address_split (address, NULL);
  struct stat info;
  if (stat (path, &info) == 0)
    stamp = (FewFileStamp) {
      { (guint64) info.st_size,
        (guint64) info.st_mtim.tv_sec * 1000000000 + (guint64) info.st_mtim.tv_nsec,
        (guint64) info.st_ctim.tv_sec * 1000000000 + (guint64) info.st_ctim.tv_nsec,
        (guint64) info.st_ino }
    };
  return stamp;
}

static void
count_record (FewPartFile *part, const char *name, gboolean has_feature)
{
  part->known += has_feature;
  part->refused += !has_feature;
  part->name_bytes += has_feature ? strlen (name) + 1 : 0;
  g_free (part->last);
  part->last = g_strdup (name);
}

/* Whether the file begins as this run's would; an empty one gets its beginning. */
static gboolean
check_beginning (FewPartFile *part, const char *description, GError **error)
{
  char magic[8];
  guint32 length = 0;
  gsize wanted = strlen (description);
  gsize got = fread (magic, 1, 8, part->file);
  gboolean same = got == 8 && memcmp (magic, MAGIC, 8) == 0 && read_u32 (part->file, &length)
                  && length == wanted;
  g_autofree char *found = g_malloc0 (wanted + 1);
  same = same && fread (found, 1, wanted, part->file) == wanted && strcmp (found, description) == 0;
  if (!same && got > 0)
    {
      few_fail (error, INPUT,
                "%s belongs to a run with another model, folder or option. Delete it, or choose "
                "another output.",
                part->path);
      return FALSE;
    }
  if (!same)
    {
      guint32 little = GUINT32_TO_LE ((guint32) wanted);
      fseek (part->file, 0, SEEK_SET);
      if (fwrite (MAGIC, 1, 8, part->file) != 8 || fwrite (&little, 1, 4, part->file) != 4
          || fwrite (description, 1, wanted, part->file) != wanted || fflush (part->file) != 0)
        {
          few_fail_errno (error, part->path, FEW_FILE_WRITTEN, errno);
          return FALSE;
        }
    }
  part->start = 12 + (long) wanted;
  return TRUE;
}

FewPartFile *
few_part_file_open (const char *path, const char *description, guint dim, FewPartSame same,
                    gpointer user, GError **error)
{
  g_autoptr (FewPartFile) part = g_new0 (FewPartFile, 1);
  part->path = g_strdup (path);
  part->dim = dim;
  part->record = g_byte_array_new ();
  int fd = few_file_open_to_write (path, O_RDWR | O_CREAT, 0666, error);
  if (fd < 0)
    return NULL;
  part->file = fdopen (fd, "r+b");
  if (!part->file)
    {
      close (fd);
      few_fail_errno (error, path, FEW_FILE_OPENED, errno);
      return NULL;
    }
  if (flock (fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    {
      few_fail (error, INPUT, "%s is being written by another run.", path);
      return NULL;
    }
  if (!check_beginning (part, description, error))
    return NULL;
  long good = part->start;
  gboolean has_feature;
  while (read_record (part, &has_feature))
    {
      g_autofree char *name = record_name (part);
      FewFileStamp stamp = record_stamp (part);
      if (!same (user, name, &stamp))
        break;
      count_record (part, name, has_feature);
      good = ftell (part->file);
    }
  if (fseek (part->file, good, SEEK_SET) != 0 || ftruncate (fd, good) != 0)
    {
      few_fail_errno (error, path, FEW_FILE_WRITTEN, errno);
      return NULL;
    }
  return g_steal_pointer (&part);
}

guint64
few_part_file_known (const FewPartFile *part)
{
  return part->known;
}

guint64
few_part_file_refused (const FewPartFile *part)
{
  return part->refused;
}

guint64
few_part_file_name_bytes (const FewPartFile *part)
{
  return part->name_bytes;
}

const char *
few_part_file_last (const FewPartFile *part)
{
  return part->last;
}

gboolean
few_part_file_append (FewPartFile *part, const char *name, const FewFileStamp *stamp,
                      const float *feature, GError **error)
{
  gsize length = strlen (name);
  guint32 little = GUINT32_TO_LE ((guint32) length);
  guint8 kind = feature != NULL;
  g_byte_array_set_size (part->record, 0);
  g_byte_array_append (part->record, (const guint8 *) &little, 4);
  g_byte_array_append (part->record, &kind, 1);
  for (guint i = 0; i < G_N_ELEMENTS (stamp->values); i++)
    {
      guint64 value = GUINT64_TO_LE (stamp->values[i]);
      g_byte_array_append (part->record, (const guint8 *) &value, sizeof value);
    }
  g_byte_array_append (part->record, (const guint8 *) name, (guint) length);
  if (feature)
    g_byte_array_append (part->record, (const guint8 *) feature, part->dim * sizeof (float));
  guint32 crc = crc_of (part->record, part->record->len);
  g_byte_array_append (part->record, (const guint8 *) &crc, 4);
  if (length > MAX_NAME
      || fwrite (part->record->data, 1, part->record->len, part->file) != part->record->len)
    {
      few_fail_errno (error, part->path, FEW_FILE_WRITTEN,
                      length > MAX_NAME ? ENAMETOOLONG : errno);
      return FALSE;
    }
  count_record (part, name, feature != NULL);
  return TRUE;
}

gboolean
few_part_file_flush (FewPartFile *part, GError **error)
{
  if (fflush (part->file) == 0 && fdatasync (fileno (part->file)) == 0)
    return TRUE;
  few_fail_errno (error, part->path, FEW_FILE_WRITTEN, errno);
  return FALSE;
}

void
few_part_file_rewind (FewPartFile *part)
{
  fseek (part->file, part->start, SEEK_SET);
}

gboolean
few_part_file_next (FewPartFile *part, const char **name, float *feature)
{
  gboolean has_feature;
  while (read_record (part, &has_feature))
    if (has_feature)
      {
        gsize size = part->record->len;
        gsize bytes = part->dim * sizeof (float);
        if (feature)
          memcpy (feature, part->record->data + size - 4 - bytes, bytes);
        part->record->data[size - 4 - bytes] = 0; /* closes the name; the feature has been copied */
        *name = (const char *) part->record->data + NAME;
        return TRUE;
      }
  return FALSE;
}
