/* SPDX-License-Identifier: MIT */
/* What libjxl's loader for GdkPixbuf wants of skcms, which Debian does not ship, by lcms2: floats
 * in any profile to 8 bits of sRGB. For the test of JPEG XL alone. */
#pragma once
#include <glib.h>
#include <lcms2.h>
#include <stdbool.h> /* the loader takes it from skcms, too */

typedef struct
{
  const void *bytes;
  size_t size;
} skcms_ICCProfile;

typedef enum { skcms_PixelFormat_RGB_fff, skcms_PixelFormat_RGBA_ffff } skcms_FloatFormat;
typedef enum { skcms_PixelFormat_RGB_888, skcms_PixelFormat_RGBA_8888 } skcms_ByteFormat;
typedef enum { skcms_AlphaFormat_Unpremul, skcms_AlphaFormat_PremulAsEncoded } skcms_AlphaFormat;

static inline gboolean
skcms_Parse (const void *bytes, size_t size, skcms_ICCProfile *profile)
{
  *profile = (skcms_ICCProfile) { bytes, size };
  return TRUE;
}

static inline const skcms_ICCProfile *
skcms_sRGB_profile (void)
{
  return NULL;
}

static inline void
skcms_Transform (const void *from, skcms_FloatFormat floats, skcms_AlphaFormat alpha,
                 const skcms_ICCProfile *profile, void *to, skcms_ByteFormat bytes,
                 skcms_AlphaFormat alpha_to, const skcms_ICCProfile *srgb, size_t n)
{
  cmsHPROFILE in = cmsOpenProfileFromMem (profile->bytes, (cmsUInt32Number) profile->size);
  cmsHPROFILE out = cmsCreate_sRGBProfile ();
  g_assert (alpha == skcms_AlphaFormat_Unpremul && alpha_to == alpha && !srgb && in);
  gboolean has_alpha = floats == skcms_PixelFormat_RGBA_ffff;
  gboolean grey = cmsGetColorSpace (in) == cmsSigGrayData; /* all three samples are it */
  cmsUInt32Number samples = has_alpha ? 4 : 3;
  cmsUInt32Number in_type = FLOAT_SH (1) | BYTES_SH (4) | COLORSPACE_SH (grey ? PT_GRAY : PT_RGB)
                            | CHANNELS_SH (grey ? 1 : 3) | EXTRA_SH (samples - (grey ? 1 : 3));
  cmsUInt32Number out_type = bytes == skcms_PixelFormat_RGB_888 ? TYPE_RGB_8 : TYPE_RGBA_8;
  cmsHTRANSFORM transform =
      cmsCreateTransform (in, in_type, out, out_type, INTENT_RELATIVE_COLORIMETRIC, 0);
  g_assert (transform);
  cmsDoTransform (transform, from, to, (cmsUInt32Number) n);
  for (size_t i = 0; has_alpha && i < n; i++)
    ((guint8 *) to)[4 * i + 3] = (guint8) (255 * ((const float *) from)[4 * i + 3] + .5f);
  cmsDeleteTransform (transform);
  cmsCloseProfile (in);
  cmsCloseProfile (out);
}
