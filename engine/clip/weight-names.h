/* SPDX-License-Identifier: MIT */
/* What a tensor is called, whoever wrote the file: wrappers of training, Hugging Face's names. */
#pragma once
#include <glib.h>

/* The name without what training wraps models in: DistributedDataParallel, torch.compile,
 * Lightning, and dicts that hold the weights beside other things. */
const char *few_unwrapped_name (const char *name);
/* One name in the file for a canonical one; `part` is "q", "k" or "v" for a piece of in_proj.
 * *transposed is set for HF's projections. Free
 * with g_free. */
char *few_hugging_face_name (const char *name, const char *part, gboolean *transposed);
