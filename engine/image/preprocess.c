/* SPDX-License-Identifier: MIT */
/* The public doors to pictures: pixels for a tower, thumbnails for people. */
#include "base/error.h"
#include "base/memory.h"
#include "image/colour.h"
#include "image/picture.h"
#include <fewshot/picture.h>
#include <string.h>

gboolean
few_preprocess_file (const FewPreprocess *preprocess, const char *path, guint8 *resized,
                     float *pixels, guint8 *hash, GError **error)
{
  g_return_val_if_fail (preprocess != NULL && preprocess->size > 0 && path != NULL, FALSE);
  g_autoptr (GBytes) bytes = few_image_read (path, hash, error);
  if (!bytes)
    return FALSE;
  if (!resized && !pixels)
    return TRUE;
  g_autofree char *name = few_address_shown (path);
  const FewPictureLimits limits = few_image_limits (NULL, path);
  g_autofree guint8 *own =
      resized ? NULL : few_try_bytes ((gsize) preprocess->size * preprocess->size * 3, name, error);
  if (!resized && !own)
    return FALSE;
  return few_image_preprocess (bytes, name, preprocess, &limits, resized ? resized : own, pixels,
                               error);
}

guint8 *
few_thumbnail (const char *path, guint side, FewDecodeBudget *budget, guint *width, guint *height,
               GError **error)
{
  g_return_val_if_fail (path != NULL && side > 0 && budget != NULL, NULL);
  g_return_val_if_fail (width != NULL && height != NULL, NULL);
  const FewPictureLimits all = { .max_pixels = FEW_MAX_PIXELS, .budget = budget };
  const FewPictureLimits limits = few_image_limits (&all, path);
  g_autofree char *name = few_address_shown (path);
  g_autoptr (GBytes) bytes = few_image_read (path, NULL, error);
  g_autoptr (GdkPixbuf) picture =
      bytes ? few_image_decode (bytes, name, &limits, side, error) : NULL;
  if (!picture)
    return NULL;
  int w = gdk_pixbuf_get_width (picture);
  int h = gdk_pixbuf_get_height (picture);
  double scale = MIN (1.0, (double) side / MAX (w, h));
  int to_w = MAX (1, (int) (w * scale + 0.5));
  int to_h = MAX (1, (int) (h * scale + 0.5));
  g_autoptr (GdkPixbuf) small =
      scale < 1 ? gdk_pixbuf_scale_simple (picture, to_w, to_h, GDK_INTERP_BILINEAR)
                : g_object_ref (picture);
  const char *profile = gdk_pixbuf_get_option (picture, "icc-profile");
  g_autoptr (GdkPixbuf) rgba = small ? gdk_pixbuf_add_alpha (small, FALSE, 0, 0, 0) : NULL;
  if (!rgba)
    {
      few_fail (error, LIMIT, "%s does not fit into memory.", name);
      return NULL;
    }
  if (profile && rgba != picture)
    gdk_pixbuf_set_option (rgba, "icc-profile", profile);
  few_colour_to_srgb (rgba);
  guint8 *out = few_try_bytes ((gsize) to_w * to_h * 4, name, error);
  if (!out)
    return NULL;
  for (int y = 0; y < to_h; y++)
    memcpy (out + (gsize) y * to_w * 4,
            gdk_pixbuf_read_pixels (rgba) + (gsize) y * gdk_pixbuf_get_rowstride (rgba),
            (gsize) to_w * 4);
  *width = (guint) to_w;
  *height = (guint) to_h;
  return out;
}
