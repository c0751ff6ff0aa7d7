/* SPDX-License-Identifier: MIT */
/* Colour profiles by Little CMS; each call has a context of its own, so that any thread may. */
#include "image/colour.h"
#include <lcms2.h>

enum { MOST_BYTES = 4 << 20 };

/* Errors of a stranger's profile are told to nobody: the picture stays as it is. */
static void
hush (cmsContext context G_GNUC_UNUSED, cmsUInt32Number code G_GNUC_UNUSED,
      const char *text G_GNUC_UNUSED)
{
}

static void
transform (GdkPixbuf *picture, cmsContext context, cmsHPROFILE profile)
{
  /* a decoder made RGB of grey and of inks already */
  if (!profile || cmsGetColorSpace (profile) != cmsSigRgbData)
    return;
  cmsHPROFILE srgb = cmsCreate_sRGBProfileTHR (context);
  cmsUInt32Number format = gdk_pixbuf_get_has_alpha (picture) ? TYPE_RGBA_8 : TYPE_RGB_8;
  cmsHTRANSFORM change = srgb ? cmsCreateTransformTHR (context, profile, format, srgb, format,
                                                       INTENT_PERCEPTUAL, cmsFLAGS_COPY_ALPHA)
                              : NULL;
  guint8 *pixels = gdk_pixbuf_get_pixels (picture);
  gsize stride = (gsize) gdk_pixbuf_get_rowstride (picture);
  for (int y = 0; change && y < gdk_pixbuf_get_height (picture); y++)
    cmsDoTransform (change, pixels + (gsize) y * stride, pixels + (gsize) y * stride,
                    (cmsUInt32Number) gdk_pixbuf_get_width (picture));
  if (change)
    cmsDeleteTransform (change);
  if (srgb)
    cmsCloseProfile (srgb);
}

void
few_colour_to_srgb (GdkPixbuf *picture)
{
  const char *text = gdk_pixbuf_get_option (picture, "icc-profile");
  gsize size = 0;
  g_autofree guchar *bytes = text && *text ? g_base64_decode (text, &size) : NULL;
  if (!bytes || size > MOST_BYTES)
    return;
  cmsContext context = cmsCreateContext (NULL, NULL);
  if (!context)
    return;
  cmsSetLogErrorHandlerTHR (context, hush);
  cmsHPROFILE profile = cmsOpenProfileFromMemTHR (context, bytes, (cmsUInt32Number) size);
  transform (picture, context, profile);
  if (profile)
    cmsCloseProfile (profile);
  cmsDeleteContext (context);
}
