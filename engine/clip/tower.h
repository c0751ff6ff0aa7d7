/* SPDX-License-Identifier: MIT */
/* An image tower as a table: what a family of models does with its config, its weights and its
 * pictures. A new family is a file that exports one of these and a line in towers.c. */
#pragma once
#include "clip/inserted.h"
#include "clip/transformer.h"
#include "onnx/graph.h"
#include <fewshot/model.h>
#include <json-glib/json-glib.h>

/* What open_clip's vision_cfg says to every family, sizes checked. */
typedef struct
{
  JsonObject *object; /* all of it, for what one family alone knows */
  guint image_size, width, head_width;
  double mlp_ratio;
  FewActivation activation;
} FewVisionFields;

/* Whose memory and which stream a pass of a tower uses. */
typedef struct
{
  const FewClipConfig *config;
  FewBackend *backend;
  FewStream *stream;
  FewActivations *activations;
  FewTapFunc tap; /* NULL: none */
  gpointer tap_user;
  const FewInserted *inserted; /* into a stack of blocks; NULL: nothing is */
} FewPass;

/* Queues a pass of b pictures, which are on the device; may be called twice. */
typedef void (*FewPassFunc) (gconstpointer state, const FewPass *pass, guint b, gpointer memory);
/* Runs it at once where the backend can: `memory` is what it is told of the memory that it uses. */
void few_pass_repeat (gconstpointer state, const FewPass *pass, guint b, FewPassFunc func,
                      gpointer memory);

/* What a tower writes its graph with. */
typedef struct
{
  const FewClipConfig *config;
  const FewWeights *weights; /* to ask which there are; a graph reads them when it is saved */
  const FewInserted *inserted; /* as in a pass */
  FewOnnx *onnx;
} FewTowerGraph;

/* A tower that is transformer blocks over tokens, seen by who inserts into it. */
typedef struct
{
  const FewTransformer *transformer;
  guint tokens; /* T of a picture */
  const float *ln_post; /* weight [W] of the norm before `projection` */
  FewMatrix *projection; /* [D, W] */
} FewTowerStack;

struct FewTower
{
  const char *name; /* "ViT", in sentences */

  /* ---- config. Each of the readers fills what is the family's own. */
  gboolean (*claims_open_clip) (JsonObject *vision);
  /* *bad gets a member of the wrong kind; FALSE and an error for what cannot be built */
  gboolean (*read_open_clip) (FewClipConfig *config, const FewVisionFields *vision,
                              const char *path, const char **bad, GError **error);
  /* OpenAI's archives, whose shapes say it all; FALSE, without an error, when they make no tower.
   * Both NULL: the family has none. */
  gboolean (*claims_weights) (const FewWeights *weights);
  gboolean (*read_weights) (FewClipConfig *config, const FewWeights *weights);
  /* What the config leaves to the shapes of the weights; NULL: nothing */
  gboolean (*measure) (FewClipConfig *config, const FewWeights *weights, const char *path,
                       GError **error);
  /* Whatever the source: that the tower can be built, and what follows from its numbers. */
  gboolean (*check_config) (FewClipConfig *config, const char *path, GError **error);
  /* "ViT 32/224, 12 × 768"; free with g_free */
  char *(*describe) (const FewClipConfig *config);

  /* ---- state: never NULL, to be freed even when loader->error is set. What the loader keeps is
   * freed with the loader's lists. */
  gpointer (*load) (const FewClipConfig *config, FewLoader *loader);
  void (*free) (gpointer state);
  /* pixels [B, 3, R, R] host → features [B, D] host, un-normalised */
  gboolean (*forward) (gconstpointer state, const FewPass *pass, guint b, const float *pixels,
                       float *features, GError **error);

  /* `forward` of one picture as an ONNX graph: pixels [1, 3, R, R] → features [1, D]; NULL and an
   * error where there is no memory, or the weights are not what they were */
  const char *(*graph) (const FewTowerGraph *to, const char *pixels, GError **error);

  /* ---- of towers that are a stack of blocks; all or none */
  gboolean (*has_stack) (const FewClipConfig *config); /* whether this one is, as it is built */
  void (*stack) (gconstpointer state, const FewClipConfig *config, FewTowerStack *stack);
  /* pixels as `forward` → tokens [B, T, few_row_stride (W)] host after the first `blocks` blocks;
   * the values behind W mean nothing */
  gboolean (*stack_tokens) (gconstpointer state, const FewPass *pass, guint b, guint blocks,
                            const float *pixels, float *tokens, GError **error);
  /* What follows the blocks: class tokens x [M, W], ld floats apart → features [M, D] device; work
   * [M, W] */
  void (*stack_head) (gconstpointer state, const FewPass *pass, guint m, const float *x, gsize ld,
                      float *work, float *features);

  /* ---- of towers that know what each patch gives to the feature; both or none */
  gboolean (*has_parts) (const FewClipConfig *config); /* whether this one does, as it is built */
  /* pixels of one picture as `forward` → features [1 + P, D] host: the picture's, and for each of
   * its P patches, row by row, the same less what that patch gives to it directly */
  gboolean (*parts) (gconstpointer state, const FewPass *pass, const float *pixels, float *features,
                     GError **error);
};

/* One a file. */
extern const FewTower few_vit_tower, few_resnet_tower, few_trunk_tower, few_convnext_tower,
    few_fastvit_tower, few_dino_tower;
/* Their graphs, a file each: FAMILY-graph.c */
const char *few_vit_graph (const FewTowerGraph *to, const char *pixels, GError **error);
const char *few_resnet_graph (const FewTowerGraph *to, const char *pixels, GError **error);
const char *few_convnext_graph (const FewTowerGraph *to, const char *pixels, GError **error);
const char *few_fastvit_graph (const FewTowerGraph *to, const char *pixels, GError **error);
