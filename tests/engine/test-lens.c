/* SPDX-License-Identifier: MIT */
/* The α lens against direct evaluation: predictions, counts, the choice of α. */
#include "adapter-fixture.h"
#include "lens/lens.h"
#include "lens/snapshot.h"
#include <math.h>
#include <string.h>

/* cos (αA(f) + (1−α)f, t) in double, from the weights alone */
static double
direct_cosine (const FewClassifierInfo *a, const float *f, const float *t, double alpha)
{
  double hidden[H];
  double dot = 0;
  double norm = 0;
  for (guint h = 0; h < H; h++)
    {
      hidden[h] = 0;
      for (guint i = 0; i < D; i++)
        hidden[h] += (double) a->w1[h * D + i] * f[i];
      hidden[h] = MAX (hidden[h], 0);
    }
  for (guint i = 0; i < D; i++)
    {
      double v = 0;
      for (guint h = 0; h < H; h++)
        v += (double) a->w2[i * H + h] * hidden[h];
      v = alpha * (a->final_relu ? MAX (v, 0) : v) + (1 - alpha) * f[i];
      dot += v * t[i];
      norm += v * v;
    }
  return norm > 0 ? dot / sqrt (norm) : 0;
}

/* What the lens says of one picture at one α, beside the weights alone and few_classifier_predict.
 * Returns the class that is nearest; *rest: the best cosine of another class than its own. */
static guint
check_picture (const Fixture *x, FewSnapshot *s, guint i, double alpha, float cosines[K],
               double *rest)
{
  FewClassifier *classifier = few_snapshot_info (s)->classifier;
  const FewClassifierInfo *info = few_classifier_info (classifier);
  const float *feature = x->features + i * D;
  float probabilities[K], other[K];
  few_lens_cosines (s, i, alpha, cosines);
  few_lens_probabilities (s, i, alpha, probabilities);
  few_classifier_predict (classifier, feature, alpha, other, NULL);
  guint best = 0;
  double sum = 0;
  *rest = -2;
  for (guint k = 0; k < K; k++)
    {
      g_assert_cmpfloat_with_epsilon (cosines[k],
                                      direct_cosine (info, feature, x->text + k * D, alpha), 1e-5);
      g_assert_cmpfloat_with_epsilon (cosines[k], other[k], 1e-5);
      best = cosines[k] > cosines[best] ? k : best;
      *rest = k != x->labels[i] && cosines[k] > *rest ? cosines[k] : *rest;
      sum += probabilities[k];
    }
  g_assert_cmpfloat_with_epsilon (sum, 1, 1e-5);
  return best;
}

/* What the lens counts over all pictures at one α, of which `hits` are right. */
static void
check_counts (FewSnapshot *s, double alpha, guint hits)
{
  g_assert_cmpfloat_with_epsilon (few_lens_accuracy (s, -1, alpha), hits / (double) N, 1e-9);
  guint32 confusion[K * K];
  guint diagonal = 0;
  guint total = 0;
  few_lens_confusion (s, -1, alpha, confusion);
  for (guint k = 0; k < K * K; k++)
    {
      total += confusion[k];
      diagonal += k % (K + 1) == 0 ? confusion[k] : 0;
    }
  g_assert_cmpuint (total, ==, N);
  g_assert_cmpuint (diagonal, ==, hits);
  guint fixed, broken;
  guint before = (guint) lround (few_lens_accuracy (s, -1, 0) * N);
  few_lens_compare (s, -1, alpha, &fixed, &broken);
  g_assert_cmpuint (before + fixed - broken, ==, hits);
}

static void
test_alphas (gconstpointer data)
{
  Fixture x;
  fixture_init (&x, GPOINTER_TO_INT (data));
  x.options.epochs = 5;
  x.options.steps = 0;
  x.options.folds = FALSE;
  g_autoptr (FewTrainer) trainer = fixture_trainer (&x);
  while (few_trainer_step (trainer))
    ;
  g_autoptr (FewSnapshot) s = few_trainer_snapshot (trainer, NULL);
  const FewSnapshotInfo *info = few_snapshot_info (s);
  g_assert_cmpuint (info->epoch, ==, 5);
  static const double alphas[] = { 0, .01, .3, .6, .99, 1 };
  for (guint a = 0; a < G_N_ELEMENTS (alphas); a++)
    {
      guint32 predicted[N], alone[N];
      float margin[N], pieces[N], cosines[K];
      guint hits = 0;
      few_lens_predict (s, alphas[a], predicted, margin);
      few_lens_predict (s, alphas[a], alone, NULL); /* of α 0 it is kept */
      g_assert_cmpmem (alone, sizeof alone, predicted, sizeof predicted);
      few_lens_predict_rows (s, alphas[a], 0, N / 2, alone, pieces);
      few_lens_predict_rows (s, alphas[a], N / 2, N - N / 2, alone, pieces);
      g_assert_cmpmem (alone, sizeof alone, predicted, sizeof predicted);
      g_assert_cmpmem (pieces, sizeof pieces, margin, sizeof margin);
      for (guint i = 0; i < N; i++)
        {
          double rest;
          guint best = check_picture (&x, s, i, alphas[a], cosines, &rest);
          g_assert_cmpuint (predicted[i], ==, best);
          g_assert_cmpfloat_with_epsilon (margin[i], cosines[x.labels[i]] - rest, 1e-5);
          hits += best == x.labels[i];
        }
      check_counts (s, alphas[a], hits);
    }
  for (guint p = 0; p < FEW_CURVE_POINTS; p += 10)
    g_assert_cmpfloat_with_epsilon (info->curve[p],
                                    few_lens_accuracy (s, FEW_ROLE_VALIDATION, p / 100.0), 1e-9);
  fixture_clear (&x);
}

/* What the folds of a run chose counts before its validation pictures. */
static void
test_choice_by_folds (void)
{
  Fixture x;
  fixture_init (&x, TRUE);
  x.options.folds = TRUE;
  g_autoptr (FewTrainer) trainer = fixture_trainer (&x);
  while (few_trainer_step (trainer))
    ;
  g_autoptr (FewSnapshot) s = few_trainer_snapshot (trainer, NULL);
  const FewSnapshotInfo *info = few_snapshot_info (s);
  FewAlphaChoice choice;
  few_lens_choose_alpha (s, &choice);
  g_assert_true (choice.enough && choice.by_folds);
  g_assert_cmpfloat (choice.best, ==, info->chosen_alpha);
  g_assert_cmpfloat (choice.accuracy, ==, info->cross_validated.accuracy);
  fixture_clear (&x);
}

static void
test_choice (void)
{
  Fixture x;
  fixture_init (&x, TRUE);
  x.options.folds = FALSE; /* validation pictures choose */
  g_autoptr (FewTrainer) trainer = fixture_trainer (&x);
  while (few_trainer_step (trainer))
    ;
  g_autoptr (FewSnapshot) s = few_trainer_snapshot (trainer, NULL);
  const double *curve = few_snapshot_info (s)->curve;
  FewAlphaChoice choice;
  few_lens_choose_alpha (s, &choice);
  g_assert_true (choice.enough);
  double best = 0;
  for (guint p = 0; p < FEW_CURVE_POINTS; p++)
    best = MAX (best, curve[p]);
  g_assert_cmpfloat (choice.accuracy, ==, best);
  g_assert_cmpfloat (curve[lround (choice.best * 100)], ==, best);
  g_assert_cmpfloat (choice.low, <=, choice.best);
  g_assert_cmpfloat (choice.best, <=, choice.high);
  /* with fewer than ten validation pictures nothing is chosen */
  memset (x.roles + 36, FEW_ROLE_TEST, N - 36);
  g_autoptr (FewTrainer) poor = fixture_trainer (&x);
  few_trainer_step (poor);
  g_autoptr (FewSnapshot) few = few_trainer_snapshot (poor, NULL);
  few_lens_choose_alpha (few, &choice);
  g_assert_false (choice.enough);
  g_assert_cmpfloat (choice.best, ==, x.options.alpha);
  fixture_clear (&x);
}

/* More than there is memory for is refused with a sentence, before anything is read. */
static void
test_memory (void)
{
  static const guint32 labels[1];
  static const guint8 roles[1];
  static const float rows[1];
  static const struct
  {
    guint n, classes;
  } sizes[] = { { 1u << 31, 1u << 31 }, { 1u << 31, 1u << 16 } }; /* beyond a gsize, and not */
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (
          few_snapshot_new (sizes[i].n, sizes[i].classes, 512, labels, roles, NULL, &error));
      g_assert_error (error, FEW_ERROR, FEW_ERROR_MEMORY);
      g_clear_error (&error);
      g_assert_null (few_map_new (rows, rows, labels, sizes[i].n, 1 << 14, NULL, &error));
      g_assert_error (error, FEW_ERROR, FEW_ERROR_MEMORY);
    }
}

/* Where nothing was learned every α says the same, and it is known as soon as there is a snapshot:
 * who draws asks for it. */
static void
test_untrained (void)
{
  enum { ROWS = 3, CLASSES = 4 };
  static const float scores[ROWS][CLASSES] = { { 3, 1, 2, 0 }, { 1, 5, 4, 2 }, { 0, 1, 1, 3 } };
  static const guint32 labels[ROWS] = { 0, 2, 3 };
  static const guint8 roles[ROWS] = { FEW_ROLE_TRAIN, FEW_ROLE_TEST, FEW_ROLE_TEST };
  static const float margins[ROWS] = { 1, -1, 2 };
  guint32 predicted[ROWS];
  float margin[ROWS];
  g_autoptr (FewSnapshot) s =
      few_snapshot_new_zero_shot (ROWS, CLASSES, 2, labels, roles, NULL, NULL);
  g_assert_nonnull (s);
  memcpy (s->ft, scores, sizeof scores);
  for (guint i = 0; i < ROWS; i++)
    s->aa[i] = s->af[i] = s->ff[i] = 4;
  few_snapshot_seal (s);
  g_assert_nonnull (s->margins);
  few_lens_predict (s, .3, predicted, margin);
  g_assert_true (predicted[0] == 0 && predicted[1] == 1 && predicted[2] == 3);
  for (guint i = 0; i < ROWS; i++)
    g_assert_cmpfloat (margin[i], ==, margins[i] / 2);
}

/* Of more pictures than are multiplied at once each row is its own picture's, and each class's mean
 * that of its own. */
static void
test_many_untrained (void)
{
  enum { MANY = 5000, CLASSES = 3 };
  g_autoptr (FewModel) model = golden_model ("vit", "cpu,threads=2");
  guint d = few_model_info (model)->dim;
  g_autofree float *features = g_new (float, (gsize) MANY *d);
  g_autofree float *texts = g_new0 (float, CLASSES *d);
  g_autofree guint32 *labels = g_new (guint32, MANY);
  g_autofree guint8 *roles = g_new0 (guint8, MANY);
  double sums[CLASSES] = { 0 };
  guint counts[CLASSES] = { 0 };
  float means[CLASSES], adapted[CLASSES];
  for (guint c = 0; c < CLASSES; c++)
    texts[c * d + c] = 1;
  for (guint i = 0; i < MANY; i++)
    {
      float *row = features + (gsize) i * d;
      double squared = 0;
      labels[i] = i % CLASSES;
      for (guint j = 0; j < d; j++)
        {
          row[j] = sinf ((float) (i + 1) * (float) (j + 1));
          squared += row[j] * row[j];
        }
      sums[labels[i]] += row[labels[i]] / sqrt (squared);
      counts[labels[i]]++;
    }
  const FewTask task = { .n = MANY,
                         .n_classes = CLASSES,
                         .features = features,
                         .labels = labels,
                         .roles = roles,
                         .text_features = texts };
  g_autoptr (FewSnapshot) s = few_snapshot_zero_shot (model, &task, NULL);
  g_assert_nonnull (s);
  for (guint i = 0; i < MANY; i++)
    for (guint c = 0; c < CLASSES; c++)
      g_assert_cmpfloat (fabsf (s->ft[i * CLASSES + c] - features[(gsize) i * d + c]), <, 1e-6);
  few_lens_class_means (s, .5, means, adapted);
  for (guint c = 0; c < CLASSES; c++)
    {
      g_assert_cmpfloat (fabs (means[c] - sums[c] / counts[c]), <, 1e-4);
      g_assert_cmpfloat (fabs (adapted[c] - means[c]), <, 1e-6);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/lens/alphas/plain", GINT_TO_POINTER (0), test_alphas);
  g_test_add_data_func ("/lens/alphas/relu", GINT_TO_POINTER (1), test_alphas);
  g_test_add_func ("/lens/choice", test_choice);
  g_test_add_func ("/lens/choice-by-folds", test_choice_by_folds);
  g_test_add_func ("/lens/memory", test_memory);
  g_test_add_func ("/lens/untrained", test_untrained);
  g_test_add_func ("/lens/many-untrained", test_many_untrained);
  return g_test_run ();
}
