/* SPDX-License-Identifier: MIT */
/* Keywords that pictures have already, whoever wrote them: XMP's lists and IPTC's. */
#include <fewshot/tags.h>
#include "base/error.h"
#include "base/file.h"
#include "metadata/keywords.h"
#include "metadata/sidecar.h"
#include <glib/gstdio.h>
#include <string.h>

static void
add_keyword (GPtrArray *found, GHashTable *seen, const char *value, const char *separators)
{
  const char *last = value;
  for (const char *p = value; *p; p++)
    if (strchr (separators, *p) && p[1])
      last = p + 1;
  g_autofree char *name = g_strstrip (g_strdup (last));
  if (*name && g_hash_table_add (seen, g_strdup (name)))
    g_ptr_array_add (found, g_steal_pointer (&name));
}

/* IPTC's are bytes that mostly nobody has said the encoding of. */
static void
add_bytes (GPtrArray *found, GHashTable *seen, const char *value)
{
  g_autofree char *text = g_utf8_validate (value, -1, NULL)
                              ? g_strdup (value)
                              : g_convert (value, -1, "UTF-8", "WINDOWS-1252", NULL, NULL, NULL);
  g_autofree char *valid = text ? g_steal_pointer (&text) : g_utf8_make_valid (value, -1);
  add_keyword (found, seen, valid, "");
}

static void
add_keywords (GPtrArray *found, GHashTable *seen, FewXmp *xmp)
{
  static const char *const separators[FEW_KEYWORD_LISTS] = { "", "|", "/" };
  g_autoptr (FewKeywords) keywords = few_keywords_read (xmp, NULL);
  for (guint l = 0; keywords && l < FEW_KEYWORD_LISTS; l++)
    for (guint i = 0; i < keywords->lists[l]->len; i++)
      add_keyword (found, seen, keywords->lists[l]->pdata[i], separators[l]);
  g_auto (GStrv) iptc = few_xmp_get_list (xmp, "Iptc.Application2.Keywords");
  for (char **value = iptc; *value; value++)
    add_bytes (found, seen, *value);
}

/* That beside the picture; empty where there is none. */
static FewXmp *
open_sidecar (const char *picture, GError **error)
{
  g_autofree char *file = few_sidecar_find (picture);
  g_autofree char *shown = g_filename_display_name (file);
  g_autofree char *text = NULL;
  gsize length = 0;
  GStatBuf info;
  if (g_lstat (file, &info) == 0
      && !(text = few_file_read (file, FEW_SIDECAR_MOST, &length, error)))
    return NULL;
  return few_xmp_new (text, length, shown, error);
}

char **
few_tags_read (const char *picture, GError **error)
{
  g_return_val_if_fail (picture != NULL, NULL);
  g_autoptr (GMutexLocker) turn G_GNUC_UNUSED = g_mutex_locker_new (few_xmp_turn ());
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (FewXmp) beside = open_sidecar (picture, error);
  if (!beside)
    return NULL;
  add_keywords (found, seen, beside);
  g_autoptr (FewXmp) inside = few_xmp_open (picture, error);
  if (!inside)
    return NULL;
  add_keywords (found, seen, inside);
  g_ptr_array_add (found, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&found), FALSE);
}
