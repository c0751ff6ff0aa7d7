/* Ops of the way back against PyTorch's autograd (tests/tools/golden_ops.py), at every instruction-set level; and the tape. */
#include "clip/model.h"
#include "clip/tape.h"
#include "golden.h"
#include <string.h>

static const char *const levels[] = { "v2", "v3", "v4" };

typedef struct
{
  FewBackend *backend;
  const FewBackendOps *ops;
  FewStream *stream;
  FewSafetensors *file;
} Bench;

static gboolean
bench_open (Bench *bench, const char *level)
{
  g_autoptr (GError) error = NULL;
  bench->backend = few_backend_cpu_new (3, level, &error);
  if (!bench->backend)
    {
      g_test_skip (error->message);
      return FALSE;
    }
  bench->ops = bench->backend->ops;
  bench->stream = bench->backend->stream;
  bench->file = golden_open ("backward.safetensors");
  return TRUE;
}

static void
bench_close (Bench *bench)
{
  few_safetensors_free (bench->file);
  few_backend_free (bench->backend);
}

/* The dump's tensor in device memory, which is host memory here; rows of w floats, `gap` apart beyond that. */
static float *
load (Bench *bench, const char *name, guint m, guint w, guint gap)
{
  g_autofree float *host = golden_floats (bench->file, name, (gsize) m * w);
  float *memory = bench->ops->alloc (bench->backend, (gsize) m * (w + gap), NULL);
  for (guint i = 0; i < m; i++)
    memcpy (memory + (gsize) i * (w + gap), host + (gsize) i * w, w * sizeof (float));
  return memory;
}

static void
assert_rows (Bench *bench, const char *name, const float *rows, guint m, guint w, guint gap)
{
  g_autofree float *expected = golden_floats (bench->file, name, (gsize) m * w);
  for (guint i = 0; i < m; i++)
    g_assert_cmpfloat (golden_distance (rows + (gsize) i * (w + gap), expected + (gsize) i * w, w), <=, 3e-6);
}

static void
drop (Bench *bench, float *first, ...)
{
  va_list list;
  va_start (list, first);
  for (float *memory = first; memory; memory = va_arg (list, float *))
    bench->ops->free (bench->backend, memory);
  va_end (list);
}

static void
test_layer_norm (gconstpointer level)
{
  Bench b;
  if (!bench_open (&b, level))
    return;
  float *x = load (&b, "ln.x", 5, 37, 3), *gamma = load (&b, "ln.gamma", 1, 37, 0), *dy = load (&b, "ln.dy", 5, 37, 1);
  float *dx = load (&b, "ln.before", 5, 37, 2);
  b.ops->layer_norm_backward (b.stream, 5, 37, x, 40, gamma, 1e-5f, dy, 38, dx, 39);
  assert_rows (&b, "ln.dx", dx, 5, 37, 2);
  drop (&b, x, gamma, dy, dx, NULL);
  bench_close (&b);
}

static void
test_activations (gconstpointer level)
{
  static const struct
  {
    const char *name;
    FewActivation activation;
  } cases[] = { { "relu", FEW_ACTIVATION_RELU }, { "gelu", FEW_ACTIVATION_GELU }, { "quick_gelu", FEW_ACTIVATION_QUICK_GELU } };
  Bench b;
  if (!bench_open (&b, level))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *y_name = g_strdup_printf ("act.%s.y", cases[i].name), *dx_name = g_strdup_printf ("act.%s.dx", cases[i].name);
      float *x = load (&b, "act.x", 1, 77, 0), *y = load (&b, "act.x", 1, 77, 0), *dx = load (&b, "act.dy", 1, 77, 0);
      b.ops->activate (b.stream, 77, cases[i].activation, x, y);
      assert_rows (&b, y_name, y, 1, 77, 0);
      b.ops->activation_backward (b.stream, 77, cases[i].activation, x, dx);
      assert_rows (&b, dx_name, dx, 1, 77, 0);
      drop (&b, x, y, dx, NULL);
    }
  bench_close (&b);
}

/* p = 0: plain attention. Row strides differ from the widths. */
static void
attention (Bench *b, const char *name, guint p, guint n, guint s, guint heads, guint d, gboolean causal)
{
  guint rows = p + n * s, w = heads * d;
  g_autofree char *qkv_name = g_strdup_printf ("%s.qkv", name), *dy_name = g_strdup_printf ("%s.dy", name);
  g_autofree char *y_name = g_strdup_printf ("%s.y", name), *dqkv_name = g_strdup_printf ("%s.dqkv", name);
  float *qkv = load (b, qkv_name, rows, 3 * w, 5), *dy = load (b, dy_name, rows, w, 3), *y = load (b, dy_name, rows, w, 1);
  float *dqkv = load (b, qkv_name, rows, 3 * w, 2); /* overwritten */
  if (p > 0)
    {
      b->ops->shared_attention (b->stream, p, n, s, heads, d, qkv, 3 * w + 5, y, w + 1);
      assert_rows (b, y_name, y, rows, w, 1);
    }
  b->ops->shared_attention_backward (b->stream, p, n, s, heads, d, causal, qkv, 3 * w + 5, dy, w + 3, dqkv, 3 * w + 2);
  assert_rows (b, dqkv_name, dqkv, rows, 3 * w, 2);
  drop (b, qkv, dy, y, dqkv, NULL);
}

static void
test_attention (gconstpointer level)
{
  Bench b;
  if (!bench_open (&b, level))
    return;
  attention (&b, "causal", 0, 2, 19, 3, 16, TRUE);
  attention (&b, "full", 0, 3, 10, 2, 24, FALSE);
  attention (&b, "shared", 5, 3, 4, 2, 24, TRUE);
  attention (&b, "one", 1, 2, 1, 3, 16, TRUE);
  bench_close (&b);
}

static void
test_affinity (gconstpointer level)
{
  Bench b;
  if (!bench_open (&b, level))
    return;
  float *y = load (&b, "affinity.x", 1, 61, 0), *dx = load (&b, "affinity.dy", 1, 61, 0);
  b.ops->affinity (b.stream, 61, 5.5f, y);
  assert_rows (&b, "affinity.y", y, 1, 61, 0);
  b.ops->multiply (b.stream, 61, 5.5f, y, dx);
  assert_rows (&b, "affinity.dx", dx, 1, 61, 0);
  drop (&b, y, dx, NULL);
  bench_close (&b);
}

static void
test_rows (gconstpointer level)
{
  Bench b;
  if (!bench_open (&b, level))
    return;
  float x[] = { 1, 2, 3, 4, 5, 6 }, target[] = { 1, 1, 1, 1, 1, 1 }, strength[] = { 2, 0.5f, -1 }, y[6] = { 0 }, sums[4] = { 10, 0, 0, 20 };
  const guint32 rows[] = { 1, 0, 1 };
  b.ops->add_scaled_rows (b.stream, 3, 2, strength, x, target, y);
  const float pulled[] = { 0, 2, 1, 1.5f, -4, -5 };
  g_assert_cmpfloat (golden_distance (y, pulled, 6), ==, 0);
  b.ops->add_scaled_rows (b.stream, 3, 2, strength, x, NULL, y);
  const float added[] = { 2, 6, 2.5f, 3.5f, -9, -11 };
  g_assert_cmpfloat (golden_distance (y, added, 6), ==, 0);
  b.ops->scatter_add_rows (b.stream, 3, 2, rows, x, sums, 2);
  const float scattered[] = { 13, 4, 6, 28 };
  g_assert_cmpfloat (golden_distance (sums, scattered, 4), ==, 0);
  bench_close (&b);
}

/* A matrix and its transpose, in every level's own layout, bfloat16's pairs too. */
static void
test_transposed (gconstpointer level)
{
  Bench b;
  if (!bench_open (&b, level))
    return;
  enum { M = 3, N = 45, K = 39 };
  GRand *random = g_rand_new_with_seed (4);
  float w[N * K], x[M * N], y[M * K];
  for (guint i = 0; i < N * K; i++) /* exact in bfloat16 */
    w[i] = (float) g_rand_int_range (random, -8, 9);
  for (guint i = 0; i < M * N; i++)
    x[i] = (float) g_rand_int_range (random, -8, 9);
  FewMatrix *matrix = b.ops->matrix_new (b.backend, N, K, w, NULL), *turned = b.ops->matrix_transposed (b.backend, matrix, NULL);
  b.ops->linear (b.stream, M, x, N, turned, NULL, FEW_ACTIVATION_NONE, NULL, 0, y, K);
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

/* Gradient of the input of a text tower whose blocks keep everything, or all but so many blocks' worth. */
static float *
tape_gradient (FewModel *model, gsize keep_bytes)
{
  g_autoptr (GError) error = NULL;
  FewBackend *backend = few_model_backend (model);
  const FewTransformer *transformer = &few_model_text (model)->transformer;
  guint w = transformer->config.width;
  FewTapeShape shape = { 3, 4, 5, TRUE };
  g_autoptr (FewTape) tape = few_tape_new (transformer, backend, 0, &shape, keep_bytes, &error);
  g_assert_no_error (error);
  gsize ld = few_row_stride (w), n = few_tape_rows (tape) * ld;
  GRand *random = g_rand_new_with_seed (9);
  for (gsize i = 0; i < n; i++)
    few_tape_input (tape)[i] = (float) g_rand_double_range (random, -1, 1);
  few_tape_forward (tape);
  for (gsize i = 0; i < n; i++)
    few_tape_gradient (tape)[i] = (float) g_rand_double_range (random, -1, 1);
  few_tape_backward (tape);
  g_rand_free (random);
  return g_memdup2 (few_tape_gradient (tape), n * sizeof (float));
}

static void
test_tape (void)
{
  g_autoptr (FewModel) model = golden_model ("vit", "cpu");
  const FewTransformerConfig *c = &few_model_text (model)->transformer.config;
  gsize n = 23 * few_row_stride (c->width);
  g_autofree float *kept = tape_gradient (model, G_MAXSIZE / 2), *again = tape_gradient (model, 0);
  g_assert_cmpuint (c->layers, >, 1);
  g_assert_cmpmem (kept, n * sizeof (float), again, n * sizeof (float));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } cases[] = { { "layer-norm", test_layer_norm }, { "activations", test_activations }, { "attention", test_attention },
                { "affinity", test_affinity },     { "rows", test_rows },               { "transposed", test_transposed } };
  for (guint l = 0; l < G_N_ELEMENTS (levels); l++)
    for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
      {
        g_autofree char *path = g_strdup_printf ("/backward/%s/%s", levels[l], cases[i].name);
        g_test_add_data_func (path, levels[l], cases[i].func);
      }
  g_test_add_data_func ("/backward/bf16/transposed", "bf16", test_transposed);
  g_test_add_func ("/backward/tape", test_tape);
  return g_test_run ();
}
