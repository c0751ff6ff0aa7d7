/* SPDX-License-Identifier: MIT */
/* A zip's central directory, and where its stored members lie. */
#include "formats/zip.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/words.h"
#include <string.h>

enum {
  END_BYTES = 22,
  CENTRAL_BYTES = 46,
  LOCAL_BYTES = 30,
  LOCATOR_BYTES = 20,
  END64_BYTES = 56,
  MAX_COMMENT = 65535,
  MAX_ENTRIES = 100000,
  MAX_DIRECTORY = 64 << 20
};

struct FewZip
{
  GPtrArray *entries;  /* FewZipEntry, in the archive's order */
  GHashTable *by_name; /* name → entry, borrowed */
};

static void
entry_free (gpointer data)
{
  FewZipEntry *entry = data;
  g_free (entry->name);
  g_free (entry);
}

void
few_zip_free (FewZip *zip)
{
  g_hash_table_unref (zip->by_name);
  g_ptr_array_unref (zip->entries);
  g_free (zip);
}

static guint64
read_little (const guint8 *p, guint bytes)
{
  guint64 value = 0;
  for (guint i = bytes; i-- > 0;)
    value = value << 8 | p[i];
  return value;
}

/* ---- the directory */

typedef struct
{
  const FewFile *file;
  guint64 size;   /* of the file */
  guint64 offset; /* of the directory */
  guint64 bytes;  /* from there to the record that ends it */
  guint64 count;
} Directory;

/* The end record at `at` of the file's last bytes, `tail`, which begin at `base`. */
static gboolean
read_end (Directory *d, const guint8 *tail, gsize at, guint64 base)
{
  guint8 end64[END64_BYTES];
  d->count = read_little (tail + at + 10, 2);
  d->offset = read_little (tail + at + 16, 4);
  d->bytes = base + at;
  if (d->count != 0xffff && d->offset != 0xffffffff)
    return TRUE;
  if (at < LOCATOR_BYTES || memcmp (tail + at - LOCATOR_BYTES, "PK\6\7", 4) != 0)
    return FALSE;
  guint64 where = read_little (tail + at - LOCATOR_BYTES + 8, 8);
  if (d->size < END64_BYTES || where > d->size - END64_BYTES
      || !few_file_read_at (d->file, end64, END64_BYTES, where, NULL)
      || memcmp (end64, "PK\6\6", 4) != 0)
    return FALSE;
  d->count = read_little (end64 + 32, 8);
  d->offset = read_little (end64 + 48, 8);
  d->bytes = where;
  return TRUE;
}

static gboolean
find_directory (Directory *d)
{
  gsize room = (gsize) MIN (d->size, END_BYTES + MAX_COMMENT + LOCATOR_BYTES);
  guint64 base = d->size - room;
  g_autofree guint8 *tail = g_malloc (room + 1);
  if (room < END_BYTES || !few_file_read_at (d->file, tail, room, base, NULL))
    return FALSE;
  for (gsize at = room - END_BYTES + 1; at-- > 0;)
    if (memcmp (tail + at, "PK\5\6", 4) == 0)
      {
        gboolean found = read_end (d, tail, at, base) && d->offset <= d->bytes
                         && d->count <= MAX_ENTRIES && d->bytes - d->offset <= MAX_DIRECTORY;
        d->bytes -= found ? d->offset : 0;
        return found;
      }
  return FALSE;
}

/* The zip64 extra field gives, in this order, those of the three that the 32-bit fields could
 * not hold. */
static gboolean
read_zip64 (const guint8 *extra, gsize size, guint64 *plain, guint64 *packed, guint64 *local)
{
  guint64 *wanted[] = { plain, packed, local };
  while (size >= 4)
    {
      gsize length = (gsize) read_little (extra + 2, 2);
      if (length > size - 4)
        return FALSE;
      if (read_little (extra, 2) == 1)
        {
          const guint8 *p = extra + 4;
          const guint8 *end = p + length;
          for (guint i = 0; i < 3; i++)
            if (*wanted[i] == 0xffffffff)
              {
                if (end - p < 8)
                  return FALSE;
                *wanted[i] = read_little (p, 8);
                p += 8;
              }
          return TRUE;
        }
      extra += 4 + length;
      size -= 4 + length;
    }
  return *plain != 0xffffffff && *packed != 0xffffffff && *local != 0xffffffff;
}

/* Where the bytes of an entry begin: behind its local header. 0: nowhere in the file. */
static guint64
entry_start (const Directory *d, guint64 local, guint64 bytes)
{
  guint8 header[LOCAL_BYTES];
  if (d->size < LOCAL_BYTES || local > d->size - LOCAL_BYTES
      || !few_file_read_at (d->file, header, LOCAL_BYTES, local, NULL)
      || memcmp (header, "PK\3\4", 4) != 0)
    return 0;
  guint64 start = local + LOCAL_BYTES + read_little (header + 26, 2) + read_little (header + 28, 2);
  return start <= d->size && bytes <= d->size - start ? start : 0;
}

/* One record of the directory, of which `left` bytes are left; returns its length, or 0 with a
 * reason. */
static gsize
read_record (FewZip *zip, const Directory *d, const guint8 *p, gsize left, const char **why)
{
  *why = N_ ("its directory is damaged");
  if (left < CENTRAL_BYTES || memcmp (p, "PK\1\2", 4) != 0)
    return 0;
  guint flags = (guint) read_little (p + 8, 2);
  guint method = (guint) read_little (p + 10, 2);
  guint64 packed = read_little (p + 20, 4);
  guint64 plain = read_little (p + 24, 4);
  guint64 local = read_little (p + 42, 4);
  gsize name_length = (gsize) read_little (p + 28, 2);
  gsize extra_length = (gsize) read_little (p + 30, 2);
  gsize comment = (gsize) read_little (p + 32, 2);
  gsize length = CENTRAL_BYTES + name_length + extra_length + comment;
  if (left < length
      || !read_zip64 (p + CENTRAL_BYTES + name_length, extra_length, &plain, &packed, &local))
    return 0;
  if (method != 0 || plain != packed || flags & 1)
    return length; /* the source code of a TorchScript module; nothing that is looked for */
  if (!g_utf8_validate ((const char *) p + CENTRAL_BYTES, (gssize) name_length, NULL))
    return 0;
  guint64 start = entry_start (d, local, plain);
  if (start == 0)
    {
      *why = N_ ("an entry lies outside the file; the download is incomplete");
      return 0;
    }
  FewZipEntry *entry = g_new (FewZipEntry, 1);
  *entry =
      (FewZipEntry) { g_strndup ((const char *) p + CENTRAL_BYTES, name_length), start, plain };
  g_ptr_array_add (zip->entries, entry);
  /* the first of a name counts, everywhere */
  if (!g_hash_table_contains (zip->by_name, entry->name))
    g_hash_table_insert (zip->by_name, entry->name, entry);
  return length;
}

FewZip *
few_zip_read (const FewFile *file, GError **error)
{
  const char *shown = few_file_shown (file);
  g_autoptr (FewZip) zip = g_new0 (FewZip, 1);
  zip->entries = g_ptr_array_new_with_free_func (entry_free);
  zip->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  Directory d = { .file = file, .size = few_file_size (file) };
  if (!find_directory (&d))
    {
      few_fail (error, FORMAT,
                "%s is not a whole zip archive, as PyTorch writes since version 1.6.", shown);
      return NULL;
    }
  gsize left = (gsize) d.bytes;
  g_autofree guint8 *bytes = few_try_bytes (left, shown, error);
  if (!bytes || !few_file_read_at (file, bytes, left, d.offset, error))
    return NULL;
  const guint8 *p = bytes;
  for (guint64 i = 0; i < d.count; i++)
    {
      const char *why;
      gsize length = read_record (zip, &d, p, left, &why);
      if (length == 0)
        {
          few_fail (error, FORMAT, "%s cannot be opened: %s.", shown, _ (why));
          return NULL;
        }
      p += length;
      left -= length;
    }
  return g_steal_pointer (&zip);
}

const FewZipEntry *
few_zip_find (const FewZip *zip, const char *name)
{
  return g_hash_table_lookup (zip->by_name, name);
}

const FewZipEntry *
few_zip_find_suffix (const FewZip *zip, const char *suffix)
{
  for (guint i = 0; i < zip->entries->len; i++)
    {
      const FewZipEntry *entry = zip->entries->pdata[i];
      if (g_str_has_suffix (entry->name, suffix))
        return entry;
    }
  return NULL;
}
