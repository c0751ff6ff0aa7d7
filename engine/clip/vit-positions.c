/* SPDX-License-Identifier: MIT */
/* Where a vision transformer's tokens are: rotary positions, and learned ones, resampled where they
 * were learned on a grid of another size. */
#include "base/memory.h"
#include "clip/vit.h"
#include <math.h>
#include <string.h>

guint
few_vit_patches (const FewClipConfig *config)
{
  guint grid = config->image_size / config->patch_size;
  return grid * grid;
}

guint
few_vit_tokens (const FewClipConfig *config)
{
  return few_vit_patches (config) + (config->vit.class_token != FEW_CLASS_NONE)
         + config->vit.registers;
}

/* ---- rotary */

/* Where a patch is along one side of the grid, as an angle of the first band. */
static double
place_patch (const FewTransformerConfig *c, guint i, guint grid)
{
  if (c->rope_theta > 0)
    return 2 * G_PI * (2 * ((double) i + 0.5) / grid - 1);
  return ((double) i + c->rope_offset) * c->rope_steps / grid;
}

/* [T, head_width] cosines and sines: bands 10000^(−j/(d/4)), the coordinates of a patch stretched
 * to rope_steps; what stands before the patches is not turned. */
float *
few_vit_rotation (const FewClipConfig *config, GError **error)
{
  const FewTransformerConfig *c = &config->vision;
  guint t = few_vit_tokens (config);
  guint grid = config->image_size / config->patch_size;
  guint before = t - few_vit_patches (config);
  guint bands = c->head_width / 4;
  gsize n = (gsize) t * c->head_width;
  float *table = few_try_floats (t, c->head_width, "the positions", error);
  if (!table)
    return NULL;
  for (gsize i = 0; i < n; i++)
    table[i] = i % 2 == 0 ? 1 : 0;
  double base = c->rope_theta > 0 ? c->rope_theta : 10000;
  for (guint p = 0; p < t - before; p++)
    {
      guint row = p / grid;
      double y = place_patch (c, row, grid);
      double x = place_patch (c, p - row * grid, grid);
      float *turn = table + (gsize) (p + before) * c->head_width;
      for (guint half = 0; half < 2; half++)
        for (guint j = 0; j < bands; j++, turn += 2)
          {
            double at = (half == 0) == c->rope_y_first ? y : x;
            double angle = at * pow (base, -(double) j / bands);
            turn[0] = (float) cos (angle);
            turn[1] = (float) sin (angle);
          }
    }
  return table;
}

/* ---- learned */

/* Keys' cubic, of the a that PyTorch has with its antialiasing and without. */
static double
cubic (double x, double a)
{
  x = fabs (x);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/* row [from] of a matrix [places, from]: what place `i` of `to` has of those there were */
static void
weigh_places (guint i, guint from, double to, gboolean antialias, double *row)
{
  double scale = from / to;
  double stretch = antialias ? MAX (scale, 1) : 1;
  double centre = scale * ((double) i + 0.5);
  gint first = antialias ? (gint) (centre - 2 * stretch + 0.5) : (gint) floor (centre - 0.5) - 1;
  gint end = antialias ? (gint) (centre + 2 * stretch + 0.5) : first + 4;
  double total = 0;
  for (guint j = 0; j < from; j++)
    row[j] = 0;
  for (gint j = first; j < end; j++)
    {
      double share = cubic ((j - centre + 0.5) / stretch, antialias ? -0.5 : -0.75);
      gboolean inside = j >= 0 && j < (gint) from;
      if (antialias && !inside) /* the others take over; without it, the edge goes on */
        continue;
      row[CLAMP (j, 0, (gint) from - 1)] += share;
      total += share;
    }
  for (guint j = 0; j < from; j++)
    row[j] /= total;
}

/* learned [from · from, W] → out [to · to, W] */
static gboolean
resample (const float *learned, guint from, guint to, guint w, const FewVitStyle *style, float *out,
          GError **error)
{
  double wide = style->stretched ? to + 0.1 : to;
  g_auto (FewRoom) room = { 0 };
  double *shares = few_room_new (&room, double, to, from);
  double *tall = few_room_new (&room, double, (gsize) to *from, w); /* [to, from, W] */
  if (few_room_is_short (&room, "the positions", error))
    return FALSE;
  for (guint i = 0; i < to; i++)
    weigh_places (i, from, wide, style->antialias, shares + (gsize) i * from);
  for (guint i = 0; i < to; i++)
    for (guint j = 0; j < from; j++)
      {
        double share = shares[(gsize) i * from + j];
        for (gsize at = 0; share != 0 && at < (gsize) from * w; at++)
          tall[(gsize) i * from * w + at] += share * learned[(gsize) j * from * w + at];
      }
  for (guint i = 0; i < to; i++)
    for (guint k = 0; k < to; k++)
      for (guint c = 0; c < w; c++)
        {
          double sum = 0;
          for (guint j = 0; j < from; j++)
            sum += shares[(gsize) k * from + j] * tall[((gsize) i * from + j) * w + c];
          out[((gsize) i * to + k) * w + c] = (float) sum;
        }
  return TRUE;
}

float *
few_vit_positions (const FewClipConfig *config, const FewWeights *weights, GError **error)
{
  static const char name[] = "visual.positional_embedding";
  const FewVitStyle *style = &config->vit;
  gsize w = config->vision.width;
  gsize t = few_vit_tokens (config);
  guint grid = config->image_size / config->patch_size;
  gsize patches = few_vit_patches (config);
  gsize placed = style->class_token == FEW_CLASS_FIRST;
  gsize learned = style->learned_grid ? (gsize) style->learned_grid * style->learned_grid : patches;
  g_autofree float *positions = few_try_floats (t, w, "the positions", error);
  if (!positions)
    return NULL;
  memset (positions, 0, t * w * sizeof (float));
  if (style->no_positions)
    return g_steal_pointer (&positions);
  g_auto (FewWeightView) view = { NULL };
  if (!few_weights_view (weights, &view, error, name, 2, (gsize[]) { placed + learned, w }))
    return NULL;
  float *first = positions + (t - patches) * w;
  memcpy (positions, view.floats, placed * w * sizeof (float));
  if (learned == patches)
    memcpy (first, view.floats + placed * w, patches * w * sizeof (float));
  else if (!resample (view.floats + placed * w, style->learned_grid, grid, (guint) w, style, first,
                      error))
    return NULL;
  return g_steal_pointer (&positions);
}
