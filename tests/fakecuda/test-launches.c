/* SPDX-License-Identifier: MIT */
/* What a block of a tower queues on the GPU, and the bytes that it reads and writes, every access
 * counted: each launch costs a card some microseconds, which is what a batch of one is bound by.
 * The numbers are what they are, and may only fall. */
#include "backend/backend.h"
#include "clip/transformer.h"
#include <dlfcn.h>

enum { WIDTH = 16, TOKENS = 5, LAYERS = 3 };

static guint (*count_queued) (void);
static guint64 (*count_moved) (void);

typedef struct
{
  guint width, heads, mlp, pictures, tokens;
} Shape;

static const Shape small = { 16, 2, 32, 2, 5 };
/* a sixth of ViT-B/32: its tokens and the width of its heads */
static const Shape real = { 128, 2, 512, 1, 50 };

/* What one way of doing it costs a block: launches, and bytes read and written. */
typedef struct
{
  const Shape *shape;
  const char *precision;
  FewActivation activation;
  const char *without; /* FEWSHOT_CUDA_WITHOUT; or "lt", "tensor cores" */
  guint launches;
  guint64 bytes;
} Way;

typedef struct
{
  FewBackend *backend;
  float *row; /* zeroes, as long as any bias */
  FewMatrix *in_proj, *out_proj, *c_fc, *c_proj;
} Weights;

static FewMatrix *
make_matrix (FewBackend *backend, guint n, guint k)
{
  g_autofree float *zeroes = g_new0 (float, (gsize) n *k);
  g_autoptr (GError) error = NULL;
  FewMatrix *matrix = backend->ops->matrix_new (backend, n, k, FALSE, zeroes, &error);
  g_assert_no_error (error);
  return matrix;
}

static float *
make_floats (FewBackend *backend, gsize n)
{
  g_autoptr (GError) error = NULL;
  float *memory = backend->ops->alloc (backend, n, &error);
  g_assert_no_error (error);
  return memory;
}

static FewBlock
make_block (const Weights *w)
{
  return (FewBlock) { .ln_1_weight = w->row,
                      .ln_1_bias = w->row,
                      .ln_2_weight = w->row,
                      .ln_2_bias = w->row,
                      .in_proj_bias = w->row,
                      .out_proj_bias = w->row,
                      .c_fc_bias = w->row,
                      .c_proj_bias = w->row,
                      .in_proj = w->in_proj,
                      .out_proj = w->out_proj,
                      .c_fc = w->c_fc,
                      .c_proj = w->c_proj };
}

/* What a pass through so many blocks queues. */
static guint
queued_by (const Weights *w, const Way *way, guint layers, float *x, float *work)
{
  FewBlock blocks[LAYERS];
  const Shape *s = way->shape;
  for (guint i = 0; i < layers; i++)
    blocks[i] = make_block (w);
  FewTransformer transformer = { .config = { .width = s->width,
                                             .layers = layers,
                                             .heads = s->heads,
                                             .head_width = s->width / s->heads,
                                             .mlp_width = s->mlp,
                                             .ln_epsilon = 1e-5f,
                                             .activation = way->activation },
                                 .blocks = blocks };
  g_autoptr (GError) error = NULL;
  guint before = count_queued ();
  few_transformer_forward (&transformer, w->backend->ops, w->backend->stream, s->pictures,
                           s->tokens, FALSE, x, work, "visual", NULL, NULL);
  guint queued = count_queued () - before;
  w->backend->ops->check (w->backend->stream, &error);
  g_assert_no_error (error);
  return queued;
}

static void
test_block (gconstpointer data)
{
  const Way *way = data;
  g_autoptr (GError) error = NULL;
  g_unsetenv ("FEWSHOT_CUDA_WITHOUT");
  g_unsetenv ("FAKECUDA_WITHOUT_LT");
  g_unsetenv ("FAKECUDA_GENERATION");
  if (g_strcmp0 (way->without, "lt") == 0)
    g_setenv ("FAKECUDA_WITHOUT_LT", "1", TRUE);
  else if (g_strcmp0 (way->without, "tensor cores") == 0)
    g_setenv ("FAKECUDA_GENERATION", "70", TRUE);
  else if (way->without)
    g_setenv ("FEWSHOT_CUDA_WITHOUT", way->without, TRUE);
  g_autoptr (FewBackend) backend = few_backend_cuda_new (0, way->precision, TRUE, 1, &error);
  g_assert_no_error (error);
  const Shape *s = way->shape;
  const FewTransformerConfig shape = { .width = s->width, .mlp_width = s->mlp };
  guint m = s->pictures * s->tokens;
  const Weights w = { backend,
                      make_floats (backend, MAX (3 * s->width, s->mlp)),
                      make_matrix (backend, 3 * s->width, s->width),
                      make_matrix (backend, s->width, s->width),
                      make_matrix (backend, s->mlp, s->width),
                      make_matrix (backend, s->width, s->mlp) };
  float *x = make_floats (backend, m * few_row_stride (s->width));
  float *work = make_floats (backend, few_transformer_workspace (&shape, m));
  guint64 before = count_moved ();
  guint one = queued_by (&w, way, 1, x, work);
  g_assert_cmpuint (count_moved () - before, ==, way->bytes);
  g_assert_cmpuint (queued_by (&w, way, LAYERS, x, work) - one, ==, (LAYERS - 1) * way->launches);
  g_assert_cmpuint (one, ==, way->launches);
  FewMatrix *matrices[] = { w.in_proj, w.out_proj, w.c_fc, w.c_proj };
  for (guint i = 0; i < G_N_ELEMENTS (matrices); i++)
    backend->ops->matrix_free (backend, matrices[i]);
  backend->ops->free (backend, w.row);
  backend->ops->free (backend, x);
  backend->ops->free (backend, work);
}

/* The f16 and bf16 copies that kernels make in passing: the product that follows gives the bits
 * that it gives of the same values from elsewhere, and of other values in their place it takes
 * those. */
static void
test_twins (gconstpointer precision)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FewBackend) backend = few_backend_cuda_new (0, precision, TRUE, 1, &error);
  g_assert_no_error (error);
  const FewBackendOps *ops = backend->ops;
  FewStream *stream = backend->stream;
  float weights[WIDTH * WIDTH], values[TOKENS * WIDTH], normed[TOKENS * WIDTH];
  float results[3][TOKENS * WIDTH];
  for (guint i = 0; i < WIDTH * WIDTH; i++)
    weights[i] = (float) ((i * 7) % 11) / 11 - 0.4f;
  for (guint i = 0; i < TOKENS * WIDTH; i++)
    values[i] = (float) ((i * 5) % 13) / 13 - 0.3f;
  FewMatrix *matrix = ops->matrix_new (backend, WIDTH, WIDTH, FALSE, weights, &error);
  float *gain = make_floats (backend, WIDTH);
  float *zero = make_floats (backend, WIDTH);
  float *x = make_floats (backend, G_N_ELEMENTS (values));
  float *y = make_floats (backend, G_N_ELEMENTS (values));
  ops->upload (stream, gain, values, WIDTH);
  ops->upload (stream, x, values, G_N_ELEMENTS (values));
  for (guint i = 0; i < 3; i++)
    {
      ops->layer_norm (stream, TOKENS, WIDTH, x, WIDTH, gain, zero, 1e-5f, y, WIDTH);
      if (i == 1) /* the same values, through the host */
        {
          ops->download (stream, normed, y, G_N_ELEMENTS (values));
          ops->upload (stream, y, normed, G_N_ELEMENTS (values));
        }
      if (i == 2)
        ops->clear (stream, y, G_N_ELEMENTS (values));
      ops->linear (stream, TOKENS, y, WIDTH, matrix, NULL, FEW_ACTIVATION_NONE, NULL, 0, x, WIDTH);
      ops->download (stream, results[i], x, G_N_ELEMENTS (values));
      ops->upload (stream, x, values, G_N_ELEMENTS (values));
    }
  g_assert_cmpmem (results[0], sizeof results[0], results[1], sizeof results[1]);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    g_assert_cmpfloat (results[2][i], ==, 0);
  /* memory that was freed, and what has its place, are none of it */
  ops->layer_norm (stream, TOKENS, WIDTH, x, WIDTH, gain, zero, 1e-5f, y, WIDTH);
  ops->free (backend, make_floats (backend, 1));
  guint before = count_queued ();
  ops->linear (stream, TOKENS, y, WIDTH, matrix, NULL, FEW_ACTIVATION_NONE, NULL, 0, x, WIDTH);
  g_assert_cmpuint (count_queued () - before, ==, 2);
  g_assert_true (ops->check (stream, &error));
  ops->matrix_free (backend, matrix);
  float *memory[] = { gain, zero, x, y };
  for (guint i = 0; i < G_N_ELEMENTS (memory); i++)
    ops->free (backend, memory[i]);
}

/* Two norms; four products, and what cuBLASLt cannot end them with; attention in one, or heads
 * taken apart, scores, softmax, sums, heads put together. In f16 what is activated is a kernel of
 * its own, which makes the next product's input. */
static const struct
{
  const char *name;
  Way way;
} ways[] = {
  { "f32", { &small, "f32", FEW_ACTIVATION_QUICK_GELU, NULL, 2 + 4 + 1 + 5, 39072 } },
  { "f32-tanh", { &small, "f32", FEW_ACTIVATION_TANH_GELU, NULL, 2 + 4 + 5, 35360 } },
  { "f32-plain", { &small, "f32", FEW_ACTIVATION_QUICK_GELU, "epilogues", 2 + 4 * 2 + 5, 48352 } },
  { "f32-no-lt", { &small, "f32", FEW_ACTIVATION_QUICK_GELU, "lt", 2 + 4 * 2 + 5, 48352 } },
  { "f16", { &small, "f16", FEW_ACTIVATION_QUICK_GELU, NULL, 2 + 4 + 1 + 1, 27456 } },
  { "f16-tanh", { &small, "f16", FEW_ACTIVATION_TANH_GELU, NULL, 2 + 4 + 1 + 1, 27456 } },
  { "f16-products",
    { &small, "f16", FEW_ACTIVATION_QUICK_GELU, "attention", 2 + 4 + 1 + 5, 32776 } },
  { "f16-volta", { &small, "f16", FEW_ACTIVATION_QUICK_GELU, "tensor cores", 12, 32776 } },
  { "f16-plain",
    { &small, "f16", FEW_ACTIVATION_QUICK_GELU, "epilogues,attention", 2 + 4 * 2 + 5, 42056 } },
  { "tf32", { &small, "tf32", FEW_ACTIVATION_QUICK_GELU, NULL, 2 + 4 + 1 + 5, 39072 } },
  { "bf16", { &small, "bf16", FEW_ACTIVATION_QUICK_GELU, NULL, 2 + 4 + 1 + 1, 27456 } },
  { "real/f32", { &real, "f32", FEW_ACTIVATION_QUICK_GELU, NULL, 12, 2291392 } },
  { "real/f32-plain", { &real, "f32", FEW_ACTIVATION_QUICK_GELU, "epilogues", 15, 2672832 } },
  { "real/f16", { &real, "f16", FEW_ACTIVATION_QUICK_GELU, NULL, 8, 1573376 } },
  { "real/bf16", { &real, "bf16", FEW_ACTIVATION_QUICK_GELU, NULL, 8, 1573376 } },
  { "real/f16-products", { &real, "f16", FEW_ACTIVATION_QUICK_GELU, "attention", 12, 1802576 } },
  { "real/f16-plain",
    { &real, "f16", FEW_ACTIVATION_QUICK_GELU, "epilogues,attention", 15, 2184016 } },
};

int
main (int argc, char **argv)
{
  void *module = dlopen (g_getenv ("FEWSHOT_CUDA_MODULE"), RTLD_NOW);
  if (!module)
    g_error ("%s", dlerror ());
  *(void **) &count_queued = dlsym (module, "fakecuda_queued");
  g_test_init (&argc, &argv, NULL);
  *(void **) &count_moved = dlsym (module, "fakecuda_moved");
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *path = g_strconcat ("/launches/block/", ways[i].name, NULL);
      g_test_add_data_func (path, &ways[i].way, test_block);
    }
  g_test_add_data_func ("/launches/twins/f16", "f16", test_twins);
  g_test_add_data_func ("/launches/twins/bf16", "bf16", test_twins);
  return g_test_run ();
}
