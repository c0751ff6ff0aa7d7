/* SPDX-License-Identifier: MIT */
/* XMP by gexiv2, Exiv2's face for C. */
#include "metadata/xmp.h"
#include "base/error.h"
#include "metadata/sidecar.h"
#include <gexiv2/gexiv2.h>
#include <string.h>

struct FewXmp
{
  GExiv2Metadata *metadata;
  gboolean in_picture;
};

/* What Exiv2 does not like is told by whoever calls it, as a sentence. */
static void
keep_quiet (GExiv2LogLevel level, const char *message)
{
  g_debug ("Exiv2, %d: %s", (int) level, message);
}

gboolean
few_xmp_available (GError **error)
{
  static gsize once = 0;
  static gboolean ready;
  if (g_once_init_enter (&once))
    {
      ready = gexiv2_initialize ();
      gexiv2_log_set_handler (keep_quiet);
      g_once_init_leave (&once, 1);
    }
  if (!ready)
    few_fail (error, UNSUPPORTED, "Exiv2, which reads and writes metadata, cannot be started.");
  return ready;
}

static gboolean
check (const GError *local, const char *name, GError **error)
{
  if (!local)
    return TRUE;
  few_fail (error, FORMAT, "%s: its metadata cannot be read or written (%s).", name,
            local->message);
  return FALSE;
}

/* A file to be opened. Exiv2 keeps the prefixes of all that it has read, for all that it writes:
 * those of the last file go. */
static FewXmp *
begin (void)
{
  FewXmp *xmp = g_new0 (FewXmp, 1);
  gexiv2_metadata_try_unregister_all_xmp_namespaces (NULL);
  gexiv2_metadata_try_register_xmp_namespace (FEW_SIDECAR_NAMESPACE, "fewshot", NULL);
  xmp->metadata = gexiv2_metadata_new ();
  return xmp;
}

/* Exiv2 passes over what it does not know (qualifiers, for one): such a file is not written.
 * before: the values that it was read with. */
static gboolean
check_whole (FewXmp *xmp, GHashTable *before, const char *name, GError **error)
{
  g_autoptr (GHashTable) after = NULL;
  g_autofree char *again = few_xmp_to_sidecar (xmp, error);
  if (!again || !few_sidecar_check (again, strlen (again), name, &after, error))
    return FALSE;
  const char *lost = few_sidecar_find_lost (before, after);
  if (!lost)
    return TRUE;
  few_fail (error, UNSUPPORTED,
            "%s holds what Exiv2 would not keep (“%.60s”): it is left as it is.", name, lost);
  return FALSE;
}

FewXmp *
few_xmp_new (const char *text, gsize length, const char *name, GError **error)
{
  g_autoptr (GHashTable) before = NULL;
  if (!few_xmp_available (error)
      || (text && !few_sidecar_check (text, length, name, &before, error)))
    return NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (FewXmp) xmp = begin ();
  gexiv2_metadata_open_buf (xmp->metadata, (const guint8 *) (text ? text : few_sidecar_empty),
                            (glong) (text ? length : strlen (few_sidecar_empty)), &local);
  if (!check (local, name, error) || (text && !check_whole (xmp, before, name, error)))
    return NULL;
  return g_steal_pointer (&xmp);
}

FewXmp *
few_xmp_open (const char *picture, GError **error)
{
  if (!few_xmp_available (error))
    return NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *shown = g_filename_display_name (picture);
  g_autoptr (FewXmp) xmp = begin ();
  xmp->in_picture = TRUE;
  gexiv2_metadata_open_path (xmp->metadata, picture, &local);
  g_autofree char *text = check (local, shown, error) ? few_xmp_to_sidecar (xmp, error) : NULL;
  return text && few_sidecar_check (text, strlen (text), shown, NULL, error)
             ? g_steal_pointer (&xmp)
             : NULL;
}

void
few_xmp_free (FewXmp *xmp)
{
  g_clear_object (&xmp->metadata);
  g_free (xmp);
}

char **
few_xmp_get_list (FewXmp *xmp, const char *tag)
{
  char **values = gexiv2_metadata_try_get_tag_multiple (xmp->metadata, tag, NULL);
  return values ? values : g_new0 (char *, 1);
}

gboolean
few_xmp_has_members (FewXmp *xmp, const char *tag)
{
  g_auto (GStrv) tags = gexiv2_metadata_get_xmp_tags (xmp->metadata);
  gsize length = strlen (tag);
  for (char **t = tags; t && *t; t++)
    if (g_str_has_prefix (*t, tag) && ((*t)[length] == '[' || (*t)[length] == '/'))
      return TRUE;
  return FALSE;
}

gboolean
few_xmp_set_list (FewXmp *xmp, const char *tag, const char *const *values, GError **error)
{
  g_autoptr (GError) local = NULL;
  few_xmp_remove (xmp, tag);
  if (values && values[0])
    gexiv2_metadata_try_set_tag_multiple (xmp->metadata, tag, (const char **) values, &local);
  return check (local, tag, error);
}

char *
few_xmp_get_text (FewXmp *xmp, const char *tag)
{
  return gexiv2_metadata_try_get_tag_string (xmp->metadata, tag, NULL);
}

gboolean
few_xmp_set_text (FewXmp *xmp, const char *tag, const char *value, GError **error)
{
  g_autoptr (GError) local = NULL;
  gexiv2_metadata_try_set_tag_string (xmp->metadata, tag, value, &local);
  return check (local, tag, error);
}

void
few_xmp_remove (FewXmp *xmp, const char *tag)
{
  gexiv2_metadata_try_clear_tag (xmp->metadata, tag, NULL);
}

/* gexiv2 does not see a bag or a structure that has nothing in it any more. */
static void
remove_hollow (FewXmp *xmp, const char *tag)
{
  gexiv2_metadata_try_set_tag_string (xmp->metadata, tag, "-", NULL);
  few_xmp_remove (xmp, tag);
}

void
few_xmp_remove_bag (FewXmp *xmp, const char *tag)
{
  g_auto (GStrv) tags = gexiv2_metadata_get_xmp_tags (xmp->metadata);
  g_autofree char *members = g_strconcat (tag, "[", NULL);
  for (char **t = tags; t && *t; t++)
    {
      const char *end = g_str_has_prefix (*t, members) ? strchr (*t, ']') : NULL;
      g_autofree char *item = end ? g_strndup (*t, (gsize) (end - *t) + 1) : NULL;
      if (!item)
        continue;
      few_xmp_remove (xmp, *t);
      remove_hollow (xmp, item);
    }
  remove_hollow (xmp, tag);
  /* Exiv2 0.27 breaks a WebP from which it takes the last of the XMP: an empty bag stays there */
  if (xmp->in_picture)
    gexiv2_metadata_try_set_xmp_tag_struct (xmp->metadata, tag, GEXIV2_STRUCTURE_XA_BAG, NULL);
}

gboolean
few_xmp_begin_bag (FewXmp *xmp, const char *tag, GError **error)
{
  g_autoptr (GError) local = NULL;
  few_xmp_remove_bag (xmp, tag);
  gexiv2_metadata_try_set_xmp_tag_struct (xmp->metadata, tag, GEXIV2_STRUCTURE_XA_BAG, &local);
  return check (local, tag, error);
}

char *
few_xmp_to_sidecar (FewXmp *xmp, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *packet = gexiv2_metadata_try_generate_xmp_packet (
      xmp->metadata, GEXIV2_USE_COMPACT_FORMAT | GEXIV2_OMIT_ALL_FORMATTING, 0, &local);
  if (!check (local, "XMP", error))
    return NULL;
  return few_sidecar_from_packet (packet ? packet : "");
}

gboolean
few_xmp_save (FewXmp *xmp, const char *picture, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *shown = g_filename_display_name (picture);
  gexiv2_metadata_save_file (xmp->metadata, picture, &local);
  return check (local, shown, error);
}
