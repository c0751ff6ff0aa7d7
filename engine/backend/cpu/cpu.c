/* SPDX-License-Identifier: MIT */
/* The CPU's backend: its op table, with the ops that are a loop over a kernel. */
#include "base/error.h"
#include "backend/cpu/attention.h"
#include "backend/cpu/conv.h"
#include "backend/cpu/depthwise.h"
#include "backend/cpu/elements.h"
#include "backend/cpu/levels.h"
#include "backend/cpu/matmul.h"
#include "backend/cpu/passed.h"
#include "backend/cpu/stream.h"
#include "backend/lanes.h"
#include <string.h>

enum { LANE_PICTURES = 8 };

typedef struct
{
  FewBackend base;
  FewPool *pool;
  FewPanels *panels;
} CpuBackend;

static void
cpu_upload (FewStream *stream G_GNUC_UNUSED, float *to, const float *from_host, gsize n)
{
  if (n > 0)
    memcpy (to, from_host, n * sizeof (float));
}

static void
cpu_download (FewStream *stream G_GNUC_UNUSED, float *to_host, const float *from, gsize n)
{
  if (n > 0) /* nothing may be NULL */
    memcpy (to_host, from, n * sizeof (float));
}

static gboolean
cpu_check (FewStream *stream, GError **error)
{
  if (!g_atomic_int_compare_and_exchange (&stream->short_of_memory, 1, 0))
    return TRUE;
  few_fail (error, MEMORY, "There is not enough memory to compute with this model.");
  return FALSE;
}

static void
cpu_clear (FewStream *stream G_GNUC_UNUSED, float *memory, gsize n)
{
  memset (memory, 0, n * sizeof (float));
}

/* ---- the small ops, split by rows where there are enough of them to be worth waking a thread */

typedef struct
{
  FewStream *stream;
  guint rows; /* rows a piece */
  guint m, h, w, c, side;
  const float *x, *gamma, *beta, *dy;
  gsize ldx, ldy, ld_dy;
  float epsilon;
  float *y;
  FewPassed *to; /* gets them instead of y; or NULL */
} Rows;

static void
run_rows (FewStream *stream, Rows *r, guint row_floats, FewPoolFunc func)
{
  r->stream = stream;
  r->rows = few_stream_rows (stream, r->m, row_floats);
  few_stream_run (stream, (r->m + r->rows - 1) / r->rows, func, r);
}

static void
average_pool_rows (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Rows *r = user;
  guint out_w = r->w / r->side;
  guint c = r->c;
  guint side = r->side;
  guint out_h = r->h / side;
  float scale = 1.0f / (float) (side * side);
  for (guint row = index * r->rows; row < MIN ((index + 1) * r->rows, r->m); row++)
    for (guint ox = 0; ox < out_w; ox++)
      {
        const float *from =
            r->x + (((gsize) (row / out_h) * r->h + row % out_h * side) * r->w + ox * side) * c;
        float *y = r->y + ((gsize) row * out_w + ox) * c;
        memcpy (y, from, c * sizeof (float));
        for (guint k = 1; k < side * side; k++)
          {
            const float *next = from + ((gsize) (k / side) * r->w + k % side) * c;
            for (guint i = 0; i < c; i++)
              y[i] += next[i];
          }
        for (guint i = 0; i < c; i++)
          y[i] *= scale;
      }
}

static void
cpu_average_pool (FewStream *stream, guint b, guint h, guint w, guint c, guint side, const float *x,
                  float *y)
{
  Rows r = { .m = b * (h / side), .h = h, .w = w, .c = c, .side = side, .x = x, .y = y };
  run_rows (stream, &r, side * w * c, average_pool_rows);
}

static void
layer_norm_rows (gpointer user, guint index, guint thread)
{
  const Rows *r = user;
  float *own = r->to ? few_scratch_get (r->stream, &r->stream->scratch[thread], r->w) : NULL;
  if (r->to && !own)
    return;
  for (guint i = index * r->rows; i < MIN ((index + 1) * r->rows, r->m); i++)
    {
      float *y = own ? own : r->y + i * r->ldy;
      r->stream->kernels->layer_norm (r->w, r->x + i * r->ldx, r->gamma, r->beta, r->epsilon, y);
      if (own)
        few_passed_put (r->stream, r->to, i, 0, r->w, own);
    }
}

static void
cpu_layer_norm (FewStream *stream, guint m, guint w, const float *x, gsize ldx, const float *gamma,
                const float *beta, float epsilon, float *y, gsize ldy)
{
  Rows r = { .m = m,
             .w = w,
             .x = x,
             .ldx = ldx,
             .gamma = gamma,
             .beta = beta,
             .epsilon = epsilon,
             .y = y,
             .ldy = ldy,
             .to = few_passed_begin (stream, m, w, y, w) };
  run_rows (stream, &r, w, layer_norm_rows);
}

static void
cpu_patchify (FewStream *stream G_GNUC_UNUSED, guint b, guint side, guint patch,
              const float *pixels, float *patches)
{
  guint grid = side / patch;
  for (guint picture = 0; picture < b; picture++)
    for (guint gy = 0; gy < grid; gy++)
      for (guint gx = 0; gx < grid; gx++)
        for (guint c = 0; c < 3; c++)
          for (guint y = 0; y < patch; y++, patches += patch)
            memcpy (patches,
                    pixels + (((gsize) picture * 3 + c) * side + gy * patch + y) * side
                        + gx * patch,
                    patch * sizeof (float));
}

static void
cpu_to_nhwc (FewStream *stream G_GNUC_UNUSED, guint b, guint side, const float *pixels, float *out)
{
  gsize plane = (gsize) side * side;
  for (guint picture = 0; picture < b; picture++, pixels += 3 * plane)
    for (gsize i = 0; i < plane; i++, out += 3)
      {
        out[0] = pixels[i];
        out[1] = pixels[plane + i];
        out[2] = pixels[2 * plane + i];
      }
}

static void
cpu_assemble_tokens (FewStream *stream G_GNUC_UNUSED, guint b, guint t, guint w, const float *first,
                     const float *tokens, gsize ld_tokens, const float *positions, float *x,
                     gsize ldx)
{
  for (guint picture = 0; picture < b; picture++)
    {
      const float *from = tokens + (gsize) picture * (t - 1) * ld_tokens;
      float *to = x + (gsize) picture * t * ldx;
      if (first)
        memcpy (to, first, w * sizeof (float));
      else
        {
          memset (to, 0, w * sizeof (float));
          for (guint j = 0; j + 1 < t; j++)
            for (guint i = 0; i < w; i++)
              to[i] += from[j * ld_tokens + i];
          for (guint i = 0; i < w; i++)
            to[i] /= (float) (t - 1);
        }
      for (guint i = 0; i < w; i++)
        to[i] += positions[i];
      for (guint j = 1; j < t; j++)
        for (guint i = 0; i < w; i++)
          to[j * ldx + i] = from[(j - 1) * ld_tokens + i] + positions[(gsize) j * w + i];
    }
}

static void
cpu_embed_tokens (FewStream *stream G_GNUC_UNUSED, guint b, guint t, guint w,
                  const gint32 *ids_host, const float *table, const float *positions, float *x,
                  gsize ldx)
{
  for (guint row = 0; row < b * t; row++)
    for (guint i = 0; i < w; i++)
      x[row * ldx + i] =
          table[(gsize) ids_host[row] * w + i] + positions[(gsize) (row % t) * w + i];
}

static void
cpu_gather_rows (FewStream *stream G_GNUC_UNUSED, guint m, guint w, const guint32 *rows_host,
                 const float *x, gsize ldx, float *y)
{
  for (guint i = 0; i < m; i++)
    memcpy (y + (gsize) i * w, x + rows_host[i] * ldx, w * sizeof (float));
}

static void
cpu_relu (FewStream *stream, gsize n, float *x)
{
  stream->kernels->relu (n, x);
}

static void
cpu_relu_backward (FewStream *stream, gsize n, const float *output, float *gradient)
{
  stream->kernels->relu_backward (n, output, gradient);
}

static void
cpu_blend_normalise (FewStream *stream, guint m, guint d, float alpha, const float *a,
                     const float *f, float *y, float *inverse_norm)
{
  for (guint i = 0; i < m; i++)
    stream->kernels->blend_normalise (d, alpha, a + (gsize) i * d, f + (gsize) i * d,
                                      y + (gsize) i * d, inverse_norm + i);
}

static void
cpu_blend_normalise_backward (FewStream *stream, guint m, guint d, float alpha, const float *y,
                              const float *inverse_norm, const float *dy, float *da)
{
  for (guint i = 0; i < m; i++)
    stream->kernels->blend_normalise_backward (d, alpha, y + (gsize) i * d, inverse_norm[i],
                                               dy + (gsize) i * d, da + (gsize) i * d);
}

static void
cpu_softmax_cross_entropy (FewStream *stream, guint m, guint k, const guint32 *labels_host,
                           float *logits, float *loss, float *correct)
{
  for (guint i = 0; i < m; i++)
    stream->kernels->cross_entropy (k, labels_host[i], 1.0f / (float) m, logits + (gsize) i * k,
                                    loss + i, correct + i);
}

static void
cpu_row_dots (FewStream *stream, guint m, guint d, const float *x, const float *y, float *out)
{
  for (guint i = 0; i < m; i++)
    out[i] = stream->kernels->dot (d, x + (gsize) i * d, y + (gsize) i * d);
}

/* ---- the way back */

static void
layer_norm_backward_rows (gpointer user, guint index, guint thread G_GNUC_UNUSED)
{
  const Rows *r = user;
  for (guint i = index * r->rows; i < MIN ((index + 1) * r->rows, r->m); i++)
    r->stream->kernels->layer_norm_backward (r->w, r->x + i * r->ldx, r->gamma, r->epsilon,
                                             r->dy + i * r->ld_dy, r->y + i * r->ldy);
}

static void
cpu_layer_norm_backward (FewStream *stream, guint m, guint w, const float *x, gsize ldx,
                         const float *gamma, float epsilon, const float *dy, gsize ld_dy, float *dx,
                         gsize ld_dx)
{
  Rows r = { .m = m,
             .w = w,
             .x = x,
             .ldx = ldx,
             .gamma = gamma,
             .epsilon = epsilon,
             .dy = dy,
             .ld_dy = ld_dy,
             .y = dx,
             .ldy = ld_dx };
  run_rows (stream, &r, w, layer_norm_backward_rows);
}

/* What is queued here is done. */
static void
cpu_repeat (FewStream *stream G_GNUC_UNUSED, gconstpointer of G_GNUC_UNUSED, guint n G_GNUC_UNUSED,
            FewRepeated func, gpointer user)
{
  func (user);
}

static const FewBackendOps cpu_ops = {
  .alloc = few_cpu_alloc,
  .free = few_cpu_free,
  .upload = cpu_upload,
  .download = cpu_download,
  .clear = cpu_clear,
  .host_alloc = few_cpu_host_alloc,
  .host_free = few_cpu_host_free,
  .check = cpu_check,
  .matrix_new = few_cpu_matrix_new,
  .conv_new = few_cpu_conv_new,
  .matrix_transposed = few_cpu_matrix_transposed,
  .matrix_free = few_cpu_matrix_free,
  .repeat = cpu_repeat,
  .pass_on = few_cpu_pass_on,
  .linear = few_cpu_linear,
  .grouped_linear = few_cpu_grouped_linear,
  .conv = few_cpu_conv,
  .depthwise_conv = few_cpu_depthwise_conv,
  .gate_channels = few_cpu_gate_channels,
  .average_pool = cpu_average_pool,
  .layer_norm = cpu_layer_norm,
  .attention = few_cpu_attention,
  .patchify = cpu_patchify,
  .to_nhwc = cpu_to_nhwc,
  .assemble_tokens = cpu_assemble_tokens,
  .embed_tokens = cpu_embed_tokens,
  .pool_attention = few_cpu_pool_attention,
  .gather_rows = cpu_gather_rows,
  .gemm = few_cpu_gemm,
  .relu = cpu_relu,
  .relu_backward = cpu_relu_backward,
  .blend_normalise = cpu_blend_normalise,
  .blend_normalise_backward = cpu_blend_normalise_backward,
  .row_dots = cpu_row_dots,
  .softmax_cross_entropy = cpu_softmax_cross_entropy,
  .adam = few_cpu_adam,
  .sgd = few_cpu_sgd,
  .shared_attention = few_cpu_shared_attention,
  .shared_attention_backward = few_cpu_shared_attention_backward,
  .activate = few_cpu_activate,
  .activation_backward = few_cpu_activation_backward,
  .layer_norm_backward = cpu_layer_norm_backward,
  .scatter_add_rows = few_cpu_scatter_add_rows,
  .affinity = few_cpu_affinity,
  .multiply = few_cpu_multiply,
  .add_scaled_rows = few_cpu_add_scaled_rows,
};

static void
cpu_run_lanes (FewBackend *backend, guint n,
               void (*func) (gpointer user, guint i, guint lane, FewStream *stream), gpointer user)
{
  few_run_lanes (((CpuBackend *) backend)->pool, backend, n, func, user);
}

static void
cpu_destroy (FewBackend *base)
{
  CpuBackend *backend = (CpuBackend *) base;
  for (guint i = 0; i < base->lanes; i++)
    few_stream_free (base->lane_streams[i]);
  few_stream_free (base->stream);
  few_panels_free (backend->panels);
  few_pool_free (backend->pool);
  g_free (base->lane_streams);
  g_free (base->description);
  g_free (backend);
}

static char *
describe_level (guint threads, const FewLevel *level)
{
  static const char *const known[][2] = {
    { "bf16-amx", "AMX bfloat16" },
    { "bf16-avx512", "AVX-512 bfloat16" },
    { "v4", "AVX-512" },
    { "v3", "AVX2" },
    { "v2", "SSE4" },
    { "amx", "AMX" },
    { "vnni", "AVX-512 VNNI" },
    { "avxvnni", "AVX2 VNNI" },
  };
  const char *instructions = level->quads ? level->quads->name : level->kernels->name;
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (instructions, known[i][0]))
      {
        instructions = known[i][1];
        break;
      }
  return g_strdup_printf ("CPU, %u × %s%s", threads, instructions, level->quads ? ", 8 bits" : "");
}

/* Beside bytes there are products in bfloat16 where the processor has it, and AMX takes some
 * convolutions in it that are Winograd's in f32 elsewhere. */
static const char *
name_rounding (const FewLevel *level)
{
  gboolean amx = level->kernels->pairs_beat_winograd;
  if (!level->kernels->pairs.run)
    return level->quads ? "-int8" : "";
  if (level->quads)
    return amx ? "-int8-amx" : "-int8-bf16";
  return amx ? "-bf16-amx" : "-bf16-avx512";
}

FewBackend *
few_backend_cpu_new (guint threads, const char *level, GError **error)
{
  FewLevel chosen;
  if (!few_level_choose (level, &chosen))
    {
      few_fail (error, DEVICE, "This processor does not run the instruction-set level “%s”.",
                level);
      return NULL;
    }
  CpuBackend *backend = g_new0 (CpuBackend, 1);
  FewBackend *base = &backend->base;
  backend->pool = few_pool_new (threads);
  base->ops = &cpu_ops;
  base->name = "cpu";
  base->precision = chosen.kernels->pairs.run ? "bf16" : "f32";
  if (chosen.quads)
    base->precision = "int8";
  base->rounding = name_rounding (&chosen);
  base->lanes = few_pool_threads (backend->pool);
  base->batch = LANE_PICTURES;
  base->description = describe_level (base->lanes, &chosen);
  base->stream = few_stream_new (&chosen, backend->pool);
  backend->panels = few_panels_new ();
  base->stream->panels = backend->panels;
  base->lane_streams = g_new (FewStream *, base->lanes);
  for (guint i = 0; i < base->lanes; i++)
    base->lane_streams[i] = few_stream_new (&chosen, NULL);
  base->run_lanes = cpu_run_lanes;
  base->destroy = cpu_destroy;
  return base;
}
