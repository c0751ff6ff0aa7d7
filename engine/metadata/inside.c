/* SPDX-License-Identifier: MIT */
/* Exiv2 writes a picture in place, in several steps: it gets a copy. What it made of that is put
 * where the picture was by a rename. */
#include "metadata/inside.h"
#include "base/error.h"
#include <fewshot/file.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

struct FewInside
{
  char *picture;
  char *was, *after;
  char *bytes;
  gsize length;
};

static char *
sum_of (const char *bytes, gsize length)
{
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) bytes, length);
}

char *
few_inside_sum (const char *path, GError **error)
{
  gsize length;
  g_autofree char *bytes = few_file_read (path, FEW_INSIDE_MOST, &length, error);
  return bytes ? sum_of (bytes, length) : NULL;
}

/* The copy still is the same picture, pixel by pixel; one that cannot be decoded is not written. */
static gboolean
check_copy (const char *picture, const char *copy, GError **error)
{
  g_autoptr (GdkPixbuf) before = gdk_pixbuf_new_from_file (picture, NULL);
  g_autoptr (GdkPixbuf) after = gdk_pixbuf_new_from_file (copy, NULL);
  if (before && after && gdk_pixbuf_get_width (before) == gdk_pixbuf_get_width (after)
      && gdk_pixbuf_get_height (before) == gdk_pixbuf_get_height (after)
      && gdk_pixbuf_get_byte_length (before) == gdk_pixbuf_get_byte_length (after)
      && memcmp (gdk_pixbuf_read_pixels (before), gdk_pixbuf_read_pixels (after),
                 gdk_pixbuf_get_byte_length (before))
             == 0)
    return TRUE;
  g_autofree char *shown = g_filename_display_name (picture);
  few_fail (error, FORMAT, "%s would not be the same picture with tags in it: it is left alone.",
            shown);
  return FALSE;
}

static gboolean
make (FewInside *inside, FewXmp *xmp, const char *copy, GError **error)
{
  gsize length;
  g_autofree char *bytes = few_file_read (inside->picture, FEW_INSIDE_MOST, &length, error);
  if (!bytes || !g_file_set_contents (copy, bytes, (gssize) length, error))
    return FALSE;
  inside->was = sum_of (bytes, length);
  if (!few_xmp_save (xmp, copy, error) || !check_copy (inside->picture, copy, error))
    return FALSE;
  inside->bytes = few_file_read (copy, FEW_INSIDE_MOST, &inside->length, error);
  if (inside->bytes)
    inside->after = sum_of (inside->bytes, inside->length);
  return inside->bytes != NULL;
}

FewInside *
few_inside_new (const char *picture, FewXmp *xmp, GError **error)
{
  g_autoptr (FewInside) inside = g_new0 (FewInside, 1);
  inside->picture = g_strdup (picture);
  g_autofree char *folder = g_dir_make_tmp ("fewshot-tag-XXXXXX", error);
  if (!folder)
    return NULL;
  g_autofree char *name = g_path_get_basename (picture);
  g_autofree char *copy = g_build_filename (folder, name, NULL);
  gboolean ok = make (inside, xmp, copy, error);
  g_unlink (copy);
  g_rmdir (folder);
  return ok ? g_steal_pointer (&inside) : NULL;
}

const char *
few_inside_was (const FewInside *inside)
{
  return inside->was;
}

const char *
few_inside_after (const FewInside *inside)
{
  return inside->after;
}

gboolean
few_inside_commit (FewInside *inside, GError **error)
{
  return few_file_write (inside->picture, inside->bytes, inside->length, error);
}

void
few_inside_free (FewInside *inside)
{
  g_free (inside->picture);
  g_free (inside->was);
  g_free (inside->after);
  g_free (inside->bytes);
  g_free (inside);
}
