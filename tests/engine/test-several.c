/* SPDX-License-Identifier: MIT */
/* Pictures with any number of labels: sets, splits, measures, one-vs-rest as it is learned, kept in
 * files and projects, and refused. scikit-learn's own numbers: tests/python/test_several.py. */
#include "methods-fixture.h"
#include "adapt/one-vs-rest.h"
#include "task/stratify.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* ---- sets and splits */

static void
test_sets (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FewLabelSets) sets = few_label_sets_new ();
  g_autofree guint32 *many = g_new (guint32, 5000);
  guint n;
  for (guint i = 0; i < 5000; i++)
    many[i] = (i * 7919) % 1000;
  g_assert_true (few_label_sets_add (sets, (guint32[]) { 5, 1, 5, 3 }, 4, &error));
  g_assert_true (few_label_sets_add (sets, NULL, 0, &error));
  g_assert_true (few_label_sets_add (sets, many, 5000, &error));
  const guint32 *labels = few_label_sets_get (sets, 0, &n);
  g_assert_cmpmem (labels, n * sizeof *labels, ((guint32[]) { 1, 3, 5 }), 12);
  few_label_sets_get (sets, 1, &n);
  g_assert_cmpuint (n, ==, 0);
  labels = few_label_sets_get (sets, 2, &n);
  g_assert_cmpuint (n, ==, 1000);
  for (guint i = 0; i < 1000; i++)
    g_assert_cmpuint (labels[i], ==, i);
  g_assert_true (few_label_sets_hold (sets, 0, 3) && !few_label_sets_hold (sets, 0, 4));
  g_assert_false (few_label_sets_hold (sets, 1, 0));
  g_autoptr (FewLabelSets) picked =
      few_label_sets_pick (sets, (guint32[]) { 2, 0 }, 2, 4, &error); /* labels below 4 */
  labels = few_label_sets_get (picked, 1, &n);
  g_assert_cmpuint (picked->n, ==, 2);
  g_assert_cmpmem (labels, n * sizeof *labels, ((guint32[]) { 1, 3 }), 8);
}

enum { PICTURES = 400, LABELS = 6 };

/* Labels of very different frequency, some together. */
static FewLabelSets *
draw_sets (guint32 seed, guint counts[LABELS])
{
  GRand *random = g_rand_new_with_seed (seed);
  FewLabelSets *sets = few_label_sets_new ();
  memset (counts, 0, LABELS * sizeof *counts);
  for (guint i = 0; i < PICTURES; i++)
    {
      guint32 labels[LABELS];
      guint n = 0;
      for (guint l = 0; l < LABELS; l++)
        if (g_rand_double (random) < 0.5 / (1 << l) || (l == 3 && n == 3))
          labels[n++] = l;
      for (guint l = 0; l < n; l++)
        counts[labels[l]]++;
      g_assert_true (few_label_sets_add (sets, labels, n, NULL));
    }
  g_rand_free (random);
  return sets;
}

static void
test_split (void)
{
  guint counts[LABELS];
  g_autoptr (FewLabelSets) sets = draw_sets (3, counts);
  guint8 roles[PICTURES];
  guint8 again[PICTURES];
  guint32 fold[PICTURES];
  guint32 groups[PICTURES];
  const double shares[] = { 0.2, 0.2, 0.2, 0.2, 0.2 };
  g_assert_true (few_split_several (sets, LABELS, NULL, 0, (FewShares) { 30, 0 }, 5, roles, NULL));
  g_assert_true (few_split_several (sets, LABELS, NULL, 0, (FewShares) { 30, 0 }, 5, again, NULL));
  g_assert_cmpmem (roles, PICTURES, again, PICTURES);
  for (guint l = 0; l < LABELS; l++)
    {
      double tested = 0;
      for (guint i = 0; i < PICTURES; i++)
        tested += roles[i] == FEW_ROLE_TEST && few_label_sets_hold (sets, i, l);
      g_assert_cmpfloat (fabs (tested - 0.3 * counts[l]), <=, 1.5);
    }
  /* what is together stays so, and each fold still has its share of each label */
  for (guint i = 0; i < PICTURES; i++)
    groups[i] = i / 2;
  g_assert_true (few_stratify (sets, LABELS, groups, NULL, shares, 5, 1, fold, NULL));
  for (guint i = 0; i < PICTURES; i++)
    g_assert_cmpuint (fold[i], ==, fold[i ^ 1]);
  for (guint l = 0; l < LABELS; l++)
    for (guint f = 0; f < 5; f++)
      {
        double held = 0;
        for (guint i = 0; i < PICTURES; i++)
          held += fold[i] == f && few_label_sets_hold (sets, i, l);
        g_assert_cmpfloat (fabs (held - 0.2 * counts[l]), <=, 3);
      }
}

static void
test_shots (void)
{
  guint counts[LABELS];
  g_autoptr (FewLabelSets) sets = draw_sets (4, counts);
  guint8 roles[PICTURES];
  guint8 pinned[PICTURES] = { [7] = TRUE };
  g_assert_true (few_split_several (sets, LABELS, pinned, 8, (FewShares) { 0 }, 1, roles, NULL));
  g_assert_cmpuint (roles[7], ==, FEW_ROLE_TEST);
  guint without = 0;
  guint learned[LABELS] = { 0 };
  for (guint i = 0; i < PICTURES; i++)
    {
      guint n;
      const guint32 *labels = few_label_sets_get (sets, i, &n);
      for (guint l = 0; l < n; l++)
        learned[labels[l]] += roles[i] == FEW_ROLE_TRAIN;
      without += n == 0 && roles[i] == FEW_ROLE_TRAIN;
    }
  for (guint l = 0; l < LABELS; l++)
    g_assert_cmpuint (learned[l], >=, MIN (8, counts[l] - few_label_sets_hold (sets, 7, l)));
  g_assert_cmpuint (learned[LABELS - 1], <=, 9);
  g_assert_cmpuint (without, ==, 8);
  g_assert_true (few_hold_out_several (sets, LABELS, 1, roles, NULL));
  g_assert_true (few_shot_several (sets, LABELS, 2, 1, roles, NULL));
  guint tests = 0;
  for (guint i = 0; i < PICTURES; i++)
    tests += roles[i] == FEW_ROLE_TEST;
  g_assert_cmpuint (tests, >=, PICTURES / 2 - 3);
  g_assert_cmpuint (tests, <=, PICTURES / 2 + 3);
}

/* ---- measures */

static void
test_measures (void)
{
  g_autoptr (GError) error = NULL;
  const float scores[] = { .9f, .1f, .4f, .8f, .4f, .4f, .2f, .6f, .1f, .1f, .9f, .3f };
  const float thresholds[] = { .5f, .5f, .9f };
  g_autoptr (FewLabelSets) sets = few_label_sets_new ();
  few_label_sets_add (sets, (guint32[]) { 0 }, 1, NULL);
  few_label_sets_add (sets, (guint32[]) { 1 }, 1, NULL);
  few_label_sets_add (sets, (guint32[]) { 0, 1 }, 2, NULL);
  few_label_sets_add (sets, NULL, 0, NULL);
  g_autoptr (FewSeveralScores) m =
      few_several_measure (scores, sets, thresholds, NULL, 4, 3, &error);
  g_assert_no_error (error);
  /* label 0: .9 has, .8 not, .2 has, .1 not: AP = 1/2 + 1/2 · 2/3 */
  g_assert_cmpfloat_with_epsilon (m->labels[0].ap, 0.5 + 0.5 * 2 / 3, 1e-12);
  /* label 1: .9 not, .6 has, .4 has, .1 not */
  g_assert_cmpfloat_with_epsilon (m->labels[1].ap, 0.5 * 0.5 + 0.5 * 2 / 3, 1e-12);
  g_assert_true (isnan (m->labels[2].ap) && isnan (m->labels[2].f1));
  g_assert_cmpfloat_with_epsilon (m->map, (m->labels[0].ap + m->labels[1].ap) / 2, 1e-12);
  g_assert_cmpfloat_with_epsilon (m->labels[0].precision, 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (m->labels[0].recall, 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (m->labels[1].f1, 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (m->micro_f1, 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (m->macro_f1, 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (m->exact, 0.25, 1e-12);
  /* equal scores are one step: none of them comes first */
  const float flat[] = { .5f, .5f, .5f, .5f };
  g_autoptr (FewLabelSets) one = few_label_sets_new ();
  for (guint i = 0; i < 4; i++)
    few_label_sets_add (one, (guint32[]) { 0 }, i == 3, NULL);
  g_autoptr (FewSeveralScores) same = few_several_measure (flat, one, NULL, NULL, 4, 1, &error);
  g_assert_cmpfloat_with_epsilon (same->map, 0.25, 1e-12);
  g_assert_true (isnan (same->micro_f1) && isnan (same->exact));
  const float broken[] = { NAN, .5f, NAN, .1f }; /* of weights that overflow: these come last */
  g_autoptr (FewSeveralScores) last = few_several_measure (broken, one, flat, NULL, 4, 1, &error);
  g_assert_true (last->labels[0].said == 1 && fabs (last->map - 0.5) < 1e-12);
}

static void
test_threshold (void)
{
  const double p[] = { .9, .8, .7, .6, .5, .4, .3, .2 };
  const guint8 has[] = { 1, 1, 0, 1, 1, 0, 0, 0 };
  const guint8 rare[] = { 1, 1, 0, 1, 0, 0, 0, 0 };
  double threshold;
  g_assert_true (few_several_threshold (p, has, 8, &threshold, NULL));
  g_assert_cmpfloat_with_epsilon (threshold, 0.45, 1e-12); /* F1 8/9 */
  g_assert_true (few_several_threshold (p, rare, 8, &threshold, NULL));
  g_assert_cmpfloat (threshold, ==, 0.5); /* three pictures are too few */
}

/* ---- the method */

/* Of the fixture's clouds each picture gets its own label, and every third no label at all. */
static void
give_sets (World *w)
{
  FewLabelSets *sets = few_label_sets_new ();
  for (guint i = 0; i < N; i++)
    {
      const guint32 both[] = { w->labels[i], 2 };
      guint n = i % 5 == 0 ? 2 : 1;
      if (i % 7 == 3)
        n = 0;
      g_assert_true (few_label_sets_add (sets, both, n, NULL));
      w->roles[i] = i % 4 == 0 ? FEW_ROLE_TEST : FEW_ROLE_TRAIN;
    }
  w->task.sets = sets;
}

static FewSnapshot *
learn (World *w, GError **error)
{
  FewMethodOptions options;
  g_assert_true (few_method_parse ("one-vs-rest", &options, NULL));
  return few_snapshot_learn (w->model, &w->task, &options, TRUE, NULL, NULL, error);
}

static void
test_learn (void)
{
  World w;
  g_autoptr (GError) error = NULL;
  world_open (&w);
  g_assert_null (world_run (&w, "one-vs-rest", &error)); /* one class each */
  g_assert_nonnull (strstr (error->message, "one class each"));
  g_clear_error (&error);
  give_sets (&w);
  g_assert_null (world_run (&w, "gda", &error));
  g_assert_nonnull (strstr (error->message, "any number of labels"));
  g_clear_error (&error);
  g_autoptr (FewSnapshot) snapshot = learn (&w, &error);
  g_assert_no_error (error);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  const FewClassifierInfo *k = few_classifier_info (info->classifier);
  g_assert_cmpint (k->kind, ==, FEW_CLASSIFIER_INDEPENDENT);
  g_assert_true (info->sets == w.task.sets && info->thresholds == k->thresholds);
  g_assert_nonnull (info->several);
  g_assert_true (isnan (few_lens_accuracy (snapshot, -1, 1)));
  FewAlphaChoice choice;
  few_lens_choose_alpha (snapshot, &choice);
  g_assert_cmpfloat (choice.best, ==, 1);
  float one[CLASSES];
  float other[CLASSES];
  for (guint i = 0; i < N; i++)
    {
      few_lens_probabilities (snapshot, i, 1, one);
      few_classifier_predict (info->classifier, w.features + (gsize) i * w.d, 1, NULL, other);
      for (guint c = 0; c < CLASSES; c++)
        g_assert_cmpfloat_with_epsilon (one[c], other[c], 1e-4);
    }
  g_autoptr (FewSeveralScores) test = few_several_of_snapshot (snapshot, FEW_ROLE_TEST, 1, &error);
  g_autoptr (FewSeveralScores) before =
      few_several_of_snapshot (snapshot, FEW_ROLE_TEST, 0, &error);
  g_test_message ("mAP %.3f, CLIP's %.3f, out of fold %.3f; C %g, prior %g", test->map, before->map,
                  info->several->map, k->strength, k->prior);
  g_assert_cmpfloat (before->map, >, 0.5); /* the texts are the clouds' centres */
  g_assert_cmpfloat (test->map, >, 0.5);
  few_label_sets_unref (w.task.sets);
  world_close (&w);
}

/* A run that a project keeps, as JSON and back, answers as it did. */
static void
test_kept (void)
{
  World w;
  g_autoptr (GError) error = NULL;
  world_open (&w);
  give_sets (&w);
  g_autoptr (FewSnapshot) snapshot = learn (&w, &error);
  g_assert_no_error (error);
  FewTrainJob job = { .method = "one-vs-rest" };
  few_train_options_init (&job.options);
  g_autoptr (FewProject) project = few_project_new ();
  project->any = TRUE;
  for (guint c = 0; c < CLASSES; c++)
    few_project_add_class (project->classes, c + 1, w.task.class_names[c], NULL, NULL);
  g_ptr_array_add (project->runs, few_project_run_new ("r", &job, snapshot, NULL, FALSE));
  g_autofree char *json = few_project_to_json (project, NULL);
  g_autoptr (FewProject) again = few_project_from_json (json, strlen (json), "p", NULL, &error);
  g_assert_no_error (error);
  const FewProjectRun *run = again->runs->pdata[0];
  g_assert_cmpstr (run->form, ==, "independent");
  g_assert_cmpuint (run->sets->n, ==, N);
  g_assert_true (few_label_sets_hold (run->sets, 0, 2) && !few_label_sets_hold (run->sets, 3, 0));
  g_autoptr (FewSnapshot) restored = few_snapshot_restore (w.model, run, &w.task, &error);
  g_assert_no_error (error);
  const FewClassifierInfo *before = few_classifier_info (few_snapshot_info (snapshot)->classifier);
  const FewClassifierInfo *after = few_classifier_info (few_snapshot_info (restored)->classifier);
  g_assert_cmpmem (before->thresholds, CLASSES * sizeof (float), after->thresholds,
                   CLASSES * sizeof (float));
  g_assert_cmpmem (before->positives, CLASSES * sizeof (guint32), after->positives,
                   CLASSES * sizeof (guint32));
  float one[CLASSES];
  float other[CLASSES];
  for (guint i = 0; i < N; i++)
    {
      few_lens_probabilities (snapshot, i, 1, one);
      few_lens_probabilities (restored, i, 1, other);
      g_assert_cmpmem (one, sizeof one, other, sizeof other);
    }
  few_label_sets_unref (w.task.sets);
  world_close (&w);
}

/* What was measured goes into the file and comes out of it. */
static void
test_measured (void)
{
  World w;
  g_autoptr (GError) error = NULL;
  world_open (&w);
  give_sets (&w);
  g_autoptr (FewSnapshot) snapshot = learn (&w, &error);
  g_assert_no_error (error);
  g_autoptr (FewSeveralScores) test = few_several_of_snapshot (snapshot, FEW_ROLE_TEST, 1, &error);
  g_autofree char *folder = g_dir_make_tmp ("fewshot-several-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "c.safetensors", NULL);
  g_assert_true (few_snapshot_save (snapshot, 0.3, path, &error)); /* whatever the slider says */
  g_autoptr (FewClassifier) classifier = few_classifier_load (path, &error);
  g_assert_no_error (error);
  const FewOrigin *origin = &few_classifier_info (classifier)->origin;
  g_assert_nonnull (origin->several);
  g_assert_cmpstr (origin->measured, ==, "test");
  g_assert_cmpuint (origin->n_measured, ==, test->n);
  g_assert_cmpfloat_with_epsilon (origin->several->map, test->map, 1e-5);
  g_assert_cmpfloat_with_epsilon (origin->several->exact, test->exact, 1e-5);
  g_assert_true (origin->zero_shot_map > 0.5 && isnan (origin->accuracy));
  for (guint l = 0; l < CLASSES; l++)
    {
      const FewSeveralLabel *one = test->labels + l;
      const FewSeveralLabel *other = origin->several->labels + l;
      g_assert_cmpuint (one->pictures, ==, other->pictures);
      g_assert_cmpuint (one->said, ==, other->said);
      g_assert_true (isnan (one->ap) ? isnan (other->ap) : fabs (one->ap - other->ap) < 1e-5);
      g_assert_true (isnan (one->f1) ? isnan (other->f1) : fabs (one->f1 - other->f1) < 1e-5);
    }
  g_remove (path);
  g_rmdir (folder);
  few_label_sets_unref (w.task.sets);
  world_close (&w);
}

/* ---- projects */

static const char PROJECT[] =
    "{\"fewshot\": 2, \"labels\": \"any\", \"classes\": [{\"id\": 1, \"name\": \"a\"}, {\"id\": 2, "
    "\"name\": \"b\"}, {\"id\": 3, \"name\": \"c\"}],\n"
    " \"pictures\": [{\"id\": 1, \"classes\": [2, 0, 2], \"path\": \"/x.png\"}, {\"id\": 2, "
    "\"path\": \"/y.png\", \"classes\": %s}]}";

static FewProject *
parse (const char *classes, GError **error)
{
  g_autofree char *json = NULL;
  const char *place = strstr (PROJECT, "%s");
  json = g_strdup_printf ("%.*s%s%s", (int) (place - PROJECT), PROJECT, classes, place + 2);
  return few_project_from_json (json, strlen (json), "p", NULL, error);
}

static void
test_projects (void)
{
  static const char *const wrong[] = { "[3]",   "[-1]", "[\"a\"]",     "[0, 1, 2, 0]",
                                       "[[0]]", "7",    "[4294967296]" };
  g_autoptr (GError) error = NULL;
  g_autoptr (FewProject) project = parse ("[]", &error);
  g_assert_no_error (error);
  const FewProjectPicture *pictures = (gconstpointer) project->pictures->data;
  g_assert_true (project->any && !pictures[1].labels);
  g_assert_cmpuint (pictures[0].labels->n, ==, 2);
  g_assert_cmpuint (pictures[0].label, ==, 0);
  g_assert_cmpuint (pictures[0].labels->labels[1], ==, 2);
  g_autofree char *json = few_project_to_json (project, NULL);
  g_assert_nonnull (strstr (json, "\"fewshot\":2"));
  g_assert_nonnull (strstr (json, "\"classes\":[0,2]"));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_null (parse (wrong[i], &error));
      g_assert_error (error, FEW_ERROR, FEW_ERROR_FORMAT);
      g_clear_error (&error);
    }
  /* one class each: a file that versions without several read */
  g_autoptr (FewProject) one = few_project_new ();
  g_autofree char *plain = few_project_to_json (one, NULL);
  g_assert_nonnull (strstr (plain, "\"fewshot\":1"));
  g_assert_null (strstr (plain, "\"labels\""));
  static const char later[] = "{\"fewshot\": 1, \"labels\": \"trees\"}";
  g_assert_null (few_project_from_json (later, strlen (later), "p", NULL, &error));
  g_assert_nonnull (strstr (error->message, "labels"));
}

typedef struct
{
  guint done, total;
} Told;

static void
note_progress (gpointer user, guint done, guint total)
{
  *(Told *) user = (Told) { done, total };
}

/* The fit of all rows, behind those of the folds, counts, too: the end is said when it has come. */
static void
test_progress (void)
{
  enum { ROWS = 30, D = 3, SIDES = 2, FOLDS = 3 };
  double x[ROWS * D];
  double t[SIDES * D] = { 0 };
  guint32 fold[ROWS];
  Told told = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (FewLabelSets) sets = few_label_sets_new ();
  for (guint i = 0; i < ROWS; i++)
    {
      const guint32 labels[] = { 0, 1 };
      for (guint j = 0; j < D; j++)
        x[i * D + j] = sin (i * D + j);
      fold[i] = i % FOLDS;
      g_assert_true (few_label_sets_add (sets, labels, i % 4 % (SIDES + 1), &error));
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
                              .threads = 1,
                              .progress = note_progress,
                              .user = &told };
  FewOneVsRestFit fit;
  g_assert_true (few_one_vs_rest_fit (&task, &fit, &error));
  few_one_vs_rest_clear (&fit);
  g_assert_cmpuint (told.total, ==, 2 * FOLDS + 1);
  g_assert_cmpuint (told.done, ==, told.total);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/several/sets", test_sets);
  g_test_add_func ("/several/split", test_split);
  g_test_add_func ("/several/shots", test_shots);
  g_test_add_func ("/several/measures", test_measures);
  g_test_add_func ("/several/threshold", test_threshold);
  g_test_add_func ("/several/learn", test_learn);
  g_test_add_func ("/several/measured", test_measured);
  g_test_add_func ("/several/kept", test_kept);
  g_test_add_func ("/several/projects", test_projects);
  g_test_add_func ("/several/progress", test_progress);
  return g_test_run ();
}
