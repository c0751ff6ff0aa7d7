/* SPDX-License-Identifier: MIT */
/* Ops of the way back against PyTorch's autograd (tests/tools/golden_ops.py), on every device
 * that is tested; and the tape. */
#include "clip/model.h"
#include "clip/tape.h"
#include "bench.h"
#include <string.h>

static const char *const devices[] = { "cpu:v2", "cpu:v3", "cpu:v4", NULL },
                         *const all_devices[] = { "cpu:v2",          "cpu:v3",       "cpu:v4",
                                                  "cpu:bf16-avx512", "cpu:bf16-amx", NULL };

/* The dump's tensor, rows of w floats, `gap` apart beyond that. */
static float *
load (Bench *bench, const char *name, guint m, guint w, guint gap)
{
  g_autoptr (FewSafetensors) file = golden_open ("backward.safetensors");
  g_autofree float *dense = golden_floats (file, name, (gsize) m * w);
  float *host = g_new0 (float, (gsize) m *(w + gap));
  for (guint i = 0; i < m; i++)
    memcpy (host + (gsize) i * (w + gap), dense + (gsize) i * w, w * sizeof (float));
  return bench_own (bench, host, (gsize) m * (w + gap));
}

/* The device's rows against the dump's. */
static void
assert_rows_near (Bench *bench, const char *name, float *rows, guint m, guint w, guint gap,
                  double tolerance)
{
  g_autoptr (FewSafetensors) file = golden_open ("backward.safetensors");
  g_autofree float *expected = golden_floats (file, name, (gsize) m * w);
  bench_fetch (bench, rows, (gsize) m * (w + gap));
  for (guint i = 0; i < m; i++)
    g_assert_cmpfloat (golden_distance (rows + (gsize) i * (w + gap), expected + (gsize) i * w, w),
                       <=, tolerance);
}

static void
assert_rows (Bench *bench, const char *name, float *rows, guint m, guint w, guint gap)
{
  assert_rows_near (bench, name, rows, m, w, gap, 3e-6);
}

static void
test_layer_norm (gconstpointer device)
{
  Bench b;
  if (!bench_open (&b, device))
    return;
  float *x = load (&b, "ln.x", 5, 37, 3);
  float *gamma = load (&b, "ln.gamma", 1, 37, 0);
  float *dy = load (&b, "ln.dy", 5, 37, 1);
  float *dx = load (&b, "ln.before", 5, 37, 2);
  b.ops->layer_norm_backward (b.streams[0], 5, 37, on_device (&b, x), 40, on_device (&b, gamma),
                              1e-5f, on_device (&b, dy), 38, on_device (&b, dx), 39);
  assert_rows (&b, "ln.dx", dx, 5, 37, 2);
  bench_close (&b);
}

static void
test_activations (gconstpointer device)
{
  static const struct
  {
    const char *name;
    FewActivation activation;
  } cases[] = { { "relu", FEW_ACTIVATION_RELU },
                { "gelu", FEW_ACTIVATION_GELU },
                { "quick_gelu", FEW_ACTIVATION_QUICK_GELU } };
  Bench b;
  if (!bench_open (&b, device))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *y_name = g_strdup_printf ("act.%s.y", cases[i].name);
      g_autofree char *dx_name = g_strdup_printf ("act.%s.dx", cases[i].name);
      float *x = load (&b, "act.x", 1, 77, 0);
      float *y = load (&b, "act.x", 1, 77, 0);
      float *dx = load (&b, "act.dy", 1, 77, 0);
      b.ops->activate (b.streams[0], 77, cases[i].activation, on_device (&b, x), on_device (&b, y));
      assert_rows (&b, y_name, y, 1, 77, 0);
      b.ops->activation_backward (b.streams[0], 77, cases[i].activation, on_device (&b, x),
                                  on_device (&b, dx));
      assert_rows (&b, dx_name, dx, 1, 77, 0);
    }
  bench_close (&b);
}

/* p = 0: plain attention. Row strides differ from the widths. */
static void
attention (Bench *b, const char *name, guint p, guint n, guint s, guint heads, guint d,
           gboolean causal)
{
  guint rows = p + n * s;
  guint w = heads * d;
  g_autofree char *qkv_name = g_strdup_printf ("%s.qkv", name);
  g_autofree char *dy_name = g_strdup_printf ("%s.dy", name);
  g_autofree char *y_name = g_strdup_printf ("%s.y", name);
  g_autofree char *dqkv_name = g_strdup_printf ("%s.dqkv", name);
  float *qkv = load (b, qkv_name, rows, 3 * w, 5);
  float *dy = load (b, dy_name, rows, w, 3);
  float *y = load (b, dy_name, rows, w, 1);
  float *dqkv = load (b, qkv_name, rows, 3 * w, 2); /* overwritten */
  if (p > 0)
    {
      b->ops->shared_attention (b->streams[0], p, n, s, heads, d, on_device (b, qkv), 3 * w + 5,
                                on_device (b, y), w + 1);
      /* the way there multiplies in the inference's precision, the way back in f32 */
      assert_rows_near (b, y_name, y, rows, w, 1, bench_attention_tolerance (b, 3e-6));
    }
  b->ops->shared_attention_backward (b->streams[0], p, n, s, heads, d, causal, on_device (b, qkv),
                                     3 * w + 5, on_device (b, dy), w + 3, on_device (b, dqkv),
                                     3 * w + 2);
  assert_rows (b, dqkv_name, dqkv, rows, 3 * w, 2);
}

static void
test_attention (gconstpointer device)
{
  Bench b;
  if (!bench_open (&b, device))
    return;
  attention (&b, "causal", 0, 2, 19, 3, 16, TRUE);
  attention (&b, "full", 0, 3, 10, 2, 24, FALSE);
  attention (&b, "shared", 5, 3, 4, 2, 24, TRUE);
  attention (&b, "one", 1, 2, 1, 3, 16, TRUE);
  bench_close (&b);
}

static void
test_affinity (gconstpointer device)
{
  Bench b;
  if (!bench_open (&b, device))
    return;
  float *y = load (&b, "affinity.x", 1, 61, 0);
  float *dx = load (&b, "affinity.dy", 1, 61, 0);
  b.ops->affinity (b.streams[0], 61, 5.5f, on_device (&b, y));
  assert_rows (&b, "affinity.y", y, 1, 61, 0);
  b.ops->multiply (b.streams[0], 61, 5.5f, on_device (&b, y), on_device (&b, dx));
  assert_rows (&b, "affinity.dx", dx, 1, 61, 0);
  bench_close (&b);
}

static void
test_rows (gconstpointer device)
{
  Bench b;
  if (!bench_open (&b, device))
    return;
  const float values[] = { 1, 2, 3, 4, 5, 6 };
  const float ones[] = { 1, 1, 1, 1, 1, 1 };
  const float factors[] = { 2, 0.5f, -1 };
  const float zeroes[6] = { 0 };
  const float start[4] = { 10, 0, 0, 20 };
  float *x = bench_own (&b, g_memdup2 (values, sizeof values), 6);
  float *target = bench_own (&b, g_memdup2 (ones, sizeof ones), 6);
  float *strength = bench_own (&b, g_memdup2 (factors, sizeof factors), 3);
  float *y = bench_own (&b, g_memdup2 (zeroes, sizeof zeroes), 6);
  float *sums = bench_own (&b, g_memdup2 (start, sizeof start), 4);
  const guint32 rows[] = { 1, 0, 1 };
  b.ops->add_scaled_rows (b.streams[0], 3, 2, on_device (&b, strength), on_device (&b, x),
                          on_device (&b, target), on_device (&b, y));
  bench_fetch (&b, y, 6);
  const float pulled[] = { 0, 2, 1, 1.5f, -4, -5 };
  g_assert_cmpfloat (golden_distance (y, pulled, 6), ==, 0);
  b.ops->add_scaled_rows (b.streams[0], 3, 2, on_device (&b, strength), on_device (&b, x), NULL,
                          on_device (&b, y));
  bench_fetch (&b, y, 6);
  const float added[] = { 2, 6, 2.5f, 3.5f, -9, -11 };
  g_assert_cmpfloat (golden_distance (y, added, 6), ==, 0);
  b.ops->scatter_add_rows (b.streams[0], 3, 2, rows, on_device (&b, x), on_device (&b, sums), 2);
  bench_fetch (&b, sums, 4);
  const float scattered[] = { 13, 4, 6, 28 };
  g_assert_cmpfloat (golden_distance (sums, scattered, 4), ==, 0);
  bench_close (&b);
}

/* A matrix and its transpose, in every level's own layout, bfloat16's pairs too. */
static void
test_transposed (gconstpointer device)
{
  Bench b;
  if (!bench_open (&b, device))
    return;
  enum { M = 3, N = 45, K = 39 };
  GRand *random = g_rand_new_with_seed (4);
  float w[N * K];
  float *x = bench_own (&b, g_new0 (float, M *N), M * N);
  float *y = bench_own (&b, g_new0 (float, M *K), M * K);
  for (guint i = 0; i < N * K; i++) /* exact in bfloat16 */
    w[i] = (float) g_rand_int_range (random, -8, 9);
  for (guint i = 0; i < M * N; i++)
    x[i] = (float) g_rand_int_range (random, -8, 9);
  FewMatrix *matrix = b.ops->matrix_new (b.backend, N, K, FEW_GRADE_FINE, w, NULL);
  FewMatrix *turned = b.ops->matrix_transposed (b.backend, matrix, NULL);
  b.ops->upload (b.streams[0], on_device (&b, x), x, M * N);
  b.ops->linear (b.streams[0], M, on_device (&b, x), N, turned, NULL, FEW_ACTIVATION_NONE, NULL, 0,
                 on_device (&b, y), K);
  bench_fetch (&b, y, M * K);
  for (guint i = 0; i < M; i++)
    for (guint j = 0; j < K; j++)
      {
        float sum = 0;
        for (guint l = 0; l < N; l++)
          sum += x[i * N + l] * w[l * K + j];
        g_assert_cmpfloat (y[i * K + j], ==, sum);
      }
  b.ops->matrix_free (b.backend, matrix);
  b.ops->matrix_free (b.backend, turned);
  g_rand_free (random);
  bench_close (&b);
}

/* Gradient of the input of a text tower whose blocks keep everything, or all but so many blocks'
 * worth. */
static float *
tape_gradient (FewModel *model, gsize keep_bytes)
{
  g_autoptr (GError) error = NULL;
  FewBackend *backend = few_model_backend (model);
  const FewTransformer *transformer = &few_model_text (model, &error)->transformer;
  guint w = transformer->config.width;
  FewTapeShape shape = { 3, 4, 5, TRUE };
  g_autoptr (FewTape) tape = few_tape_new (transformer, backend, 0, &shape, keep_bytes, &error);
  g_assert_no_error (error);
  gsize n = few_tape_rows (tape) * few_row_stride (w);
  float *host = g_new (float, n);
  GRand *random = g_rand_new_with_seed (9);
  for (gsize i = 0; i < n; i++)
    host[i] = (float) g_rand_double_range (random, -1, 1);
  backend->ops->upload (backend->stream, few_tape_input (tape), host, n);
  few_tape_forward (tape);
  for (gsize i = 0; i < n; i++)
    host[i] = (float) g_rand_double_range (random, -1, 1);
  backend->ops->upload (backend->stream, few_tape_gradient (tape), host, n);
  few_tape_backward (tape);
  backend->ops->download (backend->stream, host, few_tape_gradient (tape), n);
  backend->ops->check (backend->stream, &error);
  g_assert_no_error (error);
  g_rand_free (random);
  return host;
}

/* What rounding a GPU's inputs explains: f16's 11 bits, tf32's that are cut, bf16's 8 */
static double
allowed_of (const char *device)
{
  if (g_str_has_suffix (device, ":f32"))
    return 2e-5;
  if (g_str_has_suffix (device, ":bf16"))
    return 8e-2;
  return g_str_has_suffix (device, ":tf32") ? 2e-2 : 1e-2;
}

static void
test_tape (gconstpointer device)
{
  g_autoptr (FewModel) model = golden_model ("vit", device);
  g_autoptr (GError) error = NULL;
  const FewTransformerConfig *c = &few_model_text (model, &error)->transformer.config;
  gsize n = 23 * few_row_stride (c->width);
  g_autofree float *kept = tape_gradient (model, G_MAXSIZE / 2);
  g_autofree float *again = tape_gradient (model, 0);
  g_assert_cmpuint (c->layers, >, 1);
  g_assert_cmpmem (kept, n * sizeof (float), again, n * sizeof (float));
  if (g_str_has_prefix (device, "cpu"))
    return;
  g_autoptr (FewModel) cpu = golden_model ("vit", "cpu");
  g_autofree float *expected = tape_gradient (cpu, 0);
  g_assert_cmpfloat (golden_distance (kept, expected, n), <=, allowed_of (device));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } cases[] = { { "layer-norm", test_layer_norm },
                { "activations", test_activations },
                { "attention", test_attention },
                { "affinity", test_affinity },
                { "rows", test_rows } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *prefix = g_strconcat ("/backward/", cases[i].name, NULL);
      bench_add (prefix, devices, cases[i].func);
    }
  bench_add ("/backward/transposed", all_devices, test_transposed);
  static const char *const cpu[] = { "cpu", NULL };
  bench_add ("/backward/tape", cpu, test_tape);
  return g_test_run ();
}
