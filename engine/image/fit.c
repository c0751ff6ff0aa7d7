/* SPDX-License-Identifier: MIT */
/* A decoded picture to what a tower eats: resized, its middle, normalised. */
#include "base/error.h"
#include "image/picture.h"
#include "image/resize.h"
#include <math.h>
#include <string.h>

/* of what a picture is resized to before its middle is taken: a line of pixels is cut off there */
enum { MAX_SIDE = 1 << 24 };

static FewRgb
pixels_of (GdkPixbuf *picture)
{
  return (FewRgb) { gdk_pixbuf_read_pixels (picture), (guint) gdk_pixbuf_get_width (picture),
                    (guint) gdk_pixbuf_get_height (picture),
                    (gsize) gdk_pixbuf_get_rowstride (picture),
                    gdk_pixbuf_get_has_alpha (picture) };
}

/* One side: what it is resized to, the part of that which is kept, and where it goes. */
typedef struct
{
  guint resized, from, kept, to;
} Side;

static Side
fit_side (guint resized, guint wanted, gboolean floors)
{
  if (resized <= wanted)
    return (Side) { resized, 0, resized, (wanted - resized) / 2 };
  /* Python's round: half to even. */
  guint middle = (resized - wanted) / 2;
  guint even = (guint) nearbyint ((resized - wanted) / 2.0);
  return (Side) { resized, floors ? middle : even, wanted, 0 };
}

/* What the sides of a picture become before its middle is taken. */
static void
find_size (const FewRgb *source, const FewPreprocess *p, guint *width, guint *height)
{
  guint side = p->resize[0] ? p->resize[0] : p->size;
  double longer = (double) MAX (source->width, source->height) / side;
  *width = *height = side;
  switch (p->mode)
    {
    case FEW_RESIZE_SQUASH:
      *height = p->resize[1] ? p->resize[1] : side;
      break;
    case FEW_RESIZE_LONGEST:
      *width = (guint) MAX (nearbyint (source->width / longer), 1);
      *height = (guint) MAX (nearbyint (source->height / longer), 1);
      break;
    case FEW_RESIZE_NONE:
      *width = source->width;
      *height = source->height;
      break;
    case FEW_RESIZE_SHORTEST:
    default:
      if (source->width <= source->height)
        *height = (guint) MIN ((guint64) side * source->height / source->width, (guint64) MAX_SIDE);
      else
        *width = (guint) MIN ((guint64) side * source->width / source->height, (guint64) MAX_SIDE);
      break;
    }
}

guint
few_preprocess_enough (const FewPreprocess *p, guint times)
{
  if (p->exact || p->mode == FEW_RESIZE_NONE || p->resample == FEW_RESAMPLE_NEAREST)
    return 0;
  return times * MAX (p->size, MAX (p->resize[0], p->resize[1]));
}

gboolean
few_image_resize (GdkPixbuf *picture, const FewPreprocess *preprocess, guint8 *resized)
{
  guint side = preprocess->size;
  FewRgb source = pixels_of (picture);
  guint width;
  guint height;
  find_size (&source, preprocess, &width, &height);
  Side across = fit_side (width, side, preprocess->floors_crop);
  Side down = fit_side (height, side, preprocess->floors_crop);
  gboolean covered = across.kept == side && down.kept == side;
  for (gsize i = 0; !covered && i < (gsize) side * side; i++)
    memcpy (resized + 3 * i, preprocess->fill, 3);
  gboolean as_it_is = preprocess->mode == FEW_RESIZE_NONE;
  FewWindow window = { .resample = as_it_is ? FEW_RESAMPLE_NEAREST : preprocess->resample,
                       .width = width,
                       .height = height,
                       .left = across.from,
                       .top = down.from,
                       .columns = across.kept,
                       .rows = down.kept };
  return few_resize_window (&source, &window, resized + 3 * ((gsize) down.to * side + across.to),
                            3 * (gsize) side);
}

void
few_image_region (guint width, guint height, const FewPreprocess *preprocess, double region[4])
{
  const FewRgb source = { .width = width, .height = height };
  guint side = preprocess->size;
  guint sides[2];
  find_size (&source, preprocess, &sides[0], &sides[1]);
  for (guint i = 0; i < 2; i++)
    {
      Side s = fit_side (sides[i], side, preprocess->floors_crop);
      region[i] = ((double) s.from - s.to) / s.resized;
      region[2 + i] = (double) side / s.resized;
    }
}

gboolean
few_image_view (GdkPixbuf *picture, const FewImageView *view, const FewPreprocess *preprocess,
                guint8 *resized)
{
  guint side = preprocess->size;
  FewRgb source = pixels_of (picture);
  FewWindow window = { preprocess->resample, side, side, 0, 0, side, side };
  source.pixels += view->top * source.stride + (gsize) view->left * (source.alpha ? 4 : 3);
  source.width = view->width;
  source.height = view->height;
  if (!few_resize_window (&source, &window, resized, 3 * (gsize) side))
    return FALSE;
  for (guint y = 0; view->flipped && y < side; y++)
    for (guint x = 0; x < side / 2; x++)
      for (guint c = 0; c < 3; c++)
        {
          guint8 *row = resized + (gsize) y * side * 3;
          guint8 swap = row[x * 3 + c];
          row[x * 3 + c] = row[(side - 1 - x) * 3 + c];
          row[(side - 1 - x) * 3 + c] = swap;
        }
  return TRUE;
}

void
few_image_normalise (const guint8 *resized, const FewPreprocess *preprocess, float *pixels)
{
  gsize plane = (gsize) preprocess->size * preprocess->size;
  float white = preprocess->white > 0 ? (float) preprocess->white : 255.0f;
  for (int c = 0; c < 3; c++)
    {
      float table[256];
      for (int v = 0; v < 256; v++)
        table[v] = ((float) v / white - (float) preprocess->mean[c]) / (float) preprocess->std[c];
      for (gsize i = 0; i < plane; i++)
        pixels[c * plane + i] = table[resized[3 * i + c]];
    }
}

gboolean
few_image_preprocess (GBytes *bytes, const char *name, const FewPreprocess *preprocess,
                      const FewPictureLimits *limits, guint8 *resized, float *pixels,
                      GError **error)
{
  /* twice the size: no visible difference after resizing */
  g_autoptr (GdkPixbuf) picture =
      few_image_decode (bytes, name, limits, few_preprocess_enough (preprocess, 2), error);
  if (!picture)
    return FALSE;
  if (!few_image_resize (picture, preprocess, resized))
    {
      few_fail (error, MEMORY, "%s does not fit into memory.", name);
      return FALSE;
    }
  if (pixels)
    few_image_normalise (resized, preprocess, pixels);
  return TRUE;
}
