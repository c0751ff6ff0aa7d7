/* SPDX-License-Identifier: MIT */
/* Methods: specifications, bad input, choices, views. Their numbers are
 * tests/python/test_methods.py's. */
#include "golden.h"
#include "methods-fixture.h"
#include "image/view.h"
#include "task/task.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static void
test_specifications (void)
{
  g_autoptr (GError) error = NULL;
  FewMethodOptions o;
  g_assert_true (few_method_parse ("clip-adapter:lr=0.5,preset=published,alpha=0.3", &o, &error));
  g_assert_true (o.train.optimizer == FEW_OPTIMIZER_SGD && o.train.learning_rate == 0.5
                 && o.train.alpha == 0.3 && few_method_setting (&o, "alpha") == 0.3);
  g_assert_true (o.views == 100 && o.views_alone);
  g_assert_true (few_method_parse ("gda:search=published,views=3", &o, &error));
  g_assert_true (o.views == 3 && !o.views_alone);
  g_assert_true (few_method_parse ("gda", &o, &error) && o.views == FEW_ALL_VIEWS);
  g_assert_false (few_method_parse ("zero-shot:views=published", &o, &error));
  g_clear_error (&error);
  g_assert_false (few_method_parse ("gda:views=101", &o, &error));
  g_clear_error (&error);
  g_assert_true (few_method_parse ("coop:csc=1,position=middle,context=4", &o, &error));
  g_assert_cmpfloat (few_method_setting (&o, "csc"), ==, 1);
  g_assert_cmpfloat (few_method_setting (&o, "position"), ==, 1); /* of end, middle, front */
  g_assert_cmpfloat (few_method_setting (&o, "context"), ==, 4);
  g_assert_cmpuint (o.train.epochs, ==, 0);
  g_assert_cmpuint (o.train.warmup_epochs, ==, 1);
  g_assert_true (isnan (few_method_setting (&o, "tau"))); /* another method's */
  g_assert_true (few_method_parse ("tip-adapter:tau=3", &o, &error));
  g_assert_cmpfloat (few_method_setting (&o, "tau"), ==, 3);
  g_assert_true (isnan (few_method_setting (&o, "sharpness"))); /* to be chosen */
  const char *const wrong[][3] = {
    { "nonsense", "nonsense", "tip-adapter-f" },
    { "gda:alpha=1", "alpha=1", "known are: a" },
    { "clip-adapter:alpha=1.5", "alpha=1.5", "0 to 1" },
    { "coop:position=top", "top", "middle" },
    { "clap:epochs=0", "epochs=0", "1 to 100000" },
    { "clip-adapter:alpha", "alpha", "key=value" },
    { "clip-adapter:preset=mine", "mine", "seed" },
    { "linear-probe:c=nan", "c=nan", "number" },
    { "zero-shot:a=1", "a=1", "none" },
    { "clip-adapter-text:beta=view", "view", "number" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_false (few_method_parse (wrong[i][0], &o, &error));
      assert_says (&error, wrong[i][1], wrong[i][2], NULL);
    }
  /* every method parses by its own name */
  const FewMethodInfo *info;
  for (guint i = 0; (info = few_method_info (i)); i++)
    g_assert_true (few_method_parse (info->name, &o, &error));
  g_assert_cmpstr (few_method_info (0)->name, ==, "zero-shot");
}

static void
test_all_run (void)
{
  World w;
  const FewMethodInfo *info;
  world_open (&w);
  for (guint i = 0; (info = few_method_info (i)); i++)
    {
      g_autoptr (GError) error = NULL;
      if (info->several) /* tests/engine/test-several.c */
        continue;
      g_autofree char *quick = g_strdup_printf (
          "%s%s", info->name, g_str_equal (info->name, "coop") ? ":epochs=3,context=2" : "");
      g_autoptr (FewMethodResult) result = world_run (&w, quick, &error);
      g_assert_no_error (error);
      g_assert_true (result->test.low <= result->accuracy[FEW_ROLE_TEST]
                     && result->accuracy[FEW_ROLE_TEST] <= result->test.high);
      g_test_message ("%s: %.2f", quick, result->accuracy[FEW_ROLE_TEST]);
      /* text features are the clouds' own centres: anything that reads them is right most of the
       * time */
      if (!g_str_equal (info->name, "coop"))
        g_assert_cmpfloat (result->accuracy[FEW_ROLE_TEST], >, 0.6);
    }
  world_close (&w);
}

static void
test_bad_input (void)
{
  World w;
  g_autoptr (GError) error = NULL;
  world_open (&w);
  w.features[5] = NAN;
  g_assert_null (world_run (&w, "gda", &error));
  assert_says (&error, "not a number", NULL);
  w.features[5] = 0;
  w.task.n_classes = 1;
  memset (w.labels, 0, sizeof w.labels);
  g_assert_null (world_run (&w, "clap", &error));
  assert_says (&error, "at least two", "one", NULL);
  w.task.n_classes = CLASSES;
  g_assert_null (world_run (&w, "clap", &error));
  assert_says (&error, "two classes", "one class only", NULL);
  for (guint i = 0; i < N; i++)
    {
      w.labels[i] = i % CLASSES;
      w.roles[i] = FEW_ROLE_TEST;
    }
  g_assert_null (world_run (&w, "tip-adapter", &error));
  assert_says (&error, "two classes", "none", NULL);
  /* needs no training pictures */
  g_autoptr (FewMethodResult) untrained = world_run (&w, "zero-shot", &error);
  g_assert_no_error (error);
  g_assert_true (isnan (untrained->accuracy[FEW_ROLE_TRAIN]));
  /* a class without training pictures does not stop the others */
  for (guint i = 0; i < N; i++)
    w.roles[i] = w.labels[i] == 2 || i > 20 ? FEW_ROLE_TEST : FEW_ROLE_TRAIN;
  const char *const learning[] = { "linear-probe",
                                   "gda",
                                   "clap",
                                   "lp++",
                                   "tip-adapter-f",
                                   "clip-adapter:alpha=0.5,epochs=3",
                                   "coop:epochs=2,context=2" };
  for (guint i = 0; i < G_N_ELEMENTS (learning); i++)
    {
      g_autoptr (FewMethodResult) result = world_run (&w, learning[i], &error);
      g_assert_no_error (error);
      for (guint j = 0; j < N * CLASSES; j++)
        g_assert_true (isfinite (result->scores[j]));
    }
  g_assert_null (world_run (&w, "clip-adapter:after=1", &error));
  assert_says (&error, "pictures", NULL);
  g_assert_null (world_run (&w, "coop:context=64", &error));
  assert_says (&error, "64", "tokens", NULL);
  world_close (&w);
}

/* Too few validation pictures: the method's own value, and it says so. Never a look at the test
 * pictures. */
static void
test_choices (void)
{
  World w;
  g_autoptr (GError) error = NULL;
  world_open (&w);
  g_assert_true (few_hold_out (w.labels, N, CLASSES, 0, w.roles, NULL));
  g_assert_true (few_shot_split (w.labels, N, CLASSES, 1, 1, w.roles, NULL));
  g_autoptr (FewMethodResult) few = world_run (&w, "tip-adapter", &error);
  g_assert_true (few->too_few);
  g_assert_cmpstr (few->chosen, ==, "sharpness=5.5 tau=1");
  const char *const given[] = { "tip-adapter:sharpness=2,tau=3",
                                "gda:a=2",
                                "linear-probe:c=1",
                                "clip-adapter:alpha=0.5,epochs=2",
                                "clip-adapter:preset=published,epochs=2",
                                "clip-adapter-both:alpha=view,epochs=2" };
  for (guint i = 0; i < G_N_ELEMENTS (given); i++) /* nothing was left to choose */
    {
      g_autoptr (FewMethodResult) result = world_run (&w, given[i], &error);
      g_assert_no_error (error);
      g_assert_false (result->too_few);
    }
  g_assert_true (few_hold_out (w.labels, N, CLASSES, 0, w.roles, NULL));
  g_assert_true (few_shot_split (w.labels, N, CLASSES, 4, 1, w.roles, NULL));
  g_autoptr (FewMethodResult) before = world_run (&w, "tip-adapter", &error);
  g_assert_false (before->too_few);
  for (guint i = 0; i < N; i++)
    if (w.roles[i] == FEW_ROLE_TEST)
      for (guint j = 0; j < w.d; j++)
        w.features[i * w.d + j] = -w.features[i * w.d + j];
  const char *const choosing[] = { "tip-adapter", "gda", "linear-probe", "clip-adapter:epochs=5",
                                   "tip-adapter-f" };
  for (guint i = 0; i < G_N_ELEMENTS (choosing); i++)
    {
      g_autoptr (FewMethodResult) turned = world_run (&w, choosing[i], &error);
      for (guint j = 0; j < N; j++)
        if (w.roles[j] == FEW_ROLE_TEST)
          for (guint k = 0; k < w.d; k++)
            w.features[j * w.d + k] = -w.features[j * w.d + k];
      g_autoptr (FewMethodResult) again = world_run (&w, choosing[i], &error);
      g_assert_cmpstr (turned->chosen, ==, again->chosen);
    }
  world_close (&w);
}

/* CoOp's epochs where none are given: those of the paper, by shots. */
static void
test_coop_epochs (void)
{
  static const struct
  {
    guint shots, epochs;
  } schedule[] = { { 1, 50 }, { 2, 100 }, { 3, 100 }, { 4, 100 }, { 5, 200 } };
  World w;
  world_open (&w);
  for (guint i = 0; i < G_N_ELEMENTS (schedule); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_true (few_hold_out (w.labels, N, CLASSES, 0, w.roles, NULL));
      g_assert_true (few_shot_split (w.labels, N, CLASSES, schedule[i].shots, 1, w.roles, NULL));
      g_assert_cmpuint (few_task_most_shots (&w.task), ==, schedule[i].shots);
      g_autoptr (FewMethodResult) result = world_run (&w, "coop:context=2", &error);
      g_assert_no_error (error);
      g_assert_cmpuint (result->epochs, ==, schedule[i].epochs);
    }
  world_close (&w);
}

/* The class that has most says how many shots there are. */
static void
test_most_shots (void)
{
  const guint32 labels[] = { 0, 0, 0, 1, 1, 1, 1 };
  const guint8 roles[] = { FEW_ROLE_TRAIN, FEW_ROLE_TEST,  FEW_ROLE_TRAIN,     FEW_ROLE_TRAIN,
                           FEW_ROLE_TRAIN, FEW_ROLE_TRAIN, FEW_ROLE_VALIDATION };
  FewTask task = { .n = 7, .n_classes = 2, .labels = labels, .roles = roles };
  g_assert_cmpuint (few_task_most_shots (&task), ==, 3);
  task.n = 3;
  g_assert_cmpuint (few_task_most_shots (&task), ==, 2);
  task.n = 0;
  g_assert_cmpuint (few_task_most_shots (&task), ==, 0);
}

static void
test_cancel (void)
{
  World w;
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  FewMethodOptions options;
  world_open (&w);
  g_cancellable_cancel (cancellable);
  g_assert_true (few_method_parse ("clap", &options, NULL));
  g_assert_null (few_method_run (w.model, &w.task, &options, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  world_close (&w);
}

/* torchvision's RandomResizedCrop: ½–1 of the area, ratio ¾–4/3, inside the picture; the same
 * for the same content. */
static void
test_views (void)
{
  guint8 hash[32] = { 1 };
  guint flipped = 0;
  guint whole = 0;
  for (guint i = 0; i < 400; i++)
    {
      FewImageView view, again;
      few_image_view_draw (hash, 7, i, 300, 200, &view);
      few_image_view_draw (hash, 7, i, 300, 200, &again);
      g_assert_cmpmem (&view, sizeof view, &again, sizeof again);
      g_assert_true (view.left + view.width <= 300 && view.top + view.height <= 200);
      double area = view.width * view.height / 60000.0;
      double ratio = (double) view.width / view.height;
      whole += view.width == 300 && view.height == 200;
      if (view.width != 300 || view.height != 200)
        g_assert_true (area > 0.49 && area <= 1 && ratio > 0.74 && ratio < 1.35);
      flipped += view.flipped;
    }
  g_assert_true (flipped > 150 && flipped < 250 && whole < 40);
  FewImageView thin;
  few_image_view_draw (hash, 7, 0, 1000, 1, &thin); /* no crop of that ratio fits */
  g_assert_true (thin.width == 1000 && thin.height == 1);
}

/* Features of views: from the cache they are the same bits. */
static void
test_encoded_views (void)
{
  g_autoptr (FewModel) model = golden_model ("vit", "cpu,threads=2");
  g_autoptr (GError) error = NULL;
  g_autofree char *cache = scratch_folder ("views");
  g_autofree char *a = golden_path ("pictures/turned.jpg");
  const char *const paths[] = { a, "/no/such/picture.png" };
  guint d = few_model_dim (model);
  g_autofree float *first = g_new (float, 3 * d);
  g_autofree float *second = g_new (float, 3 * d);
  g_autofree float *other = g_new (float, 3 * d);
  g_assert_true (
      few_model_encode_views (model, paths, 1, 3, 1, cache, first, NULL, NULL, NULL, &error));
  g_assert_true (
      few_model_encode_views (model, paths, 1, 3, 1, cache, second, NULL, NULL, NULL, &error));
  g_assert_true (
      few_model_encode_views (model, paths, 1, 3, 2, NULL, other, NULL, NULL, NULL, &error));
  g_assert_cmpmem (first, 3 * d * sizeof (float), second, 3 * d * sizeof (float));
  g_assert_true (memcmp (first, first + d, d * sizeof (float)) != 0
                 && memcmp (first, other, d * sizeof (float)) != 0);
  g_assert_false (
      few_model_encode_views (model, paths + 1, 1, 3, 1, NULL, other, NULL, NULL, NULL, &error));
  assert_says (&error, "/no/such/picture.png", NULL);
}

static FewMethodResult *
run_with_views (World *w, const char *specification, guint n_views)
{
  g_autoptr (GError) error = NULL;
  w->task.n_views = n_views;
  FewMethodResult *result = world_run (w, specification, &error);
  g_assert_no_error (error);
  return result;
}

/* views=published learns from the views in the pictures' place: where a view is the picture itself,
 * nothing else comes out. One a picture for what learns from all of them; several for what takes
 * one an epoch. */
static void
test_published_views (void)
{
  static const struct
  {
    const char *name, *settings;
    guint views, published;
  } cases[] = { { "gda", "search=published", 1, 10 },
                { "tip-adapter", "search=published", 5, 10 },
                { "tip-adapter-f", "search=published,epochs=3", 5, 10 },
                { "clap", "epochs=20,views=published", 1, 20 },
                { "coop", "epochs=3,context=4,views=published", 3, 100 },
                { "clip-adapter", "preset=published,epochs=7", 3, 100 } };
  World w;
  world_open (&w);
  g_autofree float *views = g_new (float, (gsize) N * 5 * w.d);
  for (guint c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      gsize row = 0;
      g_autofree char *published = g_strdup_printf ("%s:%s", cases[c].name, cases[c].settings);
      g_autofree char *plain = g_strdup_printf ("%s,views=0", published);
      FewMethodOptions options;
      g_assert_true (few_method_parse (published, &options, NULL));
      g_assert_true (options.views == cases[c].published && options.views_alone);
      for (guint i = 0; i < N; i++)
        for (guint v = 0; v < cases[c].views && w.roles[i] == FEW_ROLE_TRAIN; v++)
          memcpy (views + row++ * w.d, w.features + (gsize) i * w.d, w.d * sizeof *views);
      w.task.views = views;
      g_autoptr (FewMethodResult) with = run_with_views (&w, published, cases[c].views);
      g_autoptr (FewMethodResult) without = run_with_views (&w, plain, cases[c].views);
      g_assert_cmpuint (with->epochs, ==, without->epochs);
      for (guint i = 0; i < N * CLASSES; i++)
        g_assert_cmpfloat_with_epsilon (with->scores[i], without->scores[i],
                                        1e-3 * MAX (fabs (without->scores[i]), 1));
      /* and they are looked at: others give others */
      for (gsize i = 0; i < row * w.d; i++)
        views[i] += (float) ((i * 7919 % 13) / 6.5 - 1);
      g_autoptr (FewMethodResult) others = run_with_views (&w, published, cases[c].views);
      guint changed = 0;
      for (guint i = 0; i < N * CLASSES; i++)
        changed += fabs (others->scores[i] - with->scores[i]) > 0;
      g_assert_cmpuint (changed, >, 0);
    }
  world_close (&w);
}

static const FewLearned *
learned (const FewMethodResult *result, const char *name)
{
  for (guint i = 0; i < result->tensors->len; i++)
    if (g_str_equal (((FewLearned *) result->tensors->pdata[i])->name, name))
      return result->tensors->pdata[i];
  g_assert_not_reached ();
}

/* log (n_k K / n) of the world's training pictures; a class without any counts as if it had one. */
static double
lean_of (const World *w, guint class)
{
  guint n = 0;
  guint own = 0;
  for (guint i = 0; i < N; i++)
    {
      n += w->roles[i] == FEW_ROLE_TRAIN;
      own += w->roles[i] == FEW_ROLE_TRAIN && w->labels[i] == class;
    }
  return log ((double) MAX (own, 1) * CLASSES / n);
}

/* Balanced priors take log (n_k K / n) off the biases and leave the rest; of automatic, as much of
 * it as LP++ has a weight, from what it says out of fold, too. */
static void
test_balanced_priors (void)
{
  static const char *const methods[] = { "linear-probe:c=1", "lp++:epochs=30" };
  World w;
  g_autoptr (GError) error = NULL;
  world_open (&w);
  for (guint i = 0; i < N; i++) /* the first class has all of its pictures, the last has none */
    if (w.roles[i] != FEW_ROLE_TEST && w.labels[i] != 1)
      w.roles[i] = w.labels[i] == 0 ? FEW_ROLE_TRAIN : FEW_ROLE_UNUSED;
  for (guint m = 0; m < G_N_ELEMENTS (methods); m++)
    {
      g_autofree char *specification = g_strconcat (methods[m], ",priors=balanced", NULL);
      g_autoptr (FewMethodResult) plain = world_run (&w, methods[m], &error);
      g_autoptr (FewMethodResult) balanced = world_run (&w, specification, &error);
      g_assert_no_error (error);
      const FewLearned *b = learned (plain, "bias");
      const FewLearned *moved = learned (balanced, "bias");
      for (guint k = 0; k < CLASSES; k++)
        {
          g_assert_cmpfloat_with_epsilon (b->values[k] - moved->values[k], lean_of (&w, k), 1e-4);
          for (guint i = 0; i < N; i++)
            g_assert_cmpfloat_with_epsilon (plain->scores[i * CLASSES + k]
                                                - balanced->scores[i * CLASSES + k],
                                            lean_of (&w, k), 1e-3);
        }
    }
  FewAutomaticOptions options;
  few_automatic_options_init (&options);
  g_autoptr (FewAutomatic) plain =
      few_automatic_learn (&w.task, w.d, 20, &options, NULL, NULL, NULL, &error);
  options.balanced_priors = TRUE;
  g_autoptr (FewAutomatic) balanced =
      few_automatic_learn (&w.task, w.d, 20, &options, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  const FewAutomaticInfo *a = few_automatic_info (plain);
  const FewAutomaticInfo *b = few_automatic_info (balanced);
  g_assert_cmpfloat (a->lp, >, 0);
  for (guint k = 0; k < CLASSES; k++)
    {
      g_assert_cmpfloat_with_epsilon (a->bias[k] - b->bias[k], a->lp * lean_of (&w, k), 1e-9);
      for (guint i = 0; i < a->n; i++)
        g_assert_cmpfloat_with_epsilon (a->out_of_fold[i * CLASSES + k]
                                            - b->out_of_fold[i * CLASSES + k],
                                        a->lp * lean_of (&w, k), 1e-9);
    }
  world_close (&w);
}

/* One picture a class to learn from, and all others to choose β and λ by: what is said of the best
 * pair is what the result gets right. */
static void
test_proker_of_few (void)
{
  World w;
  world_open (&w);
  for (guint i = 0; i < N; i++)
    w.roles[i] = i < CLASSES ? FEW_ROLE_TRAIN : FEW_ROLE_VALIDATION;
  g_autoptr (GError) error = NULL;
  g_autoptr (FewMethodResult) result = world_run (&w, "proker", &error);
  g_assert_no_error (error);
  const FewGrid *grid = &result->grid;
  double best = 0;
  for (guint i = 0; i < grid->rows * grid->columns; i++)
    best = MAX (best, grid->accuracy[i]);
  g_assert_cmpuint (grid->rows * grid->columns, ==, 200);
  g_assert_cmpfloat_with_epsilon (result->accuracy[FEW_ROLE_VALIDATION], best,
                                  1.01 / (N - CLASSES));
  world_close (&w);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/methods/specifications", test_specifications);
  g_test_add_func ("/methods/all-run", test_all_run);
  g_test_add_func ("/methods/bad-input", test_bad_input);
  g_test_add_func ("/methods/choices", test_choices);
  g_test_add_func ("/methods/coop-epochs", test_coop_epochs);
  g_test_add_func ("/methods/most-shots", test_most_shots);
  g_test_add_func ("/methods/cancel", test_cancel);
  g_test_add_func ("/methods/balanced-priors", test_balanced_priors);
  g_test_add_func ("/methods/views", test_views);
  g_test_add_func ("/methods/published-views", test_published_views);
  g_test_add_func ("/methods/encoded-views", test_encoded_views);
  g_test_add_func ("/methods/proker-of-few", test_proker_of_few);
  return g_test_run ();
}
