/* SPDX-License-Identifier: MIT */
/* The worker: import with bad files, live training, pause, stop, cancel, model errors. */
#include "golden.h"
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

typedef struct
{
  FewWorker *worker;
  guint encoded, cached, refused, idle, trained, models, compared, failed, comparisons, steps;
  guint learning, exported, agree, kept;
  guint32 last_encoded;
  gboolean stopped;
  double last_accuracy;
  char *message;
  GPtrArray *paths;
  guint32 ids[400], labels[400];
  guint n;
  FewSnapshot *last, *seen; /* of training; of what was tried or restored */
  char *pictures, *cache;
} World;

static void
note_compared (World *w, const FewCompared *one)
{
  w->compared += one->result != NULL;
  w->failed += one->reason != NULL;
  g_assert_true ((one->result == NULL) == (one->reason != NULL));
  g_assert_true (!one->result || !one->result->scores);
  g_assert_cmpuint (one->most_shots, ==, one->shots); /* each class has enough */
  w->last_accuracy = one->result ? one->result->accuracy[FEW_ROLE_TEST] : NAN;
}

static void
note_found (gpointer data, gpointer user)
{
  const FewFound *found = data;
  World *w = user;
  w->ids[w->n] = 1000 + w->n;
  w->labels[w->n++] = g_str_equal (found->class_name, "light");
  g_ptr_array_add (w->paths, g_strdup (found->path));
}

static void
on_event (gpointer user, const FewEvent *event)
{
  World *w = user;
  if (event->error)
    {
      g_free (g_steal_pointer (&w->message));
      w->message = g_strdup (event->error->message);
    }
  switch (event->kind)
    {
    case FEW_EVENT_MODEL:
      w->models++;
      break;
    case FEW_EVENT_SCANNED:
      g_ptr_array_foreach (event->found, note_found, w);
      break;
    case FEW_EVENT_PICTURE:
      *(event->error ? &w->refused : &w->encoded) += 1;
      w->last_encoded = MAX (w->last_encoded, event->id);
      w->cached += event->from_cache;
      break;
    case FEW_EVENT_IDLE:
      w->idle++;
      break;
    case FEW_EVENT_TRAINING:
      w->learning++;
      break;
    case FEW_EVENT_EXPORTED:
      w->exported++;
      w->agree = event->done;
      g_assert_cmpuint (event->total, ==, 40);
      break;
    case FEW_EVENT_TRIED:
    case FEW_EVENT_RESTORED:
      w->seen = few_snapshot_ref (event->snapshot);
      break;
    case FEW_EVENT_TRAINED:
      w->trained++;
      w->kept += event->snapshot != NULL;
      w->stopped = event->stopped;
      break;
    case FEW_EVENT_COMPARING:
      if (event->compared)
        note_compared (w, event->compared);
      else
        w->steps++;
      break;
    case FEW_EVENT_COMPARED:
      w->comparisons++;
      w->stopped = event->stopped;
      break;
    default:
      break;
    }
}

#define WAIT(condition)                                                                            \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 until = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;                                  \
    while (!(condition))                                                                           \
      {                                                                                            \
        g_assert_cmpint (g_get_monotonic_time (), <, until);                                       \
        g_main_context_iteration (NULL, FALSE);                                                    \
        g_usleep (500);                                                                            \
      }                                                                                            \
  }                                                                                                \
  G_STMT_END

static void
write_picture (const char *folder, guint i, guint level)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 40, 40);
  gdk_pixbuf_fill (pixbuf,
                   (level + i) << 24 | (level + i / 2) << 16 | (level + 3 * i % 20) << 8 | 0xff);
  /* the light ones are striped */
  for (guint stripe = 0; stripe < (level > 128 ? 5u : 0u); stripe++)
    {
      g_autoptr (GdkPixbuf) part = gdk_pixbuf_new_subpixbuf (pixbuf, (int) stripe * 8, 0, 4, 40);
      gdk_pixbuf_fill (part, 0x000000ff);
    }
  g_autofree char *name = g_strdup_printf ("%03u.png", i);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
}

static void
world_init (World *w)
{
  memset (w, 0, sizeof *w);
  w->paths = g_ptr_array_new_with_free_func (g_free);
  w->pictures = scratch_folder ("worker");
  w->cache = scratch_folder ("features");
  g_autofree char *dark = g_build_filename (w->pictures, "dark", NULL);
  g_autofree char *light = g_build_filename (w->pictures, "light", NULL);
  g_mkdir (dark, 0700);
  g_mkdir (light, 0700);
  for (guint i = 0; i < 20; i++)
    {
      write_picture (dark, i, 20);
      write_picture (light, i, 210);
    }
  g_autofree char *bad = g_build_filename (dark, "notes.txt", NULL);
  g_autofree char *empty = g_build_filename (light, "zero.jpg", NULL);
  g_assert_true (g_file_set_contents (bad, "text", -1, NULL)
                 && g_file_set_contents (empty, "", 0, NULL));
  w->worker = few_worker_new (w->cache, on_event, w);
  g_autofree char *model = golden_path ("vit");
  few_worker_open_model (w->worker, model, "cpu");
  few_worker_scan (w->worker, 1, (const char *[]) { w->pictures, NULL }, NULL);
  WAIT (w->models == 1 && w->n > 0);
  g_assert_null (w->message);
  few_worker_encode (w->worker, w->n, w->ids, (const char *const *) w->paths->pdata, NULL);
  WAIT (w->idle == 1);
}

static void
world_clear (World *w)
{
  few_worker_free (w->worker);
  g_ptr_array_unref (w->paths);
  g_clear_pointer (&w->last, few_snapshot_unref);
  g_free (w->message);
  g_free (w->pictures);
  g_free (w->cache);
}

static const char *const names[] = { "dark", "light", NULL };

static gboolean
newer (World *w)
{
  FewSnapshot *s = few_worker_take_snapshot (w->worker);
  if (!s)
    return FALSE;
  g_clear_pointer (&w->last, few_snapshot_unref);
  w->last = s;
  return TRUE;
}

static void
start (World *w, guint epochs)
{
  FewTrainJob job = { .split_seed = 1 };
  few_train_options_init (&job.options);
  job.options.epochs = epochs;
  job.options.steps = 0;
  job.options.folds = FALSE;
  job.options.learning_rate = 0.02;
  job.options.hidden = 24;
  few_worker_train (w->worker, &job, &(FewPrompts) { 2, names, NULL, "a photo of a {}." },
                    &(FewLabelled) { w->n, w->ids, w->labels, NULL });
}

static void
test_whole_job (void)
{
  World w;
  world_init (&w);
  g_assert_cmpuint (w.encoded, ==, 40);
  g_assert_cmpuint (w.refused, ==, 2);
  few_worker_classes (w.worker, &(FewPrompts) { 2, names, NULL, "a photo of a {}." },
                      &(FewLabelled) { w.n, w.ids, w.labels, NULL });
  WAIT (newer (&w));
  g_assert_false (few_snapshot_info (w.last)->trained);
  g_assert_cmpuint (few_snapshot_info (w.last)->n, ==, 40);
  start (&w, 60);
  WAIT (w.trained == 1);
  g_assert_true (newer (&w));
  g_assert_false (w.stopped);
  const FewSnapshotInfo *info = few_snapshot_info (w.last);
  g_assert_true (info->trained);
  g_assert_cmpuint (info->epoch, ==, 60);
  g_assert_true (info->n_twins > 0 && info->n_twins == info->n_split_off); /* all look alike */
  g_assert_cmpfloat (info->history[59].loss, <, info->history[0].loss);
  g_assert_cmpfloat (few_lens_accuracy (w.last, FEW_ROLE_TEST, info->trained_alpha), >, .9);
  /* the same pictures again: answered by the cache */
  w.cached = 0;
  few_worker_encode (w.worker, w.n, w.ids, (const char *const *) w.paths->pdata, NULL);
  WAIT (w.idle == 2);
  g_assert_cmpuint (w.cached, ==, 40);
  few_worker_forget (w.worker, 20, w.ids);
  few_worker_classes (w.worker, &(FewPrompts) { 2, names, NULL, "{}" },
                      &(FewLabelled) { w.n, w.ids, w.labels, NULL });
  WAIT (newer (&w));
  g_assert_cmpuint (few_snapshot_info (w.last)->n, <, 40);
  world_clear (&w);
}

static void
test_pause_stop (void)
{
  World w;
  world_init (&w);
  start (&w, 100000);
  WAIT (newer (&w) && few_snapshot_info (w.last)->trained);
  few_worker_set_paused (w.worker, TRUE);
  g_usleep (300000);
  newer (&w);
  g_usleep (300000);
  g_assert_false (newer (&w)); /* nothing moves while paused */
  guint epoch = few_snapshot_info (w.last)->epoch;
  few_worker_set_paused (w.worker, FALSE);
  WAIT (newer (&w) && few_snapshot_info (w.last)->epoch > epoch);
  few_worker_stop_training (w.worker);
  start (&w, 100000); /* it ends all the same; freeing the worker ends a run at once */
  WAIT (w.trained == 1);
  g_assert_true (w.stopped);
  g_assert_true (newer (&w));
  g_assert_cmpuint (few_snapshot_info (w.last)->epoch, <, 100000);
  g_assert_nonnull (few_snapshot_info (w.last)->classifier);
  WAIT (newer (&w));
  gint64 before = g_get_monotonic_time ();
  world_clear (&w);
  g_assert_cmpint (g_get_monotonic_time () - before, <, 5 * G_USEC_PER_SEC);
}

static void
test_errors (void)
{
  World w;
  world_init (&w);
  few_worker_open_model (w.worker, "/nonexistent", "cpu");
  WAIT (w.models == 2);
  g_assert_nonnull (strstr (w.message, "/nonexistent"));
  start (&w, 2); /* the old model stays usable */
  WAIT (w.trained == 1);
  g_assert_true (newer (&w));
  /* classes without a picture */
  few_worker_classes (w.worker, &(FewPrompts) { 2, names, NULL, "{}" },
                      &(FewLabelled) { 0, w.ids, w.labels, NULL });
  WAIT (newer (&w));
  g_assert_cmpuint (few_snapshot_info (w.last)->n, ==, 0);
  g_assert_true (isnan (few_lens_accuracy (w.last, -1, 0)));
  memset (w.labels, 0, sizeof w.labels);
  start (&w, 2);
  WAIT (w.trained == 2);
  g_assert_nonnull (strstr (w.message, "at least two classes"));
  few_worker_encode (w.worker, w.n, w.ids, (const char *const *) w.paths->pdata, NULL);
  few_worker_cancel_encoding (w.worker);
  WAIT (w.idle == 2);
  world_clear (&w);
}

static void
learn (World *w, const char *method, const char *const *paths)
{
  FewTrainJob job = { .method = method, .split_seed = 1 };
  few_train_options_init (&job.options);
  few_worker_train (w->worker, &job, &(FewPrompts) { 2, names, NULL, "a photo of a {}." },
                    &(FewLabelled) { w->n, w->ids, w->labels, paths });
}

/* Commands wait behind another. What is cancelled was asked for before; the rest is done. */
static void
test_cancel_waiting (void)
{
  World w;
  world_init (&w);
  w.encoded = w.last_encoded = 0;
  start (&w, 100000); /* keeps the worker busy */
  few_worker_encode (w.worker, w.n - 1, w.ids, (const char *const *) w.paths->pdata, NULL);
  few_worker_cancel_encoding (w.worker);
  const guint32 last = 5000;
  few_worker_encode (w.worker, 1, &last, (const char *const *) w.paths->pdata, NULL);
  learn (&w, NULL, NULL);
  few_worker_stop_training (w.worker);
  WAIT (w.idle == 3 && w.trained == 2);
  g_assert_cmpuint (w.kept, <=, 1); /* the second did not even look for twins */
  g_assert_cmpuint (w.encoded + w.refused - 2, ==, 1); /* the two that world_init refused */
  g_assert_cmpuint (w.last_encoded, ==, 5000);
  world_clear (&w);
}

/* Any method's run: what it learned, its file, one that is stopped, one that cannot run. */
static void
test_methods (void)
{
  World w;
  world_init (&w);
  g_clear_pointer (&w.message, g_free); /* of the two that are no pictures */
  learn (&w, "automatic", NULL);
  WAIT (w.trained == 1);
  g_assert_true (newer (&w));
  g_assert_cmpuint (w.learning, >, 0);
  const FewSnapshotInfo *info = few_snapshot_info (w.last);
  const FewClassifierInfo *classifier = few_classifier_info (info->classifier);
  g_assert_cmpint (classifier->kind, ==, FEW_CLASSIFIER_LINEAR);
  g_assert_cmpstr (classifier->method, ==, "automatic");
  g_assert_cmpfloat (few_lens_accuracy (w.last, FEW_ROLE_TEST, info->trained_alpha), >, .9);
  for (guint i = 0; i < info->n; i++) /* it chooses nothing on them */
    g_assert_cmpuint (info->roles[i], !=, FEW_ROLE_VALIDATION);
  g_autofree char *path = g_build_filename (w.cache, "c.safetensors", NULL);
  few_worker_export (w.worker, w.last, 0.5, path);
  WAIT (w.exported == 1);
  g_assert_cmpuint (w.agree, ==, 40);
  learn (&w, "clap:epochs=100000", NULL);
  guint before = w.learning;
  WAIT (w.learning > before + 2);
  few_worker_stop_training (w.worker);
  WAIT (w.trained == 2);
  g_assert_true (w.stopped);
  g_assert_false (newer (&w));
  g_assert_null (w.message);
  learn (&w, "nonsense", NULL);
  WAIT (w.trained == 3);
  g_assert_nonnull (strstr (w.message, "no method “nonsense”"));
  world_clear (&w);
}

static void
assert_alike (const FewSnapshot *one, guint i, const FewSnapshot *other, guint j, double alpha)
{
  float a[2], b[2];
  few_lens_probabilities (one, i, alpha, a);
  few_lens_probabilities (other, j, alpha, b);
  for (guint k = 0; k < 2; k++)
    g_assert_cmpfloat_with_epsilon (a[k], b[k], 1e-5);
}

/* What was learned inside the image tower: taken away, tried on a file, kept and shown again. */
static void
test_tower (void)
{
  World w;
  world_init (&w);
  learn (&w, "clip-adapter:after=1,epochs=3,alpha=0.5", (const char *const *) w.paths->pdata);
  WAIT (w.trained == 1);
  g_assert_true (newer (&w));
  g_autoptr (FewSnapshot) learned = few_snapshot_ref (w.last);
  const FewSnapshotInfo *info = few_snapshot_info (learned);
  g_assert_cmpint (few_classifier_info (info->classifier)->kind, ==, FEW_CLASSIFIER_TOWER);
  g_autofree char *path = g_build_filename (w.cache, "c.safetensors", NULL);
  few_worker_export (w.worker, learned, 0.5, path);
  WAIT (w.exported == 1);
  g_assert_cmpuint (w.agree, ==, 40);
  const char *const *fourth = (const char *const *) w.paths->pdata + info->ids[3] - w.ids[0];
  few_worker_try (w.worker, 7, info->classifier, &(FewPrompts) { 2, names, NULL, "{}" }, fourth, 1);
  WAIT (w.seen != NULL);
  for (double alpha = 0; alpha <= 1; alpha += 0.25)
    assert_alike (learned, 3, w.seen, 0, alpha);
  g_clear_pointer (&w.seen, few_snapshot_unref);
  FewTrainJob job = { .method = "clip-adapter" };
  few_train_options_init (&job.options);
  g_autoptr (FewProjectRun) run = few_project_run_new ("Run", &job, learned, NULL, FALSE);
  few_worker_forget (w.worker, 1, &info->ids[0]);
  few_worker_restore (w.worker, 8, run);
  WAIT (w.seen != NULL);
  g_assert_cmpuint (few_snapshot_info (w.seen)->n, ==, info->n - 1);
  for (guint i = 1; i < info->n; i++)
    assert_alike (learned, i, w.seen, i - 1, 0.75);
  g_clear_pointer (&w.seen, few_snapshot_unref);
  world_clear (&w);
}

/* Methods one after another; one that cannot run is told and the rest goes on; stopping. */
static void
test_compare (void)
{
  World w;
  const char *const methods[] = {
    "zero-shot", "coop:context=64", "nonsense", "gda", "clip-adapter:after=1,epochs=2", NULL
  };
  const char *const long_ones[] = { "clap:epochs=100000", NULL };
  const guint shots[] = { 1, 4 };
  const guint64 seeds[] = { 1, 2 };
  const FewCompareJob job = { methods, shots, 2, seeds, 2 };
  const FewCompareJob endless = { long_ones, shots, 2, seeds, 2 };
  world_init (&w);
  const FewLabelled all = { w.n, w.ids, w.labels, (const char *const *) w.paths->pdata };
  few_worker_compare (w.worker, &job, &(FewPrompts) { 2, names, NULL, "{} | a {}" }, &all);
  WAIT (w.comparisons == 1);
  g_assert_false (w.stopped);
  g_assert_cmpuint (w.compared, ==, 3 * 4);
  g_assert_cmpuint (w.failed, ==, 2 * 4);
  g_assert_true (isfinite (w.last_accuracy));
  few_worker_compare (w.worker, &endless, &(FewPrompts) { 2, names, NULL, "{}" }, &all);
  guint before = w.steps;
  WAIT (w.steps > before + 2);
  few_worker_stop_comparing (w.worker);
  WAIT (w.comparisons == 2);
  g_assert_true (w.stopped);
  few_worker_compare (w.worker, &job, &(FewPrompts) { 2, names, NULL, "no hole" }, &all);
  WAIT (w.comparisons == 3);
  g_assert_nonnull (strstr (w.message, "no hole"));
  few_worker_compare (w.worker, &job, &(FewPrompts) { 2, names, NULL, "{}" },
                      &(FewLabelled) { 0, w.ids, w.labels, (const char *const *) w.paths->pdata });
  WAIT (w.comparisons == 4);
  g_assert_nonnull (strstr (w.message, "at least two classes"));
  few_worker_compare (w.worker, &endless, &(FewPrompts) { 2, names, NULL, "{}" }, &all);
  world_clear (&w); /* does not wait for 100,000 epochs */
}

/* 1,000 classes of one picture each: the split keeps them for training and everything stays
 * finite. */
static void
test_many_classes (void)
{
  enum { MANY = 1000 };
  g_autoptr (FewModel) model = golden_model ("vit", "cpu");
  guint d = few_model_dim (model);
  g_autofree float *features = g_new (float, MANY *d);
  g_autofree float *text = g_new (float, MANY *d);
  g_autofree guint32 *labels = g_new (guint32, MANY);
  g_autofree guint8 *roles = g_new (guint8, MANY);
  g_auto (GStrv) class_names = g_new0 (char *, MANY + 1);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  for (guint i = 0; i < MANY; i++)
    {
      labels[i] = i;
      class_names[i] = g_strdup_printf ("class %u", i);
    }
  for (guint i = 0; i < MANY * d; i++)
    {
      features[i] = (float) g_rand_double_range (rand, -1, 1);
      text[i] = (float) g_rand_double_range (rand, -1, 1);
    }
  g_assert_true (few_split (labels, NULL, MANY, MANY, 0, 1, roles, NULL));
  FewTrainOptions options;
  few_train_options_init (&options);
  options.steps = 0;
  options.folds = FALSE;
  options.epochs = 2;
  g_autoptr (GError) error = NULL;
  const FewTask task = { .n = MANY,
                         .n_classes = MANY,
                         .features = features,
                         .labels = labels,
                         .roles = roles,
                         .text_features = text,
                         .class_names = (const char *const *) class_names,
                         .template_text = "{}" };
  g_autoptr (FewTrainer) trainer = few_trainer_new (model, &options, &task, &error);
  g_assert_no_error (error);
  while (few_trainer_step (trainer))
    ;
  g_autoptr (FewSnapshot) s = few_trainer_snapshot (trainer, NULL);
  g_assert_true (isfinite (few_snapshot_info (s)->history[1].loss));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/whole-job", test_whole_job);
  g_test_add_func ("/worker/pause-stop", test_pause_stop);
  g_test_add_func ("/worker/errors", test_errors);
  g_test_add_func ("/worker/cancel-waiting", test_cancel_waiting);
  g_test_add_func ("/worker/methods", test_methods);
  g_test_add_func ("/worker/tower", test_tower);
  g_test_add_func ("/worker/compare", test_compare);
  g_test_add_func ("/worker/many-classes", test_many_classes);
  return g_test_run ();
}
