/* SPDX-License-Identifier: MIT */
/* The numbers that a CLIP model is built from, their limits and the checks that every source of
 * them shares. */
#pragma once
#include "backend/backend.h"
#include <fewshot/picture.h>

enum {
  FEW_RESNET_STAGES = 4,
  FEW_MOST_STAGES = 5,
  FEW_MAX_IMAGE_SIZE = 1024,
  FEW_MAX_WIDTH = 8192,
  FEW_MAX_LAYERS = 128,
  FEW_MAX_TOKENS = 8192,
  FEW_MAX_CONTEXT = 1024, /* tokens of a text */
  FEW_MAX_HEAD_WIDTH = 1024,
  FEW_MAX_HEADS = 256,
  FEW_MAX_VOCABULARY = 1 << 20
};

/* Where the norms of a block's two branches f stand. */
typedef enum {
  FEW_NORM_FIRST, /* x += f (norm x) */
  FEW_NORM_BRANCH, /* x += norm (f x) */
  FEW_NORM_LAST, /* x = norm (x + f x) */
} FewNormPlace;

typedef struct
{
  guint width, layers, heads, head_width, mlp_width;
  FewActivation activation;
  float ln_epsilon;
  /* what not all blocks have */
  gboolean layer_scale;            /* gains of both branches, folded into their last matrix */
  gboolean gated;                  /* the hidden layer is act (gate x) · (fc x) */
  gboolean attention_norm, mlp_norm; /* before the branches' last matrix */
  gboolean hidden_norm;              /* before the hidden layer, behind the branch's own norm */
  FewNormPlace norms;
  /* Rotary positions of the patches, which lie on a grid this many steps wide; 0: none. The first
   * patch is at rope_offset; y turns the first half of a head where rope_y_first, x otherwise. */
  guint rope_steps;
  gint rope_offset;
  gboolean rope_y_first;
  double
      rope_theta; /* DINOv3's: coordinates from −1 to 1 are turns, of bands of this base; 0: not */
} FewTransformerConfig;

/* From the tower's width to the features'. */
typedef enum {
  FEW_PROJECTION_PARAMETER, /* x · parameter [W, D] */
  FEW_PROJECTION_LINEAR, /* a layer [D, W], with bias */
  FEW_PROJECTION_BARE, /* a layer without */
  FEW_PROJECTION_NONE,
  FEW_PROJECTION_MLP, /* of texts: two bare layers, GELU between them */
} FewProjection;

typedef enum {
  FEW_CLASS_FIRST, /* a class token, with a position of its own */
  FEW_CLASS_UNPLACED, /* one without */
  FEW_CLASS_NONE,
} FewClassToken;

typedef enum {
  FEW_POOL_CLASS, /* the class token */
  FEW_POOL_MEAN, /* the mean of the patches, before the last norm */
  FEW_POOL_MAP, /* what a learned query finds in all tokens, and an MLP */
} FewVisionPool;

/* What pictures become patches by. */
typedef enum {
  FEW_STEM_PATCH, /* one convolution */
  FEW_STEM_CONVS, /* three (MobileCLIP B) */
  FEW_STEM_STAGES, /* two stages of convolutions (ViTamin) */
} FewVitStem;

/* How a ViT differs from CLIP's own, which is all zeroes. */
typedef struct
{
  FewClassToken class_token;
  FewVisionPool pool;
  FewProjection projection;
  guint map_heads, map_mlp_width;
  FewVitStem stem;
  gboolean patch_bias, no_ln_pre, no_positions;
  guint registers; /* tokens between the class token and the patches, without positions */
  /* The side of the grid that positions were learned on, where pictures have another: they are
   * resampled as PyTorch does, with its antialiasing or without; 0: pictures have the same */
  guint learned_grid;
  gboolean antialias;
  gboolean stretched; /* as if pictures had a tenth of a patch more (facebook's DINOv2) */
} FewVitStyle;

/* Where in a text its feature is read. */
typedef enum {
  FEW_TEXT_LARGEST, /* the first of the largest id: CLIP's end token */
  FEW_TEXT_LAST, /* the end of the context, whatever stands there */
  FEW_TEXT_FIRST_END, /* the first of the id `end_id` */
  FEW_TEXT_FIRST, /* the first token */
  FEW_TEXT_MEAN, /* the mean of all */
} FewTextPool;

/* Which tower texts go through. All but the first see all of a text and nothing that fills a
 * context, so that texts run beside those of their own length. */
typedef enum {
  FEW_TEXT_CLIP,
  FEW_TEXT_BERT, /* a norm of the embedded tokens and none at the end */
  FEW_TEXT_M2M, /* NLLB's encoder: tokens times √W, positions are waves */
} FewTextKind;

typedef struct
{
  FewTextKind kind;
  gboolean sees_all; /* no causal mask: texts run at the full context */
  FewTextPool pool;
  guint end_id;
  FewProjection projection;
  guint hidden_width; /* of FEW_PROJECTION_MLP */
  guint first_position; /* the row of the table that a text's first token gets */
} FewTextStyle;

typedef struct FewTower FewTower;

typedef struct
{
  guint embed_dim;
  const FewTower *tower; /* whose numbers follow; the others' are 0 */
  guint image_size;
  /* ViT */
  guint patch_size;
  FewTransformerConfig vision;
  FewVitStyle vit;
  /* ModifiedResNet */
  guint resnet_layers[FEW_RESNET_STAGES], resnet_width, resnet_heads;
  /* ConvNeXt, FastViT and ViTamin's stem: as many stages as have a depth */
  guint stage_depths[FEW_MOST_STAGES], stage_widths[FEW_MOST_STAGES];
  guint head_width; /* of the hidden layer before the features; 0: none */
  /* text; context_length 0: the model reads none, and nothing below but the preprocessing counts */
  guint context_length, vocab_size;
  FewTransformerConfig text;
  FewTextStyle text_style;
  FewPreprocess preprocess;
} FewClipConfig;

extern const FewPreprocess few_clip_preprocess; /* OpenAI's mean and deviation; size 0 */

/* Errors name `path` as the source and `what` as the number. */
gboolean few_clip_in_range (gint64 value, gint64 least, gint64 most, const char *what,
                            const char *path, GError **error);
/* Fills head_width; `which` is "text" or "vision". */
gboolean few_clip_check_transformer (FewTransformerConfig *transformer, const char *which,
                                     const char *path, GError **error);
