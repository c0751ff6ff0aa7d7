/* SPDX-License-Identifier: MIT */
/* Whatever pictures, classes and features make large may not be there: each allocation from the
 * size of one value a class on fails in turn, in everything that learns and answers. Each time
 * there is the same result after all, or a sentence; nothing aborts, and the next run is right. */
#include "golden.h"
#include "adapt/methods/automatic.h"
#include <fewshot.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <math.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void few_fault_memory (int n, size_t bytes);
int few_fault_calls (void);

/* MOST: of the tasks here. The least allocation that fails is that of a task's classes, a double
 * each: what GLib takes for itself is smaller. */
enum { MOST_K = 320, EACH = 2, MOST = MOST_K * EACH, FEW = 40, LEAST = 1024 };

typedef struct
{
  FewModel *model;
  guint d, k, n;
  gsize least; /* bytes */
  float *features, *text;
  guint32 labels[MOST];
  guint8 roles[MOST];
  char **names;
  FewTask task;
} World;

/* k classes of EACH pictures; those from `validation_from` on are validated with. */
static void
open_world (World *w, guint k, guint validation_from)
{
  w->k = k;
  w->n = k * EACH;
  w->least = MAX (k * sizeof (double), LEAST);
  GRand *random = g_rand_new_with_seed (6);
  w->model = golden_model ("vit", "cpu,threads=1");
  w->d = few_model_dim (w->model);
  w->features = g_new (float, w->n * w->d);
  w->text = g_new (float, w->k * w->d);
  w->names = g_new0 (char *, w->k + 1);
  for (guint c = 0; c < w->k; c++)
    w->names[c] = g_strdup_printf ("a%c", 'a' + c % 26);
  for (guint i = 0; i < w->k * w->d; i++)
    w->text[i] = (float) g_rand_double_range (random, -1, 1);
  golden_normalise (w->text, w->k, w->d);
  for (guint i = 0; i < w->n; i++)
    {
      w->labels[i] = i % w->k;
      w->roles[i] = i < validation_from ? FEW_ROLE_TRAIN : FEW_ROLE_VALIDATION;
      for (guint j = 0; j < w->d; j++)
        w->features[i * w->d + j] =
            4 * (w->text[w->labels[i] * w->d + j] + (float) g_rand_double_range (random, -.5, .5));
    }
  w->task = (FewTask) { .n = w->n,
                        .n_classes = w->k,
                        .features = w->features,
                        .labels = w->labels,
                        .roles = w->roles,
                        .text_features = w->text,
                        .class_names = (const char *const *) w->names };
  g_rand_free (random);
}

static void
close_world (World *w)
{
  few_model_unref (w->model);
  g_free (w->features);
  g_free (w->text);
  g_strfreev (w->names);
}

/* What a job leaves, to compare. FALSE with an error. It takes no larger memory of its own. */
typedef gboolean (*Job) (World *w, gconstpointer user, guint64 *digest, GError **error);

/* FNV-1a */
static guint64
digest_of (gconstpointer data, gsize size, guint64 digest)
{
  for (gsize i = 0; i < size; i++)
    digest = (digest ^ ((const guint8 *) data)[i]) * G_GUINT64_CONSTANT (1099511628211);
  return digest;
}

/* Every n, or every `step`-th: the same, or a sentence about memory. */
static void
sweep (World *w, Job job, gconstpointer user, const char *what, int step)
{
  g_autoptr (GError) error = NULL;
  guint64 wanted = 0;
  guint64 got = 0;
  gboolean ok = job (w, user, &wanted, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
  guint failures = 0;
  gboolean there = TRUE;
  for (int n = 1; there; n += step)
    {
      few_fault_memory (n, w->least);
      ok = job (w, user, &got, &error);
      there = few_fault_calls () >= n;
      few_fault_memory (0, 0);
      failures += there;
      if (ok)
        g_assert_cmpuint (got, ==, wanted);
      else
        {
          g_assert_error (error, FEW_ERROR, FEW_ERROR_MEMORY);
          g_assert_cmpuint (strlen (error->message), >, 30);
          g_assert_true (g_str_has_suffix (error->message, "."));
        }
      g_clear_error (&error);
    }
  g_assert_true (job (w, user, &got, &error));
  g_assert_cmpuint (got, ==, wanted);
  g_test_message ("%s: %u failures", what, failures);
  g_assert_cmpuint (failures, >, 2);
}

static gboolean
run_method (World *w, gconstpointer user, guint64 *digest, GError **error)
{
  FewMethodOptions options;
  g_assert_true (few_method_parse (user, &options, NULL));
  g_autoptr (FewMethodResult) result =
      few_method_run (w->model, &w->task, &options, NULL, NULL, NULL, error);
  if (!result)
    return FALSE;
  *digest = digest_of (result->predicted, w->n * sizeof *result->predicted, 0);
  return TRUE;
}

static void
test_method (gconstpointer user)
{
  World w;
  if (g_str_equal (user, "automatic"))
    open_world (&w, FEW, FEW * EACH);
  else
    open_world (&w, MOST_K, MOST_K + 20);
  sweep (&w, run_method, user, user, g_str_equal (user, "automatic") ? 11 : 1);
  close_world (&w);
}

/* ---- what is made of it */

static gboolean
look_at_it (World *w, gconstpointer user, guint64 *digest, GError **error)
{
  FewMethodOptions options;
  g_assert_true (few_method_parse (user, &options, NULL));
  g_autoptr (FewSnapshot) snapshot =
      few_snapshot_learn (w->model, &w->task, &options, TRUE, NULL, NULL, error);
  if (!snapshot)
    return FALSE;
  double alpha = few_snapshot_info (snapshot)->trained_alpha;
  *digest = digest_of (&alpha, sizeof alpha, 0);
  return TRUE;
}

static void
test_snapshot (gconstpointer user)
{
  World w;
  open_world (&w, MOST_K, MOST_K + 20);
  sweep (&w, look_at_it, user, "a snapshot", 1);
  close_world (&w);
}

typedef struct
{
  FewClassifier *classifier;
  const char *path;
  gboolean (*save) (const FewClassifier *classifier, double alpha, const char *path,
                    GError **error);
} Saving;

static gboolean
save_it (World *w, gconstpointer user, guint64 *digest, GError **error)
{
  const Saving *saving = user;
  g_unlink (saving->path);
  if (!saving->save (saving->classifier, 0.5, saving->path, error))
    {
      g_assert_false (g_file_test (saving->path, G_FILE_TEST_EXISTS));
      return FALSE;
    }
  guint8 piece[512];
  gssize size;
  int file = open (saving->path, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (file, >=, 0);
  *digest = 0;
  while ((size = read (file, piece, sizeof piece)) > 0)
    *digest = digest_of (piece, (gsize) size, *digest);
  close (file);
  return TRUE;
}

/* Answering takes no memory at all. */
static void
answer (const World *w, const FewClassifier *classifier)
{
  float probabilities[MOST_K];
  few_fault_memory (1, 1);
  few_classifier_predict (classifier, w->features, 0.5, NULL, probabilities);
  g_assert_cmpint (few_fault_calls (), ==, 0);
  few_fault_memory (0, 0);
  g_assert_true (isfinite (probabilities[0]));
}

static void
test_files (gconstpointer user)
{
  World w;
  FewMethodOptions options;
  open_world (&w, MOST_K, MOST_K + 20);
  g_assert_true (few_method_parse (user, &options, NULL));
  g_autofree char *folder = g_dir_make_tmp ("fewshot-memory-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "c.safetensors", NULL);
  g_autofree char *onnx = g_build_filename (folder, "c.onnx", NULL);
  g_autoptr (FewMethodResult) result =
      few_method_run (w.model, &w.task, &options, NULL, NULL, NULL, NULL);
  w.least = MOST_K * w.d * sizeof (float); /* the text of all names is GLib's */
  Saving saving = { result->classifier, onnx, few_classifier_save_onnx };
  sweep (&w, save_it, &saving, "onnx", 1);
  g_assert_true (few_classifier_save (result->classifier, 0.5, path, NULL));
  g_autoptr (FewClassifier) loaded = few_classifier_load (path, NULL);
  g_assert_nonnull (loaded);
  answer (&w, loaded);
  g_unlink (path);
  g_unlink (onnx);
  g_rmdir (folder);
  close_world (&w);
}

/* ---- the parts of "automatic" in doubles */

static gboolean
find_groups (World *w, gconstpointer user, guint64 *digest, GError **error)
{
  guint32 groups[MOST] = { 0 };
  if (!few_near_duplicates (w->features, w->n, w->d, 0.5, 1, NULL, groups, error))
    return FALSE;
  *digest = digest_of (groups, sizeof groups, 0);
  return TRUE;
}

static gboolean
learn_and_answer (World *w, gconstpointer user, guint64 *digest, GError **error)
{
  FewAutomaticOptions options;
  few_automatic_options_init (&options);
  options.threads = 1;
  g_autoptr (FewAutomatic) automatic =
      few_automatic_learn (&w->task, w->d, 10, &options, NULL, NULL, NULL, error);
  double p[FEW];
  if (!automatic)
    return FALSE;
  g_assert_true (few_automatic_answer_level (automatic, 0.9) >= 0);
  if (!few_automatic_probabilities (automatic, 0.5, w->features, 1, p, error))
    return FALSE;
  *digest = digest_of (p, sizeof p, 0);
  return TRUE;
}

static void
test_automatic (void)
{
  World w;
  open_world (&w, FEW, FEW * EACH);
  sweep (&w, find_groups, NULL, "near duplicates", 1);
  sweep (&w, learn_and_answer, NULL, "automatic", 5);
  close_world (&w);
}

/* ---- before anything is learned */

/* MANY: so that a byte a picture is more than GLib's generator of random numbers takes. */
enum { MANY = 5000, MANY_CLASSES = 7, MANY_LEAST = 4096 };

/* In the order in which train and bench go through them. */
static gboolean
split_them (World *w G_GNUC_UNUSED, gconstpointer user G_GNUC_UNUSED, guint64 *digest,
            GError **error)
{
  static guint32 labels[MANY], groups[MANY], bursts[MANY], order[MANY];
  static float margins[MANY];
  static guint8 split[MANY], held[MANY], shots[MANY];
  guint moved = 0;
  for (guint i = 0; i < MANY; i++)
    {
      labels[i] = i * 31 % MANY_CLASSES;
      groups[i] = i;
      bursts[i] = i / 3;
      margins[i] = sinf ((float) i);
      split[i] = held[i] = shots[i] = FEW_ROLE_UNUSED;
    }
  if (!few_split (labels, NULL, MANY, MANY_CLASSES, 0, 1, split, error)
      || !few_hold_out (labels, MANY, MANY_CLASSES, 1, held, error))
    return FALSE;
  memcpy (shots, held, sizeof shots);
  if (!few_shot_split (labels, MANY, MANY_CLASSES, 16, 1, shots, error)
      || !few_groups_join (groups, bursts, MANY, error)
      || !few_groups_join_told (groups, bursts, labels, NULL, MANY, error)
      || !few_split_keep_together (groups, MANY, TRUE, split, &moved, error))
    return FALSE;
  few_lens_rank (margins, MANY, order);
  *digest = digest_of (split, sizeof split, moved);
  *digest = digest_of (held, sizeof held, *digest);
  *digest = digest_of (shots, sizeof shots, *digest);
  *digest = digest_of (order, sizeof order, *digest);
  return TRUE;
}

/* A list that is large for its few lines, as UTF-8 or UTF-16. */
static gboolean
read_list (World *w G_GNUC_UNUSED, gconstpointer path, guint64 *digest, GError **error)
{
  g_autoptr (FewDataset) set = few_dataset_load_lists (path, path, path, "/pictures", error);
  if (!set)
    return FALSE;
  *digest = set->pictures->len;
  for (guint i = 0; i < set->pictures->len; i++)
    {
      const FewDataPicture *picture = set->pictures->pdata[i];
      *digest = digest_of (picture->path, strlen (picture->path), *digest + picture->label);
    }
  return TRUE;
}

static char *
write_list (const char *folder, gboolean wide)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *spaces = g_strnfill (1000, ' ');
  for (guint i = 0; i < 100; i++)
    g_string_append_printf (text, "%s%u.png 학교 %u %s\r\n", spaces, i, i % 3, spaces);
  gsize size = text->len;
  g_autofree char *encoded =
      wide ? g_convert (text->str, -1, "UTF-16LE", "UTF-8", NULL, &size, NULL) : NULL;
  g_autoptr (GString) bytes = g_string_new (wide ? "\xff\xfe" : "");
  g_string_append_len (bytes, wide ? encoded : text->str, (gssize) size);
  char *path = g_build_filename (folder, wide ? "wide.txt" : "list.txt", NULL);
  g_assert_true (g_file_set_contents (path, bytes->str, (gssize) bytes->len, NULL));
  return path;
}

static void
test_data (void)
{
  World w = { .least = MANY_LEAST };
  g_autofree char *folder = g_dir_make_tmp ("fewshot-memory-XXXXXX", NULL);
  guint64 digests[2];
  sweep (&w, split_them, NULL, "splits", 1);
  w.least = 32768;
  for (guint wide = 0; wide < 2; wide++)
    {
      g_autofree char *path = write_list (folder, wide);
      sweep (&w, read_list, path, "a list", 1);
      g_assert_true (read_list (&w, path, &digests[wide], NULL));
      g_unlink (path);
    }
  g_assert_cmpuint (digests[0], ==, digests[1]);
  g_rmdir (folder);
}

/* The first failure that memory is to blame for. */
static void
remember_failure (gpointer user, guint index G_GNUC_UNUSED, const float *feature,
                  const guint8 *hash G_GNUC_UNUSED, gboolean from_cache G_GNUC_UNUSED,
                  const GError *error)
{
  GError **first = user;
  g_assert_true (!feature && error);
  if (!*first && g_error_matches (error, FEW_ERROR, FEW_ERROR_MEMORY))
    *first = g_error_copy (error);
}

static gboolean
encode_them (World *w, gconstpointer paths, guint64 *digest, GError **error)
{
  GError *failure = NULL;
  *digest = 0;
  if (!few_model_encode_files (w->model, paths, MANY, NULL, remember_failure, &failure, NULL,
                               error))
    return FALSE;
  if (failure)
    g_propagate_error (error, failure);
  return failure == NULL;
}

/* Of files that are not there: what is taken for all pictures, and for a handful of them. */
static void
test_encode (void)
{
  World w;
  const char *paths[MANY];
  open_world (&w, FEW, FEW * EACH);
  for (guint i = 0; i < MANY; i++)
    paths[i] = "/nowhere/picture.png";
  w.least = MANY * sizeof (guint);
  sweep (&w, encode_them, paths, "pictures", 50);
  close_world (&w);
}

/* As large as the picture is, where a person looks at all of it. */
static void
test_thumbnail (void)
{
  enum { SIDE = 128 };
  g_autofree char *folder = g_dir_make_tmp ("fewshot-memory-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "large.png", NULL);
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, SIDE, SIDE);
  gdk_pixbuf_fill (picture, 0x336699ff);
  g_assert_true (gdk_pixbuf_save (picture, path, "png", NULL, NULL));
  guint failures = 0;
  for (int n = 0, there = 1; there; n++)
    {
      guint width, height;
      g_autoptr (GError) error = NULL;
      g_autoptr (FewDecodeBudget) budget = few_decode_budget_new (64 << 20);
      few_fault_memory (n, n ? (gsize) SIDE * SIDE * 4 : 0);
      g_autofree guint8 *rgba = few_thumbnail (path, SIDE, budget, &width, &height, &error);
      there = n == 0 || few_fault_calls () >= n;
      few_fault_memory (0, 0);
      failures += !rgba;
      g_assert_true (rgba || strstr (error->message, "large.png"));
    }
  g_assert_cmpuint (failures, ==, 2); /* with its fourth channel, and as it is given */
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  static const char *const methods[] = {
    "zero-shot",
    "automatic",
    "gda",
    "gda:search=published",
    "linear-probe:c=1",
    "lp++:epochs=2",
    "tip-adapter",
    "tip-adapter-f:epochs=1",
    "proker",
    "clap:epochs=1",
    "prolip:epochs=1",
    "coop:epochs=1,context=2",
    "clip-adapter:epochs=1",
    "clip-adapter-text:beta=0.5,epochs=1",
    "clip-adapter-both:alpha=learned,epochs=1",
  };
  static const char *const kept[] = { "gda:a=1", "tip-adapter:sharpness=1,tau=1",
                                      "clip-adapter:alpha=0.5,epochs=1" };
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autofree char *path = g_strdup_printf ("/memory/method/%s", methods[i]);
      g_test_add_data_func (path, methods[i], test_method);
    }
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      g_autofree char *snapshot = g_strdup_printf ("/memory/snapshot/%s", kept[i]);
      g_autofree char *files = g_strdup_printf ("/memory/files/%s", kept[i]);
      g_test_add_data_func (snapshot, kept[i], test_snapshot);
      g_test_add_data_func (files, kept[i], test_files);
    }
  g_test_add_func ("/memory/automatic", test_automatic);
  g_test_add_func ("/memory/data", test_data);
  g_test_add_func ("/memory/encode", test_encode);
  g_test_add_func ("/memory/thumbnail", test_thumbnail);
  return g_test_run ();
}
