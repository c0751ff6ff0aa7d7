/* SPDX-License-Identifier: MIT */
/* Exiv2 writes a picture in place, in several steps: it gets a copy beside the picture, on the same
 * disk. What it made of that is put where the picture was by a rename. */
#include "metadata/inside.h"
#include "base/error.h"
#include "base/file.h"
#include <fewshot/atomic-file.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

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
make (FewInside *inside, FewXmp *xmp, GError **error)
{
  gsize length;
  g_autofree char *bytes = few_file_read (inside->picture, FEW_INSIDE_MOST, &length, error);
  g_autoptr (FewAtomicFile) aside = bytes ? few_atomic_file_new (inside->picture, error) : NULL;
  if (!aside || !few_atomic_file_write (aside, bytes, length, error))
    return FALSE;
  const char *copy = few_atomic_file_temporary (aside);
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
  return make (inside, xmp, error) ? g_steal_pointer (&inside) : NULL;
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
