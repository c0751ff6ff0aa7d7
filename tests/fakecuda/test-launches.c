/* SPDX-License-Identifier: MIT */
/* What a block of a tower queues on the GPU, and the bytes that it reads and writes, every access
 * counted: each launch costs a card some microseconds, which is what a batch of one is bound by.
 * The numbers are what they are, and may only fall, but where a card was quicker with others: an
 * H200 is with a product of cuBLAS's and what follows it than with both in a kernel of ours. */
#include "backend/backend.h"
#include "clip/transformer.h"
#include "clip/vit.h"
#include "family.h"
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

/* pictures that go on as one batch */
static const Shape many = { 16, 2, 32, 21, 50 };

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
  FewMatrix *matrix = backend->ops->matrix_new (backend, n, k, FEW_GRADE_FINE, zeroes, &error);
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
  FewMatrix *matrix = ops->matrix_new (backend, WIDTH, WIDTH, FEW_GRADE_FINE, weights, &error);
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

/* ---- towers, as other libraries make them */

typedef struct
{
  const char *path;
  guint launches[2]; /* a block's, in f16 and f32; 0: it is no FewVit */
  guint whole[2];    /* a picture's */
} Tower;

static guint
queued_by_blocks (Family *family, guint layers)
{
  const FewLoaded *loaded = &family->loaded;
  const FewBackendOps *ops = loaded->backend->ops;
  FewTransformer part = ((const FewVit *) loaded->image)->transformer;
  guint tokens = few_vit_tokens (&family->config);
  part.config.layers = layers;
  float *x = make_floats (loaded->backend, (gsize) tokens * few_row_stride (part.config.width));
  float *work = make_floats (loaded->backend, few_transformer_workspace (&part.config, tokens));
  guint before = count_queued ();
  few_transformer_forward (&part, ops, loaded->backend->stream, 1, tokens, FALSE, x, work, "visual",
                           NULL, NULL);
  guint queued = count_queued () - before;
  ops->free (loaded->backend, x);
  ops->free (loaded->backend, work);
  return queued;
}

static void
test_tower (gconstpointer data)
{
  const Tower *tower = data;
  static const char *const precisions[] = { "f16", "f32" };
  g_unsetenv ("FAKECUDA_WITHOUT_LT");
  g_unsetenv ("FAKECUDA_GENERATION");
  g_setenv ("FEWSHOT_CUDA_WITHOUT", "graphs", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (precisions); i++)
    {
      g_autoptr (Family) family = family_open (tower->path, precisions[i]);
      const FewTower *kind = family->loaded.tower;
      gboolean stacked =
          kind == &few_vit_tower || kind == &few_trunk_tower || kind == &few_dino_tower;
      g_autofree float *features = g_new (float, family->config.embed_dim);
      family_encode (family, 1, 1, features);
      guint before = count_queued ();
      family_encode (family, 2, 1, features);
      guint whole = count_queued () - before;
      guint block = stacked ? queued_by_blocks (family, 1) : 0;
      g_test_message ("| %s | %s | %u | %u |", tower->path, precisions[i], block, whole);
      g_assert_cmpuint (block, ==, tower->launches[i]);
      g_assert_cmpuint (whole, ==, tower->whole[i]);
    }
  g_unsetenv ("FEWSHOT_CUDA_WITHOUT");
}

/* Of a picture, one is an event where half of the pinned memory that uploads pass is used up then:
 * which tower that meets depends on how much was loaded before. */
static const Tower towers[] = {
  { "golden/vit", { 8, 12 }, { 33, 44 } },
  { "golden/resnet", { 0, 0 }, { 97, 63 } },
  { "families/clipa-l14", { 8, 12 }, { 17, 20 } },
  { "families/siglip-b16", { 8, 12 }, { 51, 39 } },
  { "families/siglip2-b32", { 12, 11 }, { 55, 37 } },
  { "families/pe-core-b16", { 8, 12 }, { 48, 39 } },
  { "families/dinov2", { 8, 12 }, { 23, 30 } },
  { "families/dinov2-giant", { 12, 14 }, { 31, 34 } },
  { "families/dinov3-vits16", { 8, 12 }, { 23, 30 } },
  { "families/mobileclip2-b", { 8, 12 }, { 27, 28 } },
  { "families/mobileclip2-l14", { 12, 12 }, { 22, 21 } },
  { "families/eva02-b16", { 13, 16 }, { 21, 23 } },
  { "families/eva02-e14", { 20, 16 }, { 28, 23 } },
  { "families/vitamin-s", { 13, 15 }, { 71, 72 } },
  { "families/mobileclip2-s0", { 0, 0 }, { 74, 69 } },
  { "families/mobileclip2-s3", { 0, 0 }, { 66, 71 } },
  { "families/convnext-base", { 0, 0 }, { 45, 41 } },
};

/* Two norms; four products, and what cuBLASLt cannot end them with; attention in one, or heads
 * taken apart, scores, softmax, sums, heads put together. In f16 a kernel of ours activates, in the
 * place of the product, what the next product reads. */
static const struct
{
  const char *name;
  Way way;
} ways[] = {
  { "f32", { &small, "f32", FEW_ACTIVATION_QUICK_GELU, NULL, 2 + 4 + 1 + 5, 36512 } },
  { "f32-tanh", { &small, "f32", FEW_ACTIVATION_TANH_GELU, NULL, 2 + 4 + 5, 32800 } },
  { "f32-plain", { &small, "f32", FEW_ACTIVATION_QUICK_GELU, "epilogues", 2 + 4 * 2 + 5, 45792 } },
  { "f32-no-lt", { &small, "f32", FEW_ACTIVATION_QUICK_GELU, "lt", 2 + 4 * 2 + 5, 45792 } },
  { "f16", { &small, "f16", FEW_ACTIVATION_QUICK_GELU, NULL, 2 + 4 + 1 + 1, 21056 } },
  { "f16-tanh", { &small, "f16", FEW_ACTIVATION_TANH_GELU, NULL, 2 + 4 + 1 + 1, 21056 } },
  { "f16-products",
    { &small, "f16", FEW_ACTIVATION_QUICK_GELU, "attention", 2 + 4 + 1 + 5, 26376 } },
  { "f16-volta", { &small, "f16", FEW_ACTIVATION_QUICK_GELU, "tensor cores", 12, 26376 } },
  { "f16-plain",
    { &small, "f16", FEW_ACTIVATION_QUICK_GELU, "epilogues,attention", 2 + 4 * 2 + 5, 35656 } },
  { "tf32", { &small, "tf32", FEW_ACTIVATION_QUICK_GELU, NULL, 2 + 4 + 1 + 5, 36512 } },
  { "bf16", { &small, "bf16", FEW_ACTIVATION_QUICK_GELU, NULL, 2 + 4 + 1 + 1, 21056 } },
  { "real/f32", { &real, "f32", FEW_ACTIVATION_QUICK_GELU, NULL, 12, 2188992 } },
  { "real/f32-plain", { &real, "f32", FEW_ACTIVATION_QUICK_GELU, "epilogues", 15, 2570432 } },
  { "real/f16", { &real, "f16", FEW_ACTIVATION_QUICK_GELU, NULL, 8, 1214976 } },
  { "real/bf16", { &real, "bf16", FEW_ACTIVATION_QUICK_GELU, NULL, 8, 1214976 } },
  { "real/f16-products", { &real, "f16", FEW_ACTIVATION_QUICK_GELU, "attention", 12, 1444176 } },
  { "many/f16", { &many, "f16", FEW_ACTIVATION_QUICK_GELU, NULL, 8, 1751616 } },
  { "real/f16-plain",
    { &real, "f16", FEW_ACTIVATION_QUICK_GELU, "epilogues,attention", 15, 1825616 } },
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
  for (guint i = 0; i < G_N_ELEMENTS (towers); i++)
    {
      g_autofree char *path = g_strconcat ("/launches/", towers[i].path, NULL);
      g_test_add_data_func (path, &towers[i], test_tower);
    }
  g_test_add_data_func ("/launches/twins/f16", "f16", test_twins);
  g_test_add_data_func ("/launches/twins/bf16", "bf16", test_twins);
  return g_test_run ();
}
