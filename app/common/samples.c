/* SPDX-License-Identifier: MIT */
/* The sample pictures of fasteners, drawn with cairo by a seed: nothing has to be fetched. */
#include "common/samples.h"
#include <cairo.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <errno.h>
#include <math.h>

const char *const few_sample_names[FEW_SAMPLE_CLASSES] = { "bolt",   "gear",   "nut",
                                                           "spring", "washer", "worn_gear" };

typedef struct
{
  double r, g, b;
} Colour;

static Colour
metal (GRand *rand)
{
  static const Colour metals[] = { { .62, .64, .67 }, { .44, .46, .50 }, { .78, .63, .31 },
                                   { .72, .43, .26 }, { .25, .26, .29 }, { .80, .82, .84 } };
  Colour c = metals[g_rand_int_range (rand, 0, G_N_ELEMENTS (metals))];
  double shift = g_rand_double_range (rand, -.06, .06);
  return (Colour) { CLAMP (c.r + shift, 0, 1), CLAMP (c.g + shift, 0, 1),
                    CLAMP (c.b + shift, 0, 1) };
}

/* Bench tops: pale, so that a part stands out. */
static void
background (cairo_t *cr, GRand *rand)
{
  double level = g_rand_double_range (rand, .86, 1);
  double tint = g_rand_double_range (rand, -.06, .06);
  cairo_set_source_rgb (cr, CLAMP (level + tint, 0, 1), level, CLAMP (level - tint, 0, 1));
  cairo_paint (cr);
  if (g_rand_boolean (rand))
    return;
  cairo_set_source_rgba (cr, 0, 0, 0, .05);
  cairo_set_line_width (cr, .01);
  for (double y = -1; y < 1; y += g_rand_double_range (rand, .08, .3))
    {
      cairo_move_to (cr, -1, y);
      cairo_line_to (cr, 1, y + g_rand_double_range (rand, -.1, .1));
      cairo_stroke (cr);
    }
}

static void
fill_part (cairo_t *cr, Colour c)
{
  cairo_pattern_t *shine = cairo_pattern_create_linear (-.7, -.7, .7, .7);
  cairo_pattern_add_color_stop_rgb (shine, 0, MIN (1, c.r + .16), MIN (1, c.g + .16),
                                    MIN (1, c.b + .16));
  cairo_pattern_add_color_stop_rgb (shine, 1, c.r * .72, c.g * .72, c.b * .72);
  cairo_set_source (cr, shine);
  cairo_set_fill_rule (cr, CAIRO_FILL_RULE_EVEN_ODD);
  cairo_fill_preserve (cr);
  cairo_pattern_destroy (shine);
  cairo_set_source_rgba (cr, c.r * .35, c.g * .35, c.b * .35, .9);
  cairo_set_line_width (cr, .022);
  cairo_stroke (cr);
}

static void
circle (cairo_t *cr, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, 0, 0, radius, 0, 2 * G_PI);
}

/* `missing` teeth in a row are broken off near the root. */
static void
gear (cairo_t *cr, GRand *rand, guint missing)
{
  guint teeth = (guint) g_rand_int_range (rand, 9, 15);
  double root = g_rand_double_range (rand, .52, .58);
  double tip = .74;
  double step = 2 * G_PI / teeth;
  for (guint i = 0; i < teeth; i++)
    {
      double at = i * step;
      double top = i < missing ? root + g_rand_double_range (rand, -.03, .05) : tip;
      cairo_line_to (cr, root * cos (at), root * sin (at));
      cairo_line_to (cr, top * cos (at + .18 * step), top * sin (at + .18 * step));
      cairo_line_to (cr, top * cos (at + .46 * step), top * sin (at + .46 * step));
      cairo_line_to (cr, root * cos (at + .64 * step), root * sin (at + .64 * step));
    }
  cairo_close_path (cr);
  circle (cr, g_rand_double_range (rand, .14, .24));
}

static void
bolt (cairo_t *cr, GRand *rand, Colour c)
{
  double shaft = g_rand_double_range (rand, .13, .18);
  double length = g_rand_double_range (rand, .45, .68);
  cairo_rectangle (cr, -shaft, -.35, 2 * shaft, .35 + length);
  fill_part (cr, c);
  cairo_set_source_rgba (cr, 0, 0, 0, .35);
  for (double y = -.05; y < length - .04; y += .075)
    {
      cairo_move_to (cr, -shaft, y);
      cairo_line_to (cr, shaft, y + .04);
      cairo_stroke (cr);
    }
  double head = g_rand_double_range (rand, .28, .36);
  cairo_rectangle (cr, -head, -.62, 2 * head, .28);
  fill_part (cr, c);
  cairo_set_source_rgba (cr, 0, 0, 0, .3);
  cairo_move_to (cr, -head * .4, -.62);
  cairo_line_to (cr, -head * .4, -.34);
  cairo_move_to (cr, head * .4, -.62);
  cairo_line_to (cr, head * .4, -.34);
  cairo_stroke (cr);
}

static void
spring (cairo_t *cr, GRand *rand, Colour c)
{
  guint turns = (guint) g_rand_int_range (rand, 5, 9);
  double width = g_rand_double_range (rand, .22, .34);
  double height = 1.3 / turns;
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (int back = 1; back >= 0; back--)
    for (guint i = 0; i < turns; i++)
      {
        double y = -.65 + i * height;
        double dim = back ? .55 : 1;
        cairo_set_source_rgb (cr, c.r * dim, c.g * dim, c.b * dim);
        cairo_set_line_width (cr, .07);
        cairo_move_to (cr, back ? width : -width, y + (back ? height * .5 : 0));
        cairo_curve_to (cr, 0, y + (back ? height * .55 : 0), 0,
                        y + (back ? height * .95 : height * .5), back ? -width : width,
                        y + (back ? height : height * .5));
        cairo_stroke (cr);
      }
}

static void
nut (cairo_t *cr, GRand *rand)
{
  for (guint i = 0; i < 6; i++)
    cairo_line_to (cr, .64 * cos (i * G_PI / 3), .64 * sin (i * G_PI / 3));
  cairo_close_path (cr);
  circle (cr, g_rand_double_range (rand, .28, .36));
}

static void
washer (cairo_t *cr, GRand *rand)
{
  circle (cr, g_rand_double_range (rand, .56, .68));
  circle (cr, g_rand_double_range (rand, .22, .36));
}

static void
draw (cairo_t *cr, guint kind, GRand *rand)
{
  cairo_translate (cr, FEW_SAMPLE_SIDE / 2.0, FEW_SAMPLE_SIDE / 2.0);
  cairo_scale (cr, FEW_SAMPLE_SIDE / 2.0, FEW_SAMPLE_SIDE / 2.0);
  background (cr, rand);
  double size = g_rand_double_range (rand, .75, 1.15);
  cairo_translate (cr, g_rand_double_range (rand, -.12, .12),
                   g_rand_double_range (rand, -.12, .12));
  cairo_rotate (cr, g_rand_double_range (rand, 0, 2 * G_PI));
  cairo_scale (cr, size, size * g_rand_double_range (rand, .9, 1));
  Colour c = metal (rand);
  switch (kind)
    {
    case 0:
      bolt (cr, rand, c);
      return;
    case 1:
      gear (cr, rand, 0);
      break;
    case 2:
      nut (cr, rand);
      break;
    case 3:
      spring (cr, rand, c);
      return;
    case 4:
      washer (cr, rand);
      break;
    default:
      gear (cr, rand, (guint) g_rand_int_range (rand, 2, 5));
      break;
    }
  fill_part (cr, c);
}

static cairo_status_t
add_bytes (void *to, const unsigned char *bytes, unsigned int n)
{
  g_byte_array_append (to, bytes, n);
  return CAIRO_STATUS_SUCCESS;
}

/* The disk is not waited for where there was nothing: who looks at the sample waits for it all. */
static const GFileSetContentsFlags NEW_UNSYNCED =
    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_ONLY_EXISTING;

/* Whole or not at all: one of an earlier time may be looked at meanwhile. */
static gboolean
write_picture (const char *path, guint kind, GRand *rand, GError **error)
{
  g_autoptr (GByteArray) png = g_byte_array_new ();
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, FEW_SAMPLE_SIDE, FEW_SAMPLE_SIDE);
  cairo_t *cr = cairo_create (surface);
  draw (cr, kind, rand);
  cairo_destroy (cr);
  cairo_status_t status = cairo_surface_write_to_png_stream (surface, add_bytes, png);
  cairo_surface_destroy (surface);
  g_autoptr (GError) local = NULL;
  if (status == CAIRO_STATUS_SUCCESS
      && g_file_set_contents_full (path, (const char *) png->data, png->len, NEW_UNSYNCED, 0644,
                                   &local))
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, _ ("%s could not be written: %s."), path,
               local ? local->message : cairo_status_to_string (status));
  return FALSE;
}

gboolean
few_samples_write (const char *folder, guint per_class, guint32 seed, GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  for (guint kind = 0; kind < FEW_SAMPLE_CLASSES; kind++)
    {
      g_autofree char *class_folder = g_build_filename (folder, few_sample_names[kind], NULL);
      if (g_mkdir_with_parents (class_folder, 0755) != 0)
        {
          g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                       _ ("%s could not be created: %s."), class_folder, g_strerror (errno));
          return FALSE;
        }
      for (guint i = 0; i < per_class; i++)
        {
          if (g_cancellable_set_error_if_cancelled (cancellable, error))
            return FALSE;
          g_autofree char *name = g_strdup_printf ("%s-%02u.png", few_sample_names[kind], i + 1);
          g_autofree char *path = g_build_filename (class_folder, name, NULL);
          if (!write_picture (path, kind, rand, error))
            return FALSE;
        }
    }
  return TRUE;
}
