/* SPDX-License-Identifier: MIT */
/* Blocks there and back: what the way back needs is kept, or computed again. */
#include "clip/tape.h"

/* A block: x → q, k, v → x + out_proj (attention) = middle → hidden = c_fc (ln_2 middle) →
 * middle + c_proj (act hidden). The way back needs x, q k v, middle and hidden; the weights are
 * frozen, so that what they multiplied is not needed. */
typedef struct
{
  float *qkv, *middle, *hidden;
} Kept;

struct FewTape
{
  const FewTransformer *transformer;
  FewBackend *backend;
  FewTapeShape shape;
  guint first, layers, rows;
  gsize ld, ld_qkv, ld_mlp;
  float *memory;
  float **x;  /* [layers + 1] inputs of the blocks, and the output */
  Kept *kept; /* [layers]; those that are computed again share one */
  guint again; /* blocks before this one are */
  float *y, *gradient, *narrow, *wide;
  FewMatrix **in_proj, **out_proj, **c_fc, **c_proj; /* transposed */
};

static gboolean
transpose_weights (FewTape *tape, GError **error)
{
  const FewBackendOps *ops = tape->backend->ops;
  for (guint i = 0; i < tape->layers; i++)
    {
      const FewBlock *k = &tape->transformer->blocks[tape->first + i];
      if (!(tape->in_proj[i] = ops->matrix_transposed (tape->backend, k->in_proj, error))
          || !(tape->out_proj[i] = ops->matrix_transposed (tape->backend, k->out_proj, error))
          || !(tape->c_fc[i] = ops->matrix_transposed (tape->backend, k->c_fc, error))
          || !(tape->c_proj[i] = ops->matrix_transposed (tape->backend, k->c_proj, error)))
        return FALSE;
    }
  return TRUE;
}

FewTape *
few_tape_new (const FewTransformer *transformer, FewBackend *backend, guint first,
              const FewTapeShape *shape, gsize keep_bytes, GError **error)
{
  const FewTransformerConfig *c = &transformer->config;
  g_autoptr (FewTape) tape = g_new0 (FewTape, 1);
  tape->transformer = transformer;
  tape->backend = backend;
  tape->shape = *shape;
  tape->first = first;
  tape->layers = c->layers - first;
  tape->rows = shape->shared + shape->sequences * shape->length;
  tape->ld = few_row_stride (c->width);
  tape->ld_qkv = few_row_stride (3 * (gsize) c->width);
  tape->ld_mlp = few_row_stride (c->mlp_width);
  gsize rows = tape->rows;
  gsize n = rows * tape->ld;
  gsize n_qkv = rows * tape->ld_qkv;
  gsize n_mlp = rows * tape->ld_mlp;
  gsize n_kept = n_qkv + n + n_mlp;
  guint fit = (guint) MIN (keep_bytes / (n_kept * sizeof (float)), tape->layers);
  tape->again = tape->layers - fit;
  guint slots = fit + (tape->again > 0);
  gsize n_wide = MAX (n_qkv, n_mlp);
  tape->x = g_new0 (float *, tape->layers + 1);
  tape->kept = g_new0 (Kept, tape->layers + 1);
  tape->in_proj = g_new0 (FewMatrix *, tape->layers + 1);
  tape->out_proj = g_new0 (FewMatrix *, tape->layers + 1);
  tape->c_fc = g_new0 (FewMatrix *, tape->layers + 1);
  tape->c_proj = g_new0 (FewMatrix *, tape->layers + 1);
  tape->memory =
      backend->ops->alloc (backend, (tape->layers + 4) * n + n_wide + slots * n_kept, error);
  if (!tape->memory || !transpose_weights (tape, error))
    return NULL;
  float *at = tape->memory;
  for (guint i = 0; i <= tape->layers; i++, at += n)
    tape->x[i] = at;
  tape->y = at;
  tape->gradient = at + n;
  tape->narrow = at + 2 * n;
  tape->wide = at + 3 * n;
  at = tape->wide + n_wide;
  for (guint i = 0; i < tape->layers; i++)
    {
      tape->kept[i] = (Kept) { at, at + n_qkv, at + n_qkv + n };
      if (i + 1 >= tape->again)
        at += n_kept;
    }
  return g_steal_pointer (&tape);
}

void
few_tape_free (FewTape *tape)
{
  const FewBackendOps *ops = tape->backend->ops;
  FewMatrix **lists[] = { tape->in_proj, tape->out_proj, tape->c_fc, tape->c_proj };
  for (guint l = 0; l < G_N_ELEMENTS (lists); l++)
    {
      for (guint i = 0; i < tape->layers && lists[l][i]; i++)
        ops->matrix_free (tape->backend, lists[l][i]);
      g_free (lists[l]);
    }
  if (tape->memory)
    ops->free (tape->backend, tape->memory);
  g_free (tape->x);
  g_free (tape->kept);
  g_free (tape);
}

guint
few_tape_rows (const FewTape *tape)
{
  return tape->rows;
}

float *
few_tape_input (FewTape *tape)
{
  return tape->x[0];
}

float *
few_tape_gradient (FewTape *tape)
{
  return tape->gradient;
}

/* Fills kept [i], and x [i + 1] when it is wanted. */
static void
block_forward (FewTape *tape, guint i, gboolean wanted)
{
  const FewBackendOps *ops = tape->backend->ops;
  FewStream *s = tape->backend->stream;
  const FewTransformerConfig *c = &tape->transformer->config;
  const FewBlock *k = &tape->transformer->blocks[tape->first + i];
  const FewTapeShape *shape = &tape->shape;
  Kept *kept = &tape->kept[i];
  guint m = tape->rows;
  guint w = c->width;
  gsize ld = tape->ld;
  ops->layer_norm (s, m, w, tape->x[i], ld, k->ln_1_weight, k->ln_1_bias, c->ln_epsilon, tape->y,
                   ld);
  ops->linear (s, m, tape->y, ld, k->in_proj, k->in_proj_bias, FEW_ACTIVATION_NONE, NULL, 0,
               kept->qkv, tape->ld_qkv);
  if (shape->shared > 0)
    ops->shared_attention (s, shape->shared, shape->sequences, shape->length, c->heads,
                           c->head_width, kept->qkv, tape->ld_qkv, tape->y, ld);
  else
    ops->attention (s, shape->sequences, shape->length, c->heads, c->head_width, shape->causal,
                    NULL, kept->qkv, tape->ld_qkv, tape->y, ld);
  ops->linear (s, m, tape->y, ld, k->out_proj, k->out_proj_bias, FEW_ACTIVATION_NONE, tape->x[i],
               ld, kept->middle, ld);
  ops->layer_norm (s, m, w, kept->middle, ld, k->ln_2_weight, k->ln_2_bias, c->ln_epsilon, tape->y,
                   ld);
  ops->linear (s, m, tape->y, ld, k->c_fc, k->c_fc_bias, FEW_ACTIVATION_NONE, NULL, 0, kept->hidden,
               tape->ld_mlp);
  if (!wanted)
    return;
  ops->activate (s, m * tape->ld_mlp, c->activation, kept->hidden, tape->wide);
  ops->linear (s, m, tape->wide, tape->ld_mlp, k->c_proj, k->c_proj_bias, FEW_ACTIVATION_NONE,
               kept->middle, ld, tape->x[i + 1], ld);
}

const float *
few_tape_forward (FewTape *tape)
{
  for (guint i = 0; i < tape->layers; i++)
    block_forward (tape, i, TRUE);
  return tape->x[tape->layers];
}

static void
block_backward (FewTape *tape, guint i)
{
  const FewBackendOps *ops = tape->backend->ops;
  FewStream *s = tape->backend->stream;
  const FewTransformerConfig *c = &tape->transformer->config;
  const FewBlock *k = &tape->transformer->blocks[tape->first + i];
  const FewTapeShape *shape = &tape->shape;
  const Kept *kept = &tape->kept[i];
  guint m = tape->rows;
  guint w = c->width;
  gsize ld = tape->ld;
  float *dx = tape->gradient;
  ops->linear (s, m, dx, ld, tape->c_proj[i], NULL, FEW_ACTIVATION_NONE, NULL, 0, tape->wide,
               tape->ld_mlp);
  ops->activation_backward (s, m * tape->ld_mlp, c->activation, kept->hidden, tape->wide);
  ops->linear (s, m, tape->wide, tape->ld_mlp, tape->c_fc[i], NULL, FEW_ACTIVATION_NONE, NULL, 0,
               tape->y, ld);
  ops->layer_norm_backward (s, m, w, kept->middle, ld, k->ln_2_weight, c->ln_epsilon, tape->y, ld,
                            dx, ld);
  ops->linear (s, m, dx, ld, tape->out_proj[i], NULL, FEW_ACTIVATION_NONE, NULL, 0, tape->narrow,
               ld);
  ops->shared_attention_backward (s, shape->shared, shape->sequences, shape->length, c->heads,
                                  c->head_width, shape->causal, kept->qkv, tape->ld_qkv,
                                  tape->narrow, ld, tape->wide, tape->ld_qkv);
  ops->linear (s, m, tape->wide, tape->ld_qkv, tape->in_proj[i], NULL, FEW_ACTIVATION_NONE, NULL, 0,
               tape->y, ld);
  ops->layer_norm_backward (s, m, w, tape->x[i], ld, k->ln_1_weight, c->ln_epsilon, tape->y, ld, dx,
                            ld);
}

void
few_tape_backward (FewTape *tape)
{
  for (guint i = tape->layers; i-- > 0;)
    {
      if (i + 1 < tape->again) /* the last of them is still in the slot that they share */
        block_forward (tape, i, FALSE);
      block_backward (tape, i);
    }
}
