/* SPDX-License-Identifier: MIT */
/* CUDA graphs under the fake runtime, which does at each launch what it was asked while the stream
 * captured: what is queued at once gives the bits of what is queued op by op, from the second time
 * on; what may be another each time is read anew; and what cannot be captured is not. */
#include "backend/backend.h"
#include "examples.h"
#include "family.h"
#include "golden.h"
#include <dlfcn.h>
#include <string.h>

enum { CLASSES = 3, WIDTH = 8, TIMES = 4 };

static struct
{
  guint (*graphs) (void);
  guint (*queued) (void);
  guint (*reports) (void);
} fake;

static guint refusals;

/* Counts what says that a piece stays op by op. */
static GLogWriterOutput
count_refusals (GLogLevelFlags level, const GLogField *fields, gsize n, gpointer user)
{
  for (gsize i = 0; i < n; i++)
    if (g_str_equal (fields[i].key, "MESSAGE") && strstr (fields[i].value, "op by op"))
      refusals++;
  return level & G_LOG_LEVEL_DEBUG ? G_LOG_WRITER_HANDLED
                                   : g_log_writer_default (level, fields, n, user);
}

/* From now on devices are opened with graphs or without. */
static void
use_graphs (gboolean graphs)
{
  if (graphs)
    g_unsetenv ("FEWSHOT_CUDA_WITHOUT");
  else
    g_setenv ("FEWSHOT_CUDA_WITHOUT", "graphs", TRUE);
}

static float *
draw (guint seed, gsize n)
{
  float *values = g_new (float, n);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  for (gsize i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (random, -1, 1);
  return values;
}

/* ---- towers */

/* Batches of 2, 2, 2, 1, 2, of other pictures each; features [9, D] */
static float *
encode_batches (const char *path, const char *precision, gsize *n, guint *graphs, guint *least)
{
  static const guint batches[] = { 2, 2, 2, 1, 2 };
  g_autoptr (Family) family = family_open (path, precision);
  guint d = family->config.embed_dim;
  *n = (gsize) 9 * d;
  float *features = g_new (float, *n);
  guint before = fake.graphs ();
  guint done = 0;
  *least = G_MAXUINT;
  for (guint i = 0; i < G_N_ELEMENTS (batches); i++)
    {
      guint queued = fake.queued ();
      family_encode (family, i, batches[i], features + (gsize) done * d);
      *least = MIN (*least, fake.queued () - queued);
      done += batches[i];
    }
  *graphs = fake.graphs () - before;
  return features;
}

typedef struct
{
  const char *path;
  gboolean refused; /* it copies from the host on its way */
  guint precisions; /* 1: f16 alone, as the fake GPU takes long for it */
} Tower;

static void
test_tower (gconstpointer data)
{
  const Tower *tower = data;
  guint graphs, none, least, many;
  gsize n;
  for (guint i = 0; i < tower->precisions; i++)
    {
      const char *precision = i ? "f32" : "f16";
      guint before = refusals;
      use_graphs (FALSE);
      g_autofree float *plain = encode_batches (tower->path, precision, &n, &none, &many);
      use_graphs (TRUE);
      g_autofree float *at_once = encode_batches (tower->path, precision, &n, &graphs, &least);
      g_assert_cmpmem (plain, n * sizeof *plain, at_once, n * sizeof *at_once);
      g_assert_cmpuint (none, ==, 0);
      g_assert_cmpuint (graphs, ==, tower->refused ? 0 : 3); /* all but the first of each size */
      g_assert_cmpuint (refusals - before, ==, tower->refused ? 2 : 0); /* of both sizes */
      g_test_message ("%s, %s: a batch queues %u, op by op %u", tower->path, precision, least,
                      many);
      if (!tower->refused) /* pixels, rows that the host names, events of copies, features */
        g_assert_cmpuint (least, <=, 6);
      g_assert_cmpuint (many, >, 20);
    }
}

/* ---- training */

enum { EPOCHS = 3, BATCH = 8, STEPS = EPOCHS * (EXAMPLES - EXAMPLES / 4) / BATCH };

/* cosines [EXAMPLES, CLASSES] after the training; *least: what a step queues at least */
static float *
train (const FewTrainOptions *options, guint *graphs, guint *least)
{
  g_autoptr (FewModel) model = golden_model ("vit", "cuda:0");
  g_autofree Examples *e = examples_new (CLASSES);
  g_autoptr (GError) error = NULL;
  g_autoptr (FewTrainer) trainer = few_trainer_new (model, options, &e->task, &error);
  float *cosines = g_new (float, EXAMPLES *CLASSES);
  gboolean more = TRUE;
  guint before = fake.graphs ();
  g_assert_no_error (error);
  for (*least = G_MAXUINT; more;)
    {
      guint queued = fake.queued ();
      more = few_trainer_step (trainer);
      *least = MIN (*least, fake.queued () - queued);
    }
  *graphs = fake.graphs () - before;
  g_autoptr (FewSnapshot) snapshot = few_trainer_snapshot (trainer, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < EXAMPLES; i++)
    few_lens_cosines (snapshot, i, 0.5f, cosines + i * CLASSES);
  return cosines;
}

static FewTrainOptions
make_options (void)
{
  FewTrainOptions options;
  few_train_options_init (&options);
  options.steps = options.folds = 0;
  options.epochs = EPOCHS;
  options.batch = BATCH;
  return options;
}

static void
compare_training (const FewTrainOptions *options, guint expected)
{
  guint graphs, none, least, many;
  use_graphs (FALSE);
  g_autofree float *plain = train (options, &none, &many);
  use_graphs (TRUE);
  g_autofree float *at_once = train (options, &graphs, &least);
  g_assert_cmpmem (plain, EXAMPLES * CLASSES * sizeof *plain, at_once,
                   EXAMPLES * CLASSES * sizeof *plain);
  g_assert_cmpuint (none, ==, 0);
  g_assert_cmpuint (graphs, ==, expected);
  if (expected > 0) /* values of the host, an event now and then, the graph */
    g_assert_cmpuint (least, ==, 2);
  g_test_message ("a step queues %u, op by op %u", least, many);
}

/* The rate falls and Adam counts its steps; losses go to another place each time. */
static void
test_adapter (void)
{
  FewTrainOptions options = make_options ();
  compare_training (&options, STEPS - 1);
  options.optimizer = FEW_OPTIMIZER_SGD;
  options.momentum = 0.9;
  compare_training (&options, STEPS - 1);
}

/* What is read from the device in a step is no graph's; it is said once. */
static void
test_refused (void)
{
  FewTrainOptions options = make_options ();
  options.learn_ratios = TRUE;
  guint before = refusals;
  compare_training (&options, 0);
  g_assert_cmpuint (refusals - before, ==, 1);
}

static FewMethodResult *
run_method (const char *specification, guint *graphs)
{
  g_autoptr (FewModel) model = golden_model ("vit", "cuda:0");
  g_autofree Examples *e = examples_new (CLASSES);
  g_autoptr (GError) error = NULL;
  FewMethodOptions options;
  g_assert_true (few_method_parse (specification, &options, &error));
  guint before = fake.graphs ();
  FewMethodResult *result = few_method_run (model, &e->task, &options, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  *graphs = fake.graphs () - before;
  return result;
}

typedef struct
{
  const char *specification;
  guint graphs; /* all steps but the first of each size */
} Method;

static void
test_method (gconstpointer data)
{
  const Method *method = data;
  guint graphs, none;
  use_graphs (FALSE);
  g_autoptr (FewMethodResult) plain = run_method (method->specification, &none);
  use_graphs (TRUE);
  g_autoptr (FewMethodResult) at_once = run_method (method->specification, &graphs);
  g_assert_cmpuint (none, ==, 0);
  g_assert_cmpuint (graphs, ==, method->graphs);
  gsize bytes = EXAMPLES * CLASSES * sizeof (float);
  g_assert_cmpmem (plain->scores, bytes, at_once->scores, bytes);
  for (guint i = 0; i < plain->epochs; i++)
    g_assert_cmpfloat (plain->history[i].loss, ==, at_once->history[i].loss);
}

/* ---- single pieces */

typedef struct
{
  FewBackend *backend;
  float *a, *b, *c, *spare;
  float scale;
  guint calls, call_to_meet;
  GThreadFunc meanwhile; /* in another thread, in that call */
  FewBackend *other;
  GThread *thread;
} Piece;

static Piece *
piece_new (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *values = draw (7, WIDTH * WIDTH);
  Piece *p = g_new0 (Piece, 1);
  use_graphs (TRUE);
  p->backend = few_backend_cuda_new (0, "f32", TRUE, 1, &error);
  g_assert_no_error (error);
  float **places[] = { &p->a, &p->b, &p->c, &p->spare };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    *places[i] = p->backend->ops->alloc (p->backend, WIDTH * WIDTH * TIMES, &error);
  g_assert_no_error (error);
  p->backend->ops->upload (p->backend->stream, p->a, values, WIDTH * WIDTH);
  p->backend->ops->upload (p->backend->stream, p->b, values, WIDTH * WIDTH);
  p->scale = 1;
  return p;
}

static void
piece_free (Piece *p)
{
  float *places[] = { p->a, p->b, p->c, p->spare };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (places[i])
      p->backend->ops->free (p->backend, places[i]);
  few_backend_free (p->backend);
  g_free (p);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Piece, piece_free)

static gpointer
free_spare (gpointer data)
{
  Piece *p = data;
  p->backend->ops->free (p->backend, g_steal_pointer (&p->spare));
  return NULL;
}

/* The same GPU, opened a second time */
static gpointer
close_other (gpointer data)
{
  Piece *p = data;
  few_backend_free (g_steal_pointer (&p->other));
  return NULL;
}

static void
run_piece (gpointer user)
{
  Piece *p = user;
  if (++p->calls == p->call_to_meet)
    {
      p->thread = g_thread_new ("meanwhile", p->meanwhile, p);
      g_usleep (50000); /* time for it to come in between, if it can */
    }
  p->backend->ops->gemm (p->backend->stream, FALSE, FALSE, WIDTH, WIDTH, WIDTH, p->scale, p->a,
                         WIDTH, p->b, WIDTH, 0, p->c, WIDTH);
}

static float
first_of (const Piece *p, const float *memory)
{
  float value;
  p->backend->ops->download (p->backend->stream, &value, memory, 1);
  return value;
}

static void
repeat_piece (Piece *p)
{
  p->backend->ops->repeat (p->backend->stream, p, 1, run_piece, p);
}

/* A scale that is another is no graph's of before; nor is a place. */
static void
test_changes (void)
{
  g_autoptr (Piece) p = piece_new ();
  guint before = fake.graphs ();
  repeat_piece (p);
  float once = first_of (p, p->c);
  for (guint i = 0; i < 6; i++)
    {
      p->scale = i < 3 ? 1 : 2;
      repeat_piece (p);
      g_assert_cmpfloat (first_of (p, p->c), ==, p->scale * once);
    }
  g_assert_cmpuint (fake.graphs () - before, ==, 5);
  float *c = p->c;
  for (guint i = 0; i < TIMES; i++)
    {
      p->c = c + i * WIDTH * WIDTH;
      p->scale = (float) (4u << i);
      repeat_piece (p);
      g_assert_cmpfloat (first_of (p, p->c), ==, p->scale * once);
    }
  p->c = c;
  g_assert_cmpuint (fake.graphs () - before, ==, 5);
  g_assert_true (p->backend->ops->check (p->backend->stream, NULL));
}

/* What never comes twice is not compared for ever. */
static void
test_never_twice (void)
{
  g_autoptr (Piece) p = piece_new ();
  guint before = refusals;
  for (guint i = 0; i < 20; i++)
    {
      p->scale = 1 + (float) i;
      p->calls = 0;
      repeat_piece (p);
    }
  g_assert_cmpuint (p->calls, ==, 1);
  g_assert_cmpuint (refusals - before, ==, 1);
  g_assert_true (p->backend->ops->check (p->backend->stream, NULL));
}

/* Another thread does something for which it waits for the whole GPU, while a stream captures. */
static void
meet (Piece *p, GThreadFunc meanwhile)
{
  guint before = fake.graphs ();
  p->call_to_meet = 3; /* noted, compared, captured */
  p->meanwhile = meanwhile;
  for (guint i = 0; i < 3; i++)
    repeat_piece (p);
  g_thread_join (p->thread);
  g_assert_cmpuint (fake.graphs () - before, ==, 2);
  g_assert_cmpuint (fake.reports (), ==, 0);
  g_assert_true (p->backend->ops->check (p->backend->stream, NULL));
}

static void
test_freeing (void)
{
  g_autoptr (Piece) p = piece_new ();
  meet (p, free_spare);
  g_assert_null (p->spare);
}

/* Another model's device that is the same GPU */
static void
test_closing (void)
{
  g_autoptr (Piece) p = piece_new ();
  p->other = few_backend_cuda_new (0, "f32", TRUE, 1, NULL);
  g_assert_nonnull (p->other);
  meet (p, close_other);
  g_assert_null (p->other);
}

/* More pieces than a stream remembers, and memory of theirs that goes. */
static void
test_many (void)
{
  g_autoptr (Piece) p = piece_new ();
  guint before = fake.graphs ();
  for (guint round = 0; round < 3; round++)
    for (guint n = 0; n < 20; n++)
      p->backend->ops->repeat (p->backend->stream, p, n, run_piece, p);
  g_assert_cmpuint (fake.graphs () - before, ==, 0); /* the oldest has always gone */
  for (guint n = 0; n < 2; n++)
    for (guint i = 0; i < 2; i++)
      p->backend->ops->repeat (p->backend->stream, p, n, run_piece, p);
  g_assert_cmpuint (fake.graphs () - before, ==, 2);
  g_assert_true (p->backend->ops->check (p->backend->stream, NULL));
}

int
main (int argc, char **argv)
{
  static const Tower towers[] = {
    { "golden/vit", FALSE, 2 },
    { "golden/resnet", FALSE, 2 },
    { "families/siglip-b16", FALSE, 2 },
    { "families/pe-core-b16", FALSE, 2 },
    { "families/dinov2", FALSE, 2 },
    { "families/dinov2-registers", FALSE, 2 },
    { "families/eva02-e14", FALSE, 2 },
    { "families/mobileclip2-b", FALSE, 2 },
    { "families/mobileclip2-s0", FALSE, 1 },
    { "families/convnext-base", FALSE, 1 },
    { "families/vitamin-s", TRUE, 1 },
  };
  /* of 48 examples; the last 8 of an epoch are a shorter step, or left out */
  static const Method methods[] = { { "coop:epochs=3,batch=20", 3 * 2 - 1 },
                                    { "tip-adapter-f:epochs=3,batch=20", 3 * 3 - 2 },
                                    { "clap:epochs=3,batch=20", 3 * 2 - 1 } };
  void *module = dlopen (g_getenv ("FEWSHOT_CUDA_MODULE"), RTLD_NOW);
  if (!module)
    g_error ("%s", dlerror ());
  *(void **) &fake.graphs = dlsym (module, "fakecuda_graphs");
  *(void **) &fake.queued = dlsym (module, "fakecuda_queued");
  *(void **) &fake.reports = dlsym (module, "fakecuda_reports");
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (count_refusals, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (towers); i++)
    {
      g_autofree char *path = g_strconcat ("/graphs/", towers[i].path, NULL);
      g_test_add_data_func (path, &towers[i], test_tower);
    }
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autofree char *path = g_strconcat ("/graphs/method/", methods[i].specification, NULL);
      g_test_add_data_func (path, &methods[i], test_method);
    }
  g_test_add_func ("/graphs/adapter", test_adapter);
  g_test_add_func ("/graphs/refused", test_refused);
  g_test_add_func ("/graphs/changes", test_changes);
  g_test_add_func ("/graphs/never-twice", test_never_twice);
  g_test_add_func ("/graphs/freeing", test_freeing);
  g_test_add_func ("/graphs/closing", test_closing);
  g_test_add_func ("/graphs/many", test_many);
  return g_test_run ();
}
