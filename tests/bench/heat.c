/* SPDX-License-Identifier: MIT */
/* How good heat maps are, and how fast: deletion and insertion curves of each method beside those
 * of random orders, on the first pictures of every class folder.
 *
 * bench-heat MODEL CLASSIFIER FOLDER [PICTURES A CLASS] [SIDE OF THE CURVES' GRID] */
#include "../engine/heat-curves.h"
#include <fewshot/picture.h>
#include <stdlib.h>

enum { RANDOM_ORDERS = 3, MOST_SIDE = 32, MOST_PLACES = MOST_SIDE * MOST_SIDE };

static const char *const names[] = { "random", "parts", "occlusion" };

typedef struct
{
  FewModel *model;
  FewClassifier *classifier;
  guint each, side;
  GRand *rand;
  guint n[3];
  HeatCurves sums[3];
  double seconds[3], moved;
} Bench;

static void
add_curves (Bench *b, guint which, const float *pixels, const guint *order, guint k)
{
  double alpha = few_classifier_info (b->classifier)->alpha;
  HeatCurves c = heat_curves (b->model, b->classifier, pixels, b->side, order, k, alpha);
  b->sums[which].deletion += c.deletion;
  b->sums[which].insertion += c.insertion;
  b->n[which]++;
}

static void
add_random (Bench *b, const float *pixels, guint k)
{
  guint order[MOST_PLACES];
  float map[MOST_PLACES];
  for (guint turn = 0; turn < RANDOM_ORDERS; turn++)
    {
      for (guint i = 0; i < b->side * b->side; i++)
        map[i] = (float) g_rand_double (b->rand);
      heat_order (map, b->side * b->side, order);
      add_curves (b, 0, pixels, order, k);
    }
}

/* The heat of the curves' places: what the map says in their middles, between those of its own. */
static void
spread_map (const float *map, guint columns, float *out, guint side)
{
  for (guint i = 0; i < side * side; i++)
    {
      guint row = i / side;
      double at[2] = { (i % side + 0.5) * columns / side - 0.5,
                       (row + 0.5) * columns / side - 0.5 };
      guint low[2];
      guint high[2];
      double part[2];
      for (guint j = 0; j < 2; j++)
        {
          at[j] = CLAMP (at[j], 0, columns - 1.0);
          low[j] = (guint) at[j];
          high[j] = MIN (low[j] + 1, columns - 1);
          part[j] = at[j] - low[j];
        }
      double above = (1 - part[0]) * (double) map[low[1] * columns + low[0]]
                     + part[0] * (double) map[low[1] * columns + high[0]];
      double below = (1 - part[0]) * (double) map[high[1] * columns + low[0]]
                     + part[0] * (double) map[high[1] * columns + high[0]];
      out[i] = (float) ((1 - part[1]) * above + part[1] * below);
    }
}

static void
add_method (Bench *b, FewHeatMethod method, const char *path, const float *pixels, guint k)
{
  float map[MOST_PLACES], spread[MOST_PLACES];
  guint order[MOST_PLACES];
  double alpha = few_classifier_info (b->classifier)->alpha;
  g_autoptr (GTimer) timer = g_timer_new ();
  g_autoptr (FewHeat) heat =
      few_heat_new (b->model, b->classifier, path, method, NULL, NULL, NULL, NULL);
  if (!heat || few_heat_info (heat)->columns > MOST_SIDE)
    return;
  b->seconds[method] += g_timer_elapsed (timer, NULL);
  g_timer_start (timer);
  if (!few_heat_map (heat, b->classifier, k, alpha, map, NULL))
    return;
  b->moved = MAX (b->moved, g_timer_elapsed (timer, NULL));
  spread_map (map, few_heat_info (heat)->columns, spread, b->side);
  heat_order (spread, b->side * b->side, order);
  add_curves (b, method, pixels, order, k);
}

static void
look_at (Bench *b, const char *path, guint k)
{
  const FewPreprocess *preprocess = &few_model_info (b->model)->preprocess;
  g_autofree float *pixels = g_new (float, (gsize) 3 * preprocess->size * preprocess->size);
  if (!few_preprocess_file (preprocess, path, NULL, pixels, NULL, NULL))
    return;
  add_random (b, pixels, k);
  add_method (b, FEW_HEAT_PARTS, path, pixels, k);
  add_method (b, FEW_HEAT_OCCLUSION, path, pixels, k);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

static void
look_at_class (Bench *b, const char *folder, guint k)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name = dir ? g_dir_read_name (dir) : NULL; name; name = g_dir_read_name (dir))
    g_ptr_array_add (files, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (files, compare_names);
  for (guint i = 0; i < MIN (files->len, b->each); i++)
    look_at (b, files->pdata[i], k);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc < 4)
    {
      g_printerr ("bench-heat MODEL CLASSIFIER FOLDER [PICTURES A CLASS] [SIDE]\n");
      return 2;
    }
  g_autoptr (FewModel) model = few_model_open (argv[1], "cpu", NULL, &error);
  g_autoptr (FewClassifier) classifier = model ? few_classifier_load (argv[2], &error) : NULL;
  if (!classifier)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  Bench b = { .model = model,
              .classifier = classifier,
              .each = argc > 4 ? (guint) atoi (argv[4]) : 4,
              .side = argc > 5 ? MIN ((guint) atoi (argv[5]), MOST_SIDE) : 7,
              .rand = g_rand_new_with_seed (1) };
  const FewClassifierInfo *info = few_classifier_info (classifier);
  for (guint k = 0; k < info->n_classes; k++)
    {
      g_autofree char *folder = g_build_filename (argv[3], info->classes[k], NULL);
      look_at_class (&b, folder, k);
    }
  g_print ("%-10s %9s %9s %9s %9s\n", "order", "pictures", "deletion", "insertion", "ms each");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (b.n[i] > 0)
      g_print ("%-10s %9u %9.3f %9.3f %9.1f\n", names[i], b.n[i] / (i ? 1 : RANDOM_ORDERS),
               b.sums[i].deletion / b.n[i], b.sums[i].insertion / b.n[i],
               1000 * b.seconds[i] / b.n[i]);
  g_print ("another alpha or class: at most %.2f ms\n", 1000 * b.moved);
  g_rand_free (b.rand);
  return 0;
}
