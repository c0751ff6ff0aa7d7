/* SPDX-License-Identifier: MIT */
/* What a picture's header and its EXIF tell. */
#include "base/error.h"
#include "image/moment.h"
#include "image/raw.h"
#include <fewshot/file.h>
#include <fewshot/picture.h>

enum { MOST_BYTES = 1 << 30 };

static const char *
find_media_type (const char *format)
{
  static const char *const types[][2] = {
    { "JPEG", "image/jpeg" }, { "PNG", "image/png" },   { "GIF", "image/gif" },
    { "WebP", "image/webp" }, { "BMP", "image/bmp" },   { "TIFF", "image/tiff" },
    { "HEIC", "image/heic" }, { "AVIF", "image/avif" }, { "JPEG XL", "image/jxl" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (types[i][0], format))
      return types[i][1];
  return "image/x-unknown";
}

gboolean
few_image_facts (const char *path, FewPictureFacts *facts, GError **error)
{
  gsize size;
  FewImageHeader header;
  g_return_val_if_fail (path != NULL && facts != NULL, FALSE);
  *facts = (FewPictureFacts) { .media_type = "" };
  g_autofree char *data = few_file_read (path, MOST_BYTES, &size, error);
  if (!data)
    return FALSE;
  const guint8 *at = (const guint8 *) data;
  gsize there = size;
  gboolean bare;
  if (!few_image_header_find (&at, &there, &header, &bare))
    {
      g_autofree char *shown = g_filename_display_name (path);
      few_fail (error, INPUT, "%s is no picture, or its header is damaged.", shown);
      return FALSE;
    }
  gboolean turned = header.orientation >= 5;
  facts->media_type = find_media_type (header.format);
  facts->width = turned ? header.height : header.width;
  facts->height = turned ? header.width : header.height;
  few_moment_read_time ((const guint8 *) data, size, facts->taken);
  return TRUE;
}
