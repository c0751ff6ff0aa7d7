/* SPDX-License-Identifier: MIT */
/* "Automatic" with the visual adapter: the answer that stands before it learns, what is seen of it
 * meanwhile, and what is left when it is stopped. */
#include "methods-fixture.h"
#include "golden.h"
#include "lens/lens.h"
#include <math.h>
#include <string.h>

typedef struct
{
  FewSnapshot *answer;
  guint answers, steps, most; /* most: it is stopped after so many; 0: never */
} Watched;

static void
answered_cb (gpointer user, FewSnapshot *snapshot)
{
  Watched *w = user;
  g_assert_cmpuint (w->steps, ==, 0);
  w->answer = few_snapshot_ref (snapshot);
  w->answers++;
}

static gboolean
stepped_cb (gpointer user, FewTrainer *trainer, GError **error)
{
  Watched *w = user;
  g_autoptr (FewSnapshot) snapshot = few_trainer_snapshot (trainer, error);
  g_assert_nonnull (snapshot);
  g_assert_cmpint (few_classifier_info (few_snapshot_info (snapshot)->classifier)->kind, ==,
                   FEW_CLASSIFIER_BOTTLENECK);
  return ++w->steps != w->most;
}

static FewSnapshot *
learn (World *w, const char *specification, Watched *watched)
{
  const FewLearnWatch watch = { NULL, answered_cb, stepped_cb, watched };
  FewMethodOptions options;
  g_autoptr (GError) error = NULL;
  g_assert_true (few_method_parse (specification, &options, &error));
  FewSnapshot *snapshot =
      few_snapshot_learn (w->model, &w->task, &options, FALSE, &watch, NULL, &error);
  g_assert_no_error (error);
  return snapshot;
}

/* Both at the α of each: the same numbers for all pictures. */
static void
assert_equal (const FewSnapshot *one, const FewSnapshot *other)
{
  float a[N * CLASSES], b[N * CLASSES];
  const FewClassifierInfo *first = few_classifier_info (few_snapshot_info (one)->classifier);
  const FewClassifierInfo *second = few_classifier_info (few_snapshot_info (other)->classifier);
  g_assert_cmpint (first->kind, ==, second->kind);
  g_assert_cmpstr (first->method, ==, second->method);
  few_snapshot_scores (one, first->alpha, N, a);
  few_snapshot_scores (other, second->alpha, N, b);
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
}

/* Stopped on its way, the adapter leaves the answer that stood before, and its chart. */
static void
test_stopped (void)
{
  World w;
  Watched alone = { NULL };
  Watched stopped = { .most = 40 };
  world_open (&w);
  g_autoptr (FewSnapshot) automatic = learn (&w, "automatic", &alone);
  g_assert_cmpuint (alone.answers + alone.steps, ==, 0);
  g_autoptr (FewSnapshot) result = learn (&w, "automatic:adapter=1", &stopped);
  g_assert_cmpuint (stopped.answers, ==, 1);
  g_assert_cmpuint (stopped.steps, ==, 40);
  assert_equal (stopped.answer, automatic);
  assert_equal (result, automatic);
  const FewSnapshotInfo *info = few_snapshot_info (result);
  g_assert_cmpuint (info->epoch, >, 0);
  g_assert_cmpfloat (info->history[0].loss, >, 0);
  g_assert_cmpuint (info->cross_validated.n, >, 0);
  g_assert_cmpuint (few_snapshot_info (stopped.answer)->epochs, ==, 0);
  few_snapshot_unref (stopped.answer);
  world_close (&w);
}

/* What is known of the sum's answers is of the sum: it holds at its α, is as right as is said, and
 * goes with it into a file. */
static void
assert_trusted (World *w, const FewSnapshot *result)
{
  const FewSnapshotInfo *info = few_snapshot_info (result);
  const FewClassifierInfo *sum = few_classifier_info (info->classifier);
  g_autofree char *folder = g_dir_make_tmp ("fewshot-live-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "sum.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_nonnull (sum->trust);
  const FewTrustInfo *trust = few_trust_info (sum->trust);
  g_assert_true (few_trust_holds (sum->trust, sum->alpha));
  g_assert_cmpuint (trust->n_told, ==, info->cross_validated.n);
  g_assert_cmpfloat_with_epsilon (trust->accuracy, info->cross_validated.accuracy, 1e-6);
  g_assert_cmpuint (trust->n_negatives, ==, w->task.n_negatives);
  g_assert_true (few_snapshot_save (result, sum->alpha, path, &error));
  g_assert_no_error (error);
  g_autoptr (FewClassifier) again = few_classifier_load (path, &error);
  g_assert_no_error (error);
  g_assert_nonnull (few_classifier_info (again)->trust);
}

/* Trained through it joins where the log-loss of pictures unseen is lower with it, and only there:
 * that of the result is never above the answer's. */
static void
test_joined (void)
{
  World w;
  Watched watched = { NULL };
  world_open (&w);
  g_autoptr (FewSnapshot) result = learn (&w, "automatic:adapter=1", &watched);
  const FewSnapshotInfo *before = few_snapshot_info (watched.answer);
  const FewSnapshotInfo *after = few_snapshot_info (result);
  g_assert_cmpuint (watched.steps, >=, 1000);
  g_assert_cmpuint (after->epoch, ==, after->epochs);
  g_assert_cmpstr (few_classifier_info (after->classifier)->method, ==, "automatic");
  if (few_classifier_info (after->classifier)->kind == FEW_CLASSIFIER_SUM)
    {
      g_assert_cmpfloat (after->cross_validated.log_loss, <, before->cross_validated.log_loss);
      assert_trusted (&w, result);
    }
  else
    assert_equal (result, watched.answer);
  few_snapshot_unref (watched.answer);
  world_close (&w);
}

/* Classes that no plane parts: the adapter is of use, joins, and what is known of the sum covers
 * pictures that are none of the classes, too. */
static void
test_joined_with_negatives (void)
{
  World w;
  Watched watched = { NULL };
  world_open (&w);
  g_autofree float *negatives = g_new (float, 12 * w.d);
  GRand *random = g_rand_new_with_seed (2);
  for (guint i = 0; i < 12 * w.d; i++)
    negatives[i] = (float) g_rand_double_range (random, -1, 1);
  for (guint i = 0; i < N; i++) /* each class at two ends */
    {
      w.roles[i] = FEW_ROLE_TRAIN;
      for (guint j = 0; j < w.d && i % 2; j++)
        w.features[i * w.d + j] *= -1;
    }
  g_rand_free (random);
  w.task.negatives = negatives;
  w.task.n_negatives = 12;
  g_autoptr (FewSnapshot) result = learn (&w, "automatic:adapter=1", &watched);
  g_assert_cmpint (few_classifier_info (few_snapshot_info (result)->classifier)->kind, ==,
                   FEW_CLASSIFIER_SUM);
  assert_trusted (&w, result);
  FewTrust *trust = few_classifier_info (few_snapshot_info (result)->classifier)->trust;
  g_assert_cmpfloat (few_trust_negatives_refused (trust, .1), >, 0);
  few_snapshot_unref (watched.answer);
  world_close (&w);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/live/stopped", test_stopped);
  g_test_add_func ("/live/joined", test_joined);
  g_test_add_func ("/live/joined-with-negatives", test_joined_with_negatives);
  return g_test_run ();
}
