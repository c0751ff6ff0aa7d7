/* SPDX-License-Identifier: MIT */
/* Little memory: how much there is left, a method that needs more, and one that takes its folds in
 * turn. */
#include "adapt/one-vs-rest.h"
#include "base/memory.h"
#include "methods-fixture.h"
#include "golden.h"
#include <malloc.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MEGABYTE = 1 << 20 };

/* As `ulimit -v` does: so much more than there is. 0: no limit. */
static void
limit_memory (guint megabytes)
{
  struct rlimit limit;
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  guint64 used = g_ascii_strtoull (text, NULL, 10) * (guint64) sysconf (_SC_PAGESIZE);
  g_assert_cmpint (getrlimit (RLIMIT_AS, &limit), ==, 0);
  limit.rlim_cur = megabytes ? used + (guint64) megabytes * MEGABYTE : limit.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_AS, &limit), ==, 0);
}

static void
test_left (void)
{
  guint64 all = (guint64) sysconf (_SC_PHYS_PAGES) * (guint64) sysconf (_SC_PAGESIZE);
  guint64 left = few_memory_left ();
  g_assert_cmpuint (left, >, MEGABYTE);
  g_assert_cmpuint (left, <=, all);
  limit_memory (100);
  g_assert_cmpuint (few_memory_left (), <=, 100 * MEGABYTE);
  limit_memory (0);
}

/* ProKeR's kernel is of all pairs of pictures and views. */
static void
test_proker (void)
{
  enum { VIEWS = 100 };
  World w;
  g_autoptr (GError) error = NULL;
  world_open (&w);
  memset (w.roles, FEW_ROLE_TRAIN, sizeof w.roles);
  g_autofree float *views = g_new (float, (gsize) N *VIEWS *w.d);
  for (gsize i = 0; i < (gsize) N * VIEWS * w.d; i++)
    views[i] = w.features[i % (N * w.d)];
  w.task.views = views;
  w.task.n_views = VIEWS;
  limit_memory (300);
  g_assert_null (world_run (&w, "proker", &error));
  limit_memory (0);
  assert_says (&error, "ProKeR", " MB", "5454", "fewer", NULL); /* 340 MB */
  world_close (&w);
}

/* 35 MB of what a fit needs, of each of five folds: one at a time there are enough. */
static void
test_folds (void)
{
  enum { ROWS = 60000, D = 2, SIDES = 20, FOLDS = 5 };
  g_autofree double *x = g_new (double, ROWS *D);
  g_autofree guint32 *fold = g_new (guint32, ROWS);
  double t[SIDES * D] = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (FewLabelSets) sets = few_label_sets_new ();
  for (guint32 i = 0; i < ROWS; i++)
    {
      const guint32 label = i % 61;
      x[2 * i] = sin (i);
      x[2 * i + 1] = cos (i);
      fold[i] = i % FOLDS;
      g_assert_true (few_label_sets_add (sets, &label, label < SIDES, &error));
    }
  const FewOneVsRest task = { .n = ROWS,
                              .d = D,
                              .k = SIDES,
                              .x = x,
                              .sets = sets,
                              .t = t,
                              .scale = 1,
                              .fold = fold,
                              .folds = FOLDS,
                              .strength = 1,
                              .prior = 0,
                              .threads = FOLDS };
  FewOneVsRestFit fit;
  limit_memory (160);
  gboolean ok = few_one_vs_rest_fit (&task, &fit, &error);
  limit_memory (0);
  few_one_vs_rest_clear (&fit);
  g_assert_no_error (error);
  g_assert_true (ok);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mallopt (M_ARENA_MAX, 1); /* threads reserve nothing of their own */
  g_test_add_func ("/scarce/left", test_left);
  g_test_add_func ("/scarce/proker", test_proker);
  g_test_add_func ("/scarce/folds", test_folds);
  return g_test_run ();
}
