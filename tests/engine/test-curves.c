/* SPDX-License-Identifier: MIT */
/* That the hottest places of a map are those that the answer rests on, by the pocket model with
 * shapes that it knows. */
#include "adapt/classifier.h"
#include "golden.h"
#include "heat-curves.h"
#include "image/picture.h"
#include <math.h>

enum { DRAWN = 96, SHAPES = 4, ORDERS = 4, PLACES = 49, SIDE = 7 };

static const char *const shape_names[] = { "red circle", "blue square", "green circle",
                                           "yellow square", NULL };
static const guint32 shape_colours[] = { 0xd02020ff, 0x2040d0ff, 0x20a030ff, 0xe8c820ff };

/* The shape of class k, its middle at (x, y). */
static void
draw_shape (GdkPixbuf *picture, guint k, int x, int y)
{
  enum { RADIUS = 15 };
  for (int row = -RADIUS; row <= RADIUS; row++)
    {
      gboolean round = k % 2 == 0;
      int half = round ? (int) sqrt (RADIUS * RADIUS - row * row) : RADIUS;
      g_autoptr (GdkPixbuf) line =
          gdk_pixbuf_new_subpixbuf (picture, x - half, y + row, 2 * half + 1, 1);
      gdk_pixbuf_fill (line, shape_colours[k]);
    }
}

static FewClassifier *
name_shapes (FewModel *model)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *text = g_new (float, SHAPES *few_model_dim (model));
  const char *const templates[] = { "a {}", NULL };
  few_model_encode_classes (model, shape_names, NULL, SHAPES, templates, text, NULL, NULL, &error);
  g_assert_no_error (error);
  FewClassifierInfo info = { .kind = FEW_CLASSIFIER_BOTTLENECK,
                             .dim = few_model_dim (model),
                             .n_classes = SHAPES,
                             .logit_scale = few_model_info (model)->logit_scale,
                             .text_features = text,
                             .classes = shape_names };
  FewClassifier *classifier = few_classifier_new (&info, &error);
  g_assert_no_error (error);
  return classifier;
}

/* The mean of random orders. */
static HeatCurves
draw_lots (FewModel *model, const FewClassifier *classifier, const float *pixels, guint k)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (k + 1);
  HeatCurves mean = { 0, 0 };
  for (guint turn = 0; turn < ORDERS; turn++)
    {
      float map[PLACES];
      guint order[PLACES];
      for (guint i = 0; i < PLACES; i++)
        map[i] = (float) g_rand_double (rand);
      heat_order (map, PLACES, order);
      HeatCurves one = heat_curves (model, classifier, pixels, SIDE, order, k, 0);
      mean.deletion += one.deletion / ORDERS;
      mean.insertion += one.insertion / ORDERS;
    }
  return mean;
}

/* One shape of each class, with one of another beside it: heat lies on the one that is asked for,
 * and the probability falls and rises with it sooner than in random orders. Measured: deletion
 * 0.160 beside 0.361, insertion 0.737 beside 0.513; the bounds leave half of these distances. */
static void
test_pocket (void)
{
  g_autoptr (FewModel) model = few_model_open (POCKET, "cpu", NULL, NULL);
  g_autoptr (FewClassifier) classifier = name_shapes (model);
  g_autofree char *folder = scratch_folder ("shapes");
  g_autofree char *path = g_build_filename (folder, "shape.png", NULL);
  HeatCurves ours = { 0, 0 };
  HeatCurves lots = { 0, 0 };
  guint right = 0;
  for (guint k = 0; k < SHAPES; k++)
    {
      g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, DRAWN, DRAWN);
      g_autofree float *pixels = g_new (float, 3 * DRAWN * DRAWN);
      g_autoptr (GError) error = NULL;
      float map[PLACES];
      guint order[PLACES];
      gdk_pixbuf_fill (picture, 0xf4f4f4ff);
      draw_shape (picture, k, 22, 24);
      draw_shape (picture, (k + 1) % SHAPES, 74, 72);
      g_assert_true (gdk_pixbuf_save (picture, path, "png", NULL, NULL));
      g_autoptr (FewHeat) heat =
          few_heat_new (model, classifier, path, FEW_HEAT_BEST, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (few_heat_map (heat, classifier, k, 0, map, NULL));
      heat_order (map, PLACES, order);
      right += order[0] % SIDE < 4 && order[0] / SIDE < 4;
      g_assert_true (few_preprocess_file (&few_model_info (model)->preprocess, path, NULL, pixels,
                                          NULL, NULL));
      HeatCurves one = heat_curves (model, classifier, pixels, SIDE, order, k, 0);
      HeatCurves other = draw_lots (model, classifier, pixels, k);
      ours.deletion += one.deletion / SHAPES;
      ours.insertion += one.insertion / SHAPES;
      lots.deletion += other.deletion / SHAPES;
      lots.insertion += other.insertion / SHAPES;
    }
  g_test_message ("deletion %.3f beside %.3f, insertion %.3f beside %.3f, %u of %u on the shape",
                  ours.deletion, lots.deletion, ours.insertion, lots.insertion, right, SHAPES);
  g_assert_cmpuint (right, ==, SHAPES);
  g_assert_cmpfloat (ours.deletion, <, lots.deletion - 0.1);
  g_assert_cmpfloat (ours.insertion, >, lots.insertion + 0.11);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/curves/pocket", test_pocket);
  return g_test_run ();
}
