/* SPDX-License-Identifier: MIT */
#include "formats/zip.h"
#include "base/error.h"
#include <string.h>

enum {
  END_BYTES = 22,
  CENTRAL_BYTES = 46,
  LOCAL_BYTES = 30,
  LOCATOR_BYTES = 20,
  END64_BYTES = 56,
  MAX_ENTRIES = 100000
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
little (const guint8 *p, guint bytes)
{
  guint64 value = 0;
  for (guint i = bytes; i-- > 0;)
    value = value << 8 | p[i];
  return value;
}

/* Where the central directory starts and how many entries it has. */
static gboolean
find_directory (const guint8 *data, gsize size, guint64 *offset, guint64 *count)
{
  if (size < END_BYTES)
    return FALSE;
  gsize least = size > END_BYTES + 65535 ? size - END_BYTES - 65535 : 0;
  for (gsize at = size - END_BYTES + 1; at-- > least;)
    if (memcmp (data + at, "PK\5\6", 4) == 0)
      {
        *count = little (data + at + 10, 2);
        *offset = little (data + at + 16, 4);
        if (*count != 0xffff && *offset != 0xffffffff)
          return TRUE;
        if (at < LOCATOR_BYTES || memcmp (data + at - LOCATOR_BYTES, "PK\6\7", 4) != 0)
          return FALSE;
        guint64 end64 = little (data + at - LOCATOR_BYTES + 8, 8);
        if (size < END64_BYTES || end64 > size - END64_BYTES
            || memcmp (data + end64, "PK\6\6", 4) != 0)
          return FALSE;
        *count = little (data + end64 + 32, 8);
        *offset = little (data + end64 + 48, 8);
        return TRUE;
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
      gsize length = (gsize) little (extra + 2, 2);
      if (length > size - 4)
        return FALSE;
      if (little (extra, 2) == 1)
        {
          const guint8 *p = extra + 4;
          const guint8 *end = p + length;
          for (guint i = 0; i < 3; i++)
            if (*wanted[i] == 0xffffffff)
              {
                if (end - p < 8)
                  return FALSE;
                *wanted[i] = little (p, 8);
                p += 8;
              }
          return TRUE;
        }
      extra += 4 + length;
      size -= 4 + length;
    }
  return *plain != 0xffffffff && *packed != 0xffffffff && *local != 0xffffffff;
}

/* One record of the central directory at `at`; returns its length, or 0 with a reason. */
static gsize
read_record (FewZip *zip, const guint8 *data, gsize size, guint64 at, const char **why)
{
  *why = "its directory is damaged";
  if (at > size || size - at < CENTRAL_BYTES || memcmp (data + at, "PK\1\2", 4) != 0)
    return 0;
  const guint8 *p = data + at;
  guint flags = (guint) little (p + 8, 2);
  guint method = (guint) little (p + 10, 2);
  guint64 packed = little (p + 20, 4);
  guint64 plain = little (p + 24, 4);
  guint64 local = little (p + 42, 4);
  gsize name_length = (gsize) little (p + 28, 2);
  gsize extra_length = (gsize) little (p + 30, 2);
  gsize comment = (gsize) little (p + 32, 2);
  gsize length = CENTRAL_BYTES + name_length + extra_length + comment;
  if (size - at < length
      || !read_zip64 (p + CENTRAL_BYTES + name_length, extra_length, &plain, &packed, &local))
    return 0;
  if (method != 0 || plain != packed || flags & 1)
    return length; /* the source code of a TorchScript module; nothing that is looked for */
  if (!g_utf8_validate ((const char *) p + CENTRAL_BYTES, (gssize) name_length, NULL)
      || local > size || size - local < LOCAL_BYTES || memcmp (data + local, "PK\3\4", 4) != 0)
    return 0;
  guint64 start =
      local + LOCAL_BYTES + little (data + local + 26, 2) + little (data + local + 28, 2);
  if (start > size || plain > size - start)
    {
      *why = "an entry lies outside the file; the download is incomplete";
      return 0;
    }
  FewZipEntry *entry = g_new (FewZipEntry, 1);
  *entry = (FewZipEntry) { g_strndup ((const char *) p + CENTRAL_BYTES, name_length), data + start,
                           (gsize) plain };
  g_ptr_array_add (zip->entries, entry);
  /* the first of a name counts, everywhere */
  if (!g_hash_table_contains (zip->by_name, entry->name))
    g_hash_table_insert (zip->by_name, entry->name, entry);
  return length;
}

FewZip *
few_zip_parse (const guint8 *data, gsize size, const char *shown, GError **error)
{
  g_autoptr (FewZip) zip = g_new0 (FewZip, 1);
  zip->entries = g_ptr_array_new_with_free_func (entry_free);
  zip->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  guint64 at, count;
  if (!find_directory (data, size, &at, &count) || count > MAX_ENTRIES)
    {
      few_fail (error, FORMAT,
                "%s is not a whole zip archive, as PyTorch writes since version 1.6.", shown);
      return NULL;
    }
  for (guint64 i = 0; i < count; i++)
    {
      const char *why;
      gsize length = read_record (zip, data, size, at, &why);
      if (length == 0)
        {
          few_fail (error, FORMAT, "%s cannot be opened: %s.", shown, why);
          return NULL;
        }
      at += length;
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
