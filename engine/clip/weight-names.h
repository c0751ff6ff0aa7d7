/* SPDX-License-Identifier: MIT */
/* What a tensor is called, whoever wrote the file: wrappers of training, other libraries' names. */
#pragma once
#include <glib.h>

/* transformers' names of DINO's towers */
typedef enum { FEW_DINO_NONE, FEW_DINO_2, FEW_DINO_3 } FewDino;

/* Which libraries' names a file has. */
typedef struct
{
  gboolean hugging_face; /* transformers' CLIP and its kin */
  gboolean text_prefix; /* open_clip's custom_text: the text tower is below "text." */
  gboolean trunk; /* timm's ViT inside open_clip */
  gboolean bare; /* the same as a model of its own */
  gboolean split; /* q, k and v apart, in timm's way */
  gboolean split_bias; /* their biases alone (EVA) */
  gboolean vitamin; /* timm's ViT whose blocks are ViTamin's */
  gboolean two_layers; /* open_clip's projection behind a text tower of transformers */
  gboolean m2m; /* that is NLLB's encoder */
  FewDino dino;
  gboolean facebook; /* bare, as DINOv2's authors have it */
  /* The gated hidden layer of DINOv2 giant, gate and value in one tensor, and the layer behind it;
   * NULL: they are apart, or there is none */
  const char *joined, *behind_joined;
  const char *bert; /* that is a BERT: what its names begin with; NULL: it is another */
} FewNaming;

/* Of a file whose tensors are in the table by their names (FewTensor). */
FewNaming few_naming_find (GHashTable *tensors);

/* A tensor that is several in the file, one below the other. */
typedef struct
{
  char *names[3];
  guint n;
} FewNameParts;

/* The name without what training wraps models in: DistributedDataParallel, torch.compile,
 * Lightning, and dicts that hold the weights beside other things. */
const char *few_unwrapped_name (const char *name);
/* One name in the file for one of OpenAI's or of the engine's own. *transposed is set for Hugging
 * Face's projections. Free with g_free. */
char *few_file_name (const FewNaming *naming, const char *name, gboolean *transposed);
/* The pieces of an in_proj that the file holds apart; FALSE when it is whole there. */
gboolean few_file_parts (const FewNaming *naming, const char *name, FewNameParts *parts);
void few_name_parts_clear (FewNameParts *parts);
/* Whether the file has it as half of a tensor, whose name few_file_name gives: the first, or the
 * *second. */
gboolean few_file_half (const FewNaming *naming, const char *name, gboolean *second);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewNameParts, few_name_parts_clear)
