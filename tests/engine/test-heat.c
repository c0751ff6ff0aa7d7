/* SPDX-License-Identifier: MIT */
/* Where a classifier looks: numbers beside tests/tools/golden_heat.py (plain NumPy in double
 * precision). */
#include "adapt/classifier.h"
#include "golden.h"
#include "heat/heat.h"
#include "image/picture.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

enum { D = 12, K = 4, H = 5, PATCHES = 9, PLACES = 49, SIDE = 7, MOST_PLACES = 49 };

static const char *const names[] = { "one", "two", "three", "four", NULL };

/* That of the dump, or CLIP alone, where α means nothing. */
static FewClassifier *
make_classifier (const FewSafetensors *dump, gboolean adapted)
{
  g_autofree float *w1 = golden_floats (dump, "w1", H * D);
  g_autofree float *w2 = golden_floats (dump, "w2", D * H);
  g_autofree float *text = golden_floats (dump, "text", K * D);
  g_autoptr (GError) error = NULL;
  FewClassifierInfo info = { .kind = FEW_CLASSIFIER_BOTTLENECK,
                             .dim = D,
                             .n_classes = K,
                             .logit_scale = 20,
                             .text_features = text,
                             .hidden = adapted ? H : 0,
                             .final_relu = TRUE,
                             .w1 = adapted ? w1 : NULL,
                             .w2 = adapted ? w2 : NULL,
                             .classes = names };
  FewClassifier *classifier = few_classifier_new (&info, &error);
  g_assert_no_error (error);
  return classifier;
}

static void
assert_map (const FewSafetensors *dump, const FewHeat *heat, const FewClassifier *classifier,
            const char *kind, guint k, double alpha)
{
  guint n = few_heat_info (heat)->rows * few_heat_info (heat)->columns;
  float map[MOST_PLACES];
  g_autofree char *name = g_strdup_printf ("%s.%u.%s", kind, k, alpha > 0 ? "0.6" : "0.0");
  g_autofree float *golden = golden_floats (dump, name, n);
  g_assert_true (few_heat_map (heat, classifier, k, alpha, map, NULL));
  g_assert_cmpfloat (golden_distance (map, golden, n), <, 2e-3);
}

static void
test_golden (gconstpointer kind)
{
  g_autoptr (FewModel) model = golden_model ("heat", "cpu");
  g_autoptr (FewSafetensors) dump = golden_open ("heat/heat.safetensors");
  g_autoptr (FewClassifier) adapted = make_classifier (dump, TRUE);
  g_autoptr (FewClassifier) clip = make_classifier (dump, FALSE);
  g_autofree char *picture = golden_path ("heat/picture.png");
  g_autoptr (GError) error = NULL;
  gboolean parts = g_str_equal (kind, "parts");
  g_autoptr (FewHeat) heat =
      few_heat_new (model, adapted, picture, parts ? FEW_HEAT_PARTS : FEW_HEAT_OCCLUSION, NULL,
                    NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (few_heat_info (heat)->columns, ==, parts ? 3 : SIDE);
  for (guint k = 0; k <= 2; k += 2)
    {
      float at_zero[MOST_PLACES], without[MOST_PLACES];
      assert_map (dump, heat, adapted, kind, k, 0);
      assert_map (dump, heat, adapted, kind, k, 0.6);
      g_assert_true (few_heat_map (heat, adapted, k, 0, at_zero, NULL));
      g_assert_true (few_heat_map (heat, clip, k, 0.6, without, NULL));
      g_assert_cmpfloat (golden_distance (at_zero, without, parts ? PATCHES : PLACES), <, 1e-4);
    }
}

/* A vision transformer tells its parts, unasked; a ResNet is covered, and says that it cannot. */
static void
test_method (void)
{
  g_autoptr (FewSafetensors) dump = golden_open ("heat/heat.safetensors");
  g_autoptr (FewClassifier) classifier = make_classifier (dump, TRUE);
  g_autoptr (FewModel) vit = golden_model ("heat", "cpu");
  g_autofree char *picture = golden_path ("heat/picture.png");
  g_autoptr (FewHeat) heat =
      few_heat_new (vit, classifier, picture, FEW_HEAT_BEST, NULL, NULL, NULL, NULL);
  g_assert_cmpint (few_heat_info (heat)->method, ==, FEW_HEAT_PARTS);
  g_autoptr (FewModel) resnet = few_model_open (POCKET, "cpu", NULL, NULL);
  guint d = few_model_dim (resnet);
  g_autofree float *text = g_new0 (float, (gsize) K *d);
  for (guint k = 0; k < K; k++)
    text[k * d + k] = 1;
  FewClassifierInfo info = *few_classifier_info (classifier);
  info.dim = d;
  info.hidden = 0;
  info.w1 = info.w2 = NULL;
  info.text_features = text;
  g_autoptr (FewClassifier) other = few_classifier_new (&info, NULL);
  g_autoptr (GError) error = NULL;
  g_assert_null (few_heat_new (resnet, other, picture, FEW_HEAT_PARTS, NULL, NULL, NULL, &error));
  assert_says (&error, "vision transformer", "Cover", NULL);
  g_autoptr (FewHeat) covered =
      few_heat_new (resnet, other, picture, FEW_HEAT_BEST, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (few_heat_info (covered)->method, ==, FEW_HEAT_OCCLUSION);
}

typedef struct
{
  GCancellable *cancellable;
  guint told, done, total;
} Watch;

static void
count_places (gpointer user, guint done, guint total)
{
  Watch *watch = user;
  g_assert_cmpuint (done, >, watch->done);
  watch->told++;
  watch->done = done;
  watch->total = total;
  if (watch->cancellable)
    g_cancellable_cancel (watch->cancellable);
}

static void
test_progress (void)
{
  g_autoptr (FewModel) model = golden_model ("heat", "cpu");
  g_autoptr (FewSafetensors) dump = golden_open ("heat/heat.safetensors");
  g_autoptr (FewClassifier) classifier = make_classifier (dump, TRUE);
  g_autofree char *picture = golden_path ("heat/picture.png");
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Watch watch = { .done = 0 };
  g_autoptr (FewHeat) whole = few_heat_new (model, classifier, picture, FEW_HEAT_OCCLUSION,
                                            count_places, &watch, cancellable, &error);
  g_assert_no_error (error);
  g_assert_nonnull (whole);
  g_assert_cmpuint (watch.done, ==, PLACES);
  g_assert_cmpuint (watch.total, ==, PLACES);
  g_assert_cmpuint (watch.told, >, 1);
  watch = (Watch) { .cancellable = cancellable };
  g_autoptr (FewHeat) stopped = few_heat_new (model, classifier, picture, FEW_HEAT_OCCLUSION,
                                              count_places, &watch, cancellable, &error);
  g_assert_null (stopped);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (watch.told, ==, 1);
}

/* The part of a picture that the model sees. */
static void
test_region (void)
{
  double region[4];
  FewPreprocess p = { .size = 32 };
  few_image_region (96, 64, &p, region); /* 48 × 32, its middle 32 */
  g_assert_cmpfloat_with_epsilon (region[0], 8 / 48.0, 1e-9);
  g_assert_cmpfloat_with_epsilon (region[1], 0, 1e-9);
  g_assert_cmpfloat_with_epsilon (region[2], 32 / 48.0, 1e-9);
  g_assert_cmpfloat_with_epsilon (region[3], 1, 1e-9);
  p.mode = FEW_RESIZE_LONGEST; /* 32 × 16, filled above and below */
  few_image_region (64, 32, &p, region);
  g_assert_cmpfloat_with_epsilon (region[0], 0, 1e-9);
  g_assert_cmpfloat_with_epsilon (region[1], -0.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (region[3], 2, 1e-9);
  p.mode = FEW_RESIZE_SQUASH;
  few_image_region (640, 32, &p, region);
  g_assert_cmpfloat_with_epsilon (region[2], 1, 1e-9);
}

/* ---- the worker */

typedef struct
{
  FewWorker *worker;
  guint opened, looked;
  char *message;
  FewHeatInfo info;
  float maps[3 * PATCHES];
} Asked;

static void
take_event (gpointer user, const FewEvent *event)
{
  Asked *a = user;
  a->opened += event->kind == FEW_EVENT_MODEL;
  if (event->kind != FEW_EVENT_HEAT)
    return;
  g_assert_cmpuint (event->id, ==, 5);
  g_assert_true ((event->heat_maps == NULL) == (event->error != NULL));
  g_free (a->message);
  a->message = event->error ? g_strdup (event->error->message) : NULL;
  a->info = event->heat;
  if (event->heat_maps)
    memcpy (a->maps, event->heat_maps, sizeof a->maps);
  a->looked++;
}

static void
look (Asked *a, FewClassifier *classifier, const char *path, guint class_index, double alpha)
{
  guint before = a->looked;
  gint64 until = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  few_worker_heat (a->worker, 5, classifier, &(FewPrompts) { K, names, NULL, "a {}" }, path,
                   class_index, alpha);
  while (a->looked == before)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
}

/* Where CLIP and where a classifier looks; once the model has looked, another class and α come
 * without the file. */
static void
test_worker (void)
{
  g_autoptr (FewSafetensors) dump = golden_open ("heat/heat.safetensors");
  g_autoptr (FewClassifier) classifier = make_classifier (dump, TRUE);
  g_autofree char *picture = golden_path ("heat/picture.png");
  g_autofree char *folder = golden_path ("heat");
  g_autofree char *cache = scratch_folder ("features");
  g_autofree char *path = g_build_filename (cache, "one.png", NULL);
  Asked a = { .opened = 0 };
  a.worker = few_worker_new (cache, take_event, &a);
  g_assert_true (few_file_copy (picture, path, NULL, NULL));
  few_worker_open_model (a.worker, folder, "cpu");
  look (&a, NULL, path, 0, 0.5);
  g_assert_null (a.message);
  g_assert_cmpint (a.info.method, ==, FEW_HEAT_PARTS);
  for (guint i = 0; i < PATCHES; i++)
    g_assert_cmpfloat (a.maps[2 * PATCHES + i], ==, 0);
  g_remove (path);
  for (guint k = 0; k <= 2; k += 2)
    {
      g_autofree char *at_zero = g_strdup_printf ("parts.%u.0.0", k);
      g_autofree char *blended = g_strdup_printf ("parts.%u.0.6", k);
      g_autofree float *clip = golden_floats (dump, at_zero, PATCHES);
      g_autofree float *adapted = golden_floats (dump, blended, PATCHES);
      look (&a, classifier, path, k, 0.6);
      g_assert_null (a.message);
      g_assert_cmpfloat (golden_distance (a.maps, adapted, PATCHES), <, 2e-3);
      g_assert_cmpfloat (golden_distance (a.maps + PATCHES, clip, PATCHES), <, 2e-3);
      for (guint i = 0; i < PATCHES; i++)
        g_assert_cmpfloat (a.maps[2 * PATCHES + i], ==, a.maps[i] - a.maps[PATCHES + i]);
    }
  /* another picture in its place is another picture */
  float before[PATCHES];
  memcpy (before, a.maps, sizeof before);
  g_autoptr (GdkPixbuf) grey = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 40, 40);
  gdk_pixbuf_fill (grey, 0x808080ff);
  g_assert_true (gdk_pixbuf_save (grey, path, "png", NULL, NULL));
  look (&a, classifier, path, 2, 0.6);
  g_assert_null (a.message);
  g_assert_cmpfloat (golden_distance (a.maps, before, PATCHES), >, 1e-3);
  g_autofree char *gone = g_build_filename (cache, "gone.png", NULL);
  look (&a, classifier, gone, 0, 0);
  g_assert_nonnull (strstr (a.message, "gone.png"));
  few_worker_free (a.worker);
  g_free (a.message);
}

/* Of part i of one and part j of the other, each less its picture's mean; product may be NULL. */
static double
cosine_of_parts (const FewHeat *one, guint i, const FewHeat *other, guint j, double *product)
{
  double sums[3] = { 0 };
  const FewHeat *const heats[2] = { one, other };
  const guint places[2] = { i, j };
  for (guint d = 0; d < D; d++)
    {
      double parts[2];
      for (guint h = 0; h < 2; h++)
        {
          guint length;
          const float *features = few_heat_features (heats[h], &length);
          double mean = 0;
          g_assert_cmpuint (length, ==, D);
          for (guint p = 1; p <= PATCHES; p++)
            mean += ((double) features[d] - features[p * D + d]) / PATCHES;
          parts[h] = (double) features[d] - features[(places[h] + 1) * D + d] - mean;
        }
      sums[0] += parts[0] * parts[1];
      sums[1] += parts[0] * parts[0];
      sums[2] += parts[1] * parts[1];
    }
  if (product)
    *product = sums[0];
  return sums[0] / sqrt (sums[1] * sums[2]);
}

/* A picture is like itself in every place that is told apart; parts that match are each other's
 * nearest, by sums of their own. */
static void
test_match (void)
{
  enum { MOST = 16 };
  g_autoptr (FewModel) model = golden_model ("heat", "cpu");
  g_autofree char *picture = golden_path ("heat/picture.png");
  g_autofree char *another = golden_path ("pictures/noise.png");
  g_autoptr (GError) error = NULL;
  g_autoptr (FewHeat) one = few_heat_new_parts (model, picture, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (FewHeat) other = few_heat_new_parts (model, another, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (few_model_info (model)->tells_parts);
  FewMatch matches[MOST];
  guint n = few_heat_match (one, one, matches, MOST, &error);
  g_assert_cmpuint (n, ==, PATCHES);
  guint seen = 0;
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpuint (matches[i].one, ==, matches[i].other);
      g_assert_cmpfloat_with_epsilon (matches[i].cosine, 1, 1e-5);
      seen |= 1u << matches[i].one;
    }
  g_assert_cmpuint (seen, ==, (1u << PATCHES) - 1);
  n = few_heat_match (one, other, matches, 2, &error);
  g_assert_cmpuint (n, ==, 2);
  double strengths[2];
  for (guint m = 0; m < 2; m++)
    {
      double cosines[2][PATCHES];
      for (guint i = 0; i < PATCHES; i++)
        {
          cosines[0][i] = cosine_of_parts (one, matches[m].one, other, i, NULL);
          cosines[1][i] = cosine_of_parts (one, i, other, matches[m].other, NULL);
        }
      for (guint i = 0; i < PATCHES; i++)
        g_assert_true (cosines[0][i] <= (double) matches[m].cosine + 1e-5
                       && cosines[1][i] <= (double) matches[m].cosine + 1e-5);
      double cosine = cosine_of_parts (one, matches[m].one, other, matches[m].other, &strengths[m]);
      g_assert_cmpfloat_with_epsilon (matches[m].cosine, cosine, 1e-4);
    }
  g_assert_cmpfloat (strengths[0], >=, strengths[1]);
}

/* A tower without patches says so, and its places are none of a match's. */
static void
test_no_match (void)
{
  g_autoptr (FewModel) resnet = few_model_open (POCKET, "cpu", NULL, NULL);
  g_autofree char *picture = golden_path ("heat/picture.png");
  g_autoptr (GError) error = NULL;
  g_assert_false (few_model_info (resnet)->tells_parts);
  g_assert_null (few_heat_new_parts (resnet, picture, NULL, &error));
  g_assert_error (error, FEW_ERROR, FEW_ERROR_UNSUPPORTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/heat/golden/parts", "parts", test_golden);
  g_test_add_data_func ("/heat/golden/occlusion", "occlusion", test_golden);
  g_test_add_func ("/heat/method", test_method);
  g_test_add_func ("/heat/match", test_match);
  g_test_add_func ("/heat/no-match", test_no_match);
  g_test_add_func ("/heat/progress", test_progress);
  g_test_add_func ("/heat/region", test_region);
  g_test_add_func ("/heat/worker", test_worker);
  return g_test_run ();
}
