/* SPDX-License-Identifier: MIT */
/* The way back through a frozen transformer: gradients of its input, not of its weights. */
#pragma once
#include "clip/transformer.h"

/* Rows of the tokens: `shared` first ones that all sequences begin with (0: none), then `length`
 * of each. */
typedef struct
{
  guint shared, sequences, length;
  gboolean causal; /* must be when shared > 0 */
} FewTapeShape;

typedef struct FewTape FewTape;

/* Blocks `first` … of the transformer, which must outlive the tape. What the way back needs of
 * each block is kept while it fits into keep_bytes; the blocks beyond are computed again on the
 * way back. */
FewTape *few_tape_new (const FewTransformer *transformer, FewBackend *backend, guint first,
                       const FewTapeShape *shape, gsize keep_bytes, GError **error);
void few_tape_free (FewTape *tape);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewTape, few_tape_free)
guint few_tape_rows (const FewTape *tape);
/* Device memory, rows × W, few_row_stride (W) apart: the tokens go in here, … */
float *few_tape_input (FewTape *tape);
/* … come out here, … */
const float *few_tape_forward (FewTape *tape);
/* … and the gradient of what came out, written here, becomes the gradient of what went in. Clear
 * it first. */
float *few_tape_gradient (FewTape *tape);
void few_tape_backward (FewTape *tape);
