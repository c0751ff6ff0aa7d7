/* SPDX-License-Identifier: MIT */
/* Models: a folder or a weights file to an open CLIP model, or to one of pictures alone. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/picture.h>

G_BEGIN_DECLS

typedef struct FewModel FewModel;

/* Opens a folder of open_clip_config.json or config.json, weights (*.safetensors, shards with
 * their index, or a PyTorch archive) and tokenizer files; or one weights file beside them.
 * OpenAI's own archives need no config. device: NULL or "auto" for a GPU that passes its check,
 * and otherwise the CPU; "cpu"; "cpu:bf16" multiplies in bfloat16 (up to twice as fast; features
 * near f32's, and cached apart from them); "cpu:int8" multiplies most matrices of ViT and ResNet
 * towers in bytes, on any processor (texts are f32's; cached apart, too); "cpu:fast"
 * is bf16 where the processor has it, and otherwise int8; "cuda:0" multiplies f16 inputs and sums
 * in f32, "cuda:0:f32" is exact, "cuda:0:tf32" and "cuda:0:bf16" are what tensor cores do from
 * compute capability 8.0 on (each cached apart); "auto:" with one of these is a GPU's or, where
 * there is none, the CPU's bf16 or f32; "auto:fast" and "auto:int8" are f16 on a GPU or the fast
 * ways of the CPU; ",threads=N" behind
 * any of them limits the threads. A level of instructions behind "cpu:" ("v3" is AVX2, "v4"
 * AVX-512, "bf16-avx512" without AMX) rounds as processors of that level do. A GPU that fails or
 * has too little memory later on is left: weights are loaded again on the CPU, for "auto:int8" and
 * "auto:fast" in that way, and what failed is done there. few_model_take_notice says so. The text
 * tower is loaded with the first text: who has pictures alone waits for half of a model. */
FEW_API FewModel *few_model_open (const char *path, const char *device, GCancellable *cancellable,
                                  GError **error);
/* What few_model_info says of the model there, without loading it: weights that were opened before
 * and have not changed are not read again. Free both with g_free. Any thread. */
FEW_API gboolean few_model_identify (const char *path, char **sha256, char **fingerprint,
                                     GCancellable *cancellable, GError **error);
/* A sentence, once: why the CPU is used instead of a GPU that is there, from the beginning or
 * from now on. NULL when there is nothing to say. Free with g_free. */
FEW_API char *few_model_take_notice (FewModel *model);
/* Something done with a model that may be done again from the beginning. */
typedef gboolean (*FewModelFunc) (FewModel *model, gpointer user, GError **error);
/* Runs func. When it fails because the GPU failed or had too little memory, the model goes on on
 * the CPU, the error becomes its notice, and func runs once more; FALSE with the error when that
 * fails, too, when the CPU cannot, or when it failed in another way. For who steps a trainer; all
 * of the library's own functions do so inside. What was made for the GPU stays valid until the
 * model is freed, and stays failed. */
FEW_API gboolean few_model_retry (FewModel *model, FewModelFunc func, gpointer user,
                                  GError **error);
FEW_API FewModel *few_model_ref (FewModel *model);
FEW_API void few_model_unref (FewModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewModel, few_model_unref)

typedef struct
{
  const char *folder, *name;         /* name: the folder's last part */
  /* "ViT 32/224, 12 × 768", "ModifiedResNet 3-4-6-3, width 64, 224 px" */
  const char *architecture;
  const char *sha256;                /* of the weights, 64 hex digits */
  /* the same of all that features depend on but the device's precision: weights, every setting of
   * config and preprocessing, the tokenizer */
  const char *fingerprint;
  const char *device; /* "CPU, 2 × AVX-512" */
  const char *precision; /* "f32", "tf32", "bf16", "int8" or "f16" */
  guint dim, context_length, vocab_size;
  /* FALSE: the model knows pictures alone (DINO): context_length is 0, texts cannot be encoded, and
   * the text features of classes are zeroes, which no method counts as an answer */
  gboolean reads_texts;
  gboolean tells_parts; /* what each patch of a picture gives: FEW_HEAT_PARTS */
  guint64 parameters;
  double logit_scale; /* exp of the stored logarithm */
  /* Trained for each class alone (SigLIP): σ (logit_scale · cosine + logit_bias) is a probability
   * that does not depend on the other classes. */
  gboolean independent;
  double logit_bias; /* 0 where not independent */
  FewPreprocess preprocess;
  /* Scripts that the vocabulary has words of: bit s % 32 of element s / 32 for GUnicodeScript s */
  guint32 scripts[8];
} FewModelInfo;

/* Whether the model reads texts, and can have learned what `text` says, as far as its letters tell:
 * Latin, or a script that its vocabulary has words of. An English model has seen hardly a word of
 * another script. Any thread. */
FEW_API gboolean few_model_reads (const FewModelInfo *info, const char *text);
/* Whether the letters of `text`, which the model reads, are as English writes them, or its
 * vocabulary has words of other scripts, too: one that learned from texts of many languages. FALSE
 * is a hint and no more: “café” is English, and many words of other languages have no such letter.
 * Any thread. */
FEW_API gboolean few_model_knows_letters (const FewModelInfo *info, const char *text);

/* How a model is to the one that a file recorded. Files of version 0.2 recorded the weights alone:
 * whether their preprocessing was this one's cannot be told. */
typedef enum {
  FEW_MODEL_SAME,
  FEW_MODEL_UNVERIFIED, /* the same weights; settings were not recorded */
  FEW_MODEL_OTHER_SETTINGS, /* the same weights with another config or tokenizer */
  FEW_MODEL_OTHER,
} FewModelMatch;

/* sha256 and fingerprint as they were recorded: NULL or "" where they were not. Any thread. */
FEW_API FewModelMatch few_model_match (const FewModelInfo *info, const char *sha256,
                                       const char *fingerprint);
/* Whether what was made with the other may be used with this one. */
static inline gboolean
few_model_match_fits (FewModelMatch match)
{
  return match == FEW_MODEL_SAME || match == FEW_MODEL_UNVERIFIED;
}

/* Valid as long as the model; device and precision change when a GPU is left. */
FEW_API const FewModelInfo *few_model_info (const FewModel *model);
FEW_API guint few_model_dim (const FewModel *model);

/* ids [context_length]; returns how many, 0 where the model reads no texts. *cut tells whether the
 * text was too long. Thread-safe. */
FEW_API guint few_model_tokenize (const FewModel *model, const char *text, gint32 *ids,
                                  gboolean *cut);

/* Caps width × height of the pictures that encode_file and encode_files decode; FEW_MAX_PIXELS
 * at first. */
FEW_API void few_model_set_max_pixels (FewModel *model, guint64 max_pixels);
/* Whether JPEGs are decoded whole from now on (FewPreprocess); their features are cached apart.
 * FALSE after opening. */
FEW_API void few_model_set_exact (FewModel *model, gboolean exact);

/* Where an intermediate tensor goes in tests: name as in the golden dumps, data [rows, width]. */
typedef void (*FewTapFunc) (gpointer user, const char *name, const float *data, guint rows,
                            guint width);
FEW_API void few_model_set_tap (FewModel *model, FewTapFunc func, gpointer user);

G_END_DECLS
