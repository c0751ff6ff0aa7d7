/* SPDX-License-Identifier: MIT */
/* Heat maps as pictures, with cairo. */
#include "common/heat-picture.h"
#include "common/sorter.h"
#include <cairo.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* of 255, at the strongest value */
enum { MOST_COVER = 210, DECODE_BYTES = 512 * 1024 * 1024 };

static const guint8 FOR[3] = { 230, 97, 0 };
static const guint8 AGAINST[3] = { 26, 95, 180 };

void
few_heat_colours (const float *map, guint n, gboolean diverging, guint32 *argb)
{
  float most = (float) FEW_HEAT_FAINT;
  for (guint i = 0; i < n; i++)
    if (diverging || map[i] > 0)
      most = MAX (most, fabsf (map[i]));
  for (guint i = 0; i < n; i++)
    {
      const guint8 *hue = map[i] < 0 ? AGAINST : FOR;
      gboolean shown = diverging || map[i] > 0;
      guint32 cover = shown ? (guint32) lroundf (MOST_COVER * fabsf (map[i]) / most) : 0;
      argb[i] = cover << 24 | hue[0] * cover / 255 << 16 | hue[1] * cover / 255 << 8
                | hue[2] * cover / 255;
    }
}

/* The picture over white, with cairo's order of channels. NULL where there is no memory. */
static cairo_surface_t *
draw_picture (const guint8 *rgba, guint width, guint height)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) width, (int) height);
  guint8 *rows = cairo_image_surface_get_data (surface);
  gsize stride = (gsize) cairo_image_surface_get_stride (surface);
  for (guint y = 0; rows && y < height; y++)
    {
      guint32 *row = (guint32 *) (gpointer) (rows + y * stride);
      const guint8 *p = rgba + (gsize) y * width * 4;
      for (guint x = 0; x < width; x++, p += 4)
        {
          guint32 white = 255u - p[3];
          guint32 r = (guint32) p[0] * p[3] / 255 + white;
          guint32 g = (guint32) p[1] * p[3] / 255 + white;
          guint32 b = (guint32) p[2] * p[3] / 255 + white;
          row[x] = r << 16 | g << 8 | b;
        }
    }
  cairo_surface_mark_dirty (surface);
  return surface;
}

/* The map stretched smoothly over its part of the surface. */
static gboolean
lay_map (cairo_surface_t *surface, const FewHeatInfo *info, const float *map, gboolean diverging)
{
  int width = cairo_image_surface_get_width (surface);
  int height = cairo_image_surface_get_height (surface);
  g_autofree guint32 *argb = g_try_new (guint32, (gsize) info->rows * info->columns);
  if (!argb)
    return FALSE;
  few_heat_colours (map, info->rows * info->columns, diverging, argb);
  cairo_surface_t *small = cairo_image_surface_create_for_data (
      (guint8 *) argb, CAIRO_FORMAT_ARGB32, (int) info->columns, (int) info->rows,
      (int) (info->columns * sizeof *argb));
  cairo_t *cr = cairo_create (surface);
  cairo_translate (cr, info->left * width, info->top * height);
  cairo_scale (cr, info->width * width / info->columns, info->height * height / info->rows);
  cairo_rectangle (cr, 0, 0, info->columns, info->rows);
  cairo_clip (cr);
  cairo_set_source_surface (cr, small, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_BILINEAR);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_paint (cr);
  gboolean ok = cairo_status (cr) == CAIRO_STATUS_SUCCESS;
  cairo_destroy (cr);
  cairo_surface_destroy (small);
  return ok;
}

static cairo_status_t
append_bytes (gpointer user, const guchar *data, guint length)
{
  g_byte_array_append (user, data, length);
  return CAIRO_STATUS_SUCCESS;
}

GBytes *
few_heat_png (const char *path, const FewHeatInfo *info, const float *map, gboolean diverging,
              GError **error)
{
  guint width, height;
  g_autoptr (FewDecodeBudget) budget = few_decode_budget_new (DECODE_BYTES);
  g_autofree guint8 *rgba = few_thumbnail (path, FEW_HEAT_SIDE, budget, &width, &height, error);
  if (!rgba)
    return NULL;
  cairo_surface_t *surface = draw_picture (rgba, width, height);
  g_autoptr (GByteArray) png = g_byte_array_new ();
  gboolean ok =
      lay_map (surface, info, map, diverging)
      && cairo_surface_write_to_png_stream (surface, append_bytes, png) == CAIRO_STATUS_SUCCESS;
  cairo_surface_destroy (surface);
  if (ok)
    return g_byte_array_free_to_bytes (g_steal_pointer (&png));
  g_set_error (error, FEW_ERROR, FEW_ERROR_MEMORY,
               _ ("There is no memory for the heat map’s picture."));
  return NULL;
}

static gboolean
write_new (const char *path, GBytes *png, GError **error)
{
  g_autoptr (FewAtomicFile) file = few_atomic_file_new_only (path, error);
  gsize size;
  gconstpointer data = g_bytes_get_data (png, &size);
  return file && few_atomic_file_write (file, data, size, error)
         && few_atomic_file_commit (file, error);
}

/* " [0.1, 0.2, 0.3, 0.4]"; "" of a whole picture. */
static char *
name_part (const char *address)
{
  static const char ANY[] = "x"; /* an address begins with a path */
  FewCrop crop;
  g_free (few_address_split (address, &crop));
  g_autofree char *part = few_address_new (ANY, &crop);
  g_autofree char *shown = few_address_shown (part);
  return g_strdup (shown + strlen (ANY));
}

char *
few_heat_name (const char *path, const char *class_name, guint number)
{
  enum { LONGEST = 255 };
  g_autofree char *part = name_part (path);
  g_autofree char *file = few_address_split (path, NULL);
  g_autofree char *name = g_path_get_basename (file);
  g_autofree char *class_shown = few_folder_name (class_name);
  g_autofree char *end = number < 2
                             ? g_strdup_printf ("%s – %s.png", part, class_shown)
                             : g_strdup_printf ("%s – %s (%u).png", part, class_shown, number);
  gsize most = LONGEST - strlen (end);
  gsize length = MIN (strlen (name), most);
  while (length > 0 && length < strlen (name) && (name[length] & 0xc0) == 0x80)
    length--; /* not within a letter */
  name[length] = 0;
  return g_strconcat (name, end, NULL);
}

char *
few_heat_save (const char *folder, const char *path, const char *class_name, GBytes *png,
               GError **error)
{
  enum { MOST_NAMESAKES = 10000 };
  for (guint number = 1; number <= MOST_NAMESAKES; number++)
    {
      g_autofree char *file = few_heat_name (path, class_name, number);
      g_autofree char *target = g_build_filename (folder, file, NULL);
      g_autoptr (GError) local = NULL;
      struct stat info;
      if (g_lstat (target, &info) == 0)
        continue;
      if (write_new (target, png, &local))
        return g_steal_pointer (&target);
      if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_EXISTS))
        continue;
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  g_autofree char *shown = g_filename_display_name (folder);
  g_set_error (error, FEW_ERROR, FEW_ERROR_LIMIT,
               _ ("%s holds %d heat maps of such a picture already."), shown, MOST_NAMESAKES);
  return NULL;
}
