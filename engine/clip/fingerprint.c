/* SPDX-License-Identifier: MIT */
/* The sum over all that a feature depends on beside the picture: weights, settings, tokenizer. */
#include "clip/fingerprint.h"
#include "clip/tower.h"

/* Whoever adds a setting adds it below: what changes a feature and is not part of the sum makes the
 * feature cache answer for another model. */
#if GLIB_SIZEOF_VOID_P == 8
G_STATIC_ASSERT (sizeof (FewTransformerConfig) == 72);
G_STATIC_ASSERT (sizeof (FewPreprocess) == 96);
G_STATIC_ASSERT (sizeof (FewVitStyle) == 52);
G_STATIC_ASSERT (sizeof (FewTextStyle) == 28);
G_STATIC_ASSERT (sizeof (FewClipConfig) == 424);
#endif

static void
add_text (GChecksum *sum, const char *name, const char *text)
{
  g_autofree char *line = g_strdup_printf ("%s=%s\n", name, text);
  g_checksum_update (sum, (const guint8 *) line, -1);
}

static void
add_count (GChecksum *sum, const char *name, guint64 n)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, n);
  add_text (sum, name, text);
}

static void
add_number (GChecksum *sum, const char *name, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  add_text (sum, name, g_ascii_dtostr (text, sizeof text, value));
}

/* What came after the first releases counts where it is not what they all did, so that what they
 * recorded is still found. */
static void
add_count_unless (GChecksum *sum, const char *name, guint64 n, guint64 usual)
{
  if (n != usual)
    add_count (sum, name, n);
}

static void
add_transformer (GChecksum *sum, const char *which, const FewTransformerConfig *t)
{
  add_text (sum, "transformer", which);
  add_count (sum, "width", t->width);
  add_count (sum, "layers", t->layers);
  add_count (sum, "heads", t->heads);
  add_count (sum, "head_width", t->head_width);
  add_count (sum, "mlp_width", t->mlp_width);
  add_count (sum, "activation", t->activation);
  add_number (sum, "ln_epsilon", t->ln_epsilon);
  add_count_unless (sum, "layer_scale", t->layer_scale ? 1 : 0, 0);
  add_count_unless (sum, "gated", t->gated ? 1 : 0, 0);
  add_count_unless (sum, "attention_norm", t->attention_norm ? 1 : 0, 0);
  add_count_unless (sum, "mlp_norm", t->mlp_norm ? 1 : 0, 0);
  add_count_unless (sum, "hidden_norm", t->hidden_norm ? 1 : 0, 0);
  add_count_unless (sum, "norms", t->norms, FEW_NORM_FIRST);
  add_count_unless (sum, "rope_steps", t->rope_steps, 0);
  add_count_unless (sum, "rope_offset", (guint64) t->rope_offset, 0);
  add_count_unless (sum, "rope_y_first", t->rope_y_first ? 1 : 0, 0);
  if (t->rope_theta > 0)
    add_number (sum, "rope_theta", t->rope_theta);
}

static void
add_vit (GChecksum *sum, const FewVitStyle *v)
{
  add_count_unless (sum, "class_token", v->class_token, FEW_CLASS_FIRST);
  add_count_unless (sum, "pool", v->pool, FEW_POOL_CLASS);
  add_count_unless (sum, "projection", v->projection, FEW_PROJECTION_PARAMETER);
  add_count_unless (sum, "map_heads", v->map_heads, 0);
  add_count_unless (sum, "map_mlp_width", v->map_mlp_width, 0);
  add_count_unless (sum, "patch_bias", v->patch_bias ? 1 : 0, 0);
  add_count_unless (sum, "no_ln_pre", v->no_ln_pre ? 1 : 0, 0);
  add_count_unless (sum, "stem", v->stem, FEW_STEM_PATCH);
  add_count_unless (sum, "no_positions", v->no_positions ? 1 : 0, 0);
  add_count_unless (sum, "registers", v->registers, 0);
  add_count_unless (sum, "learned_grid", v->learned_grid, 0);
  add_count_unless (sum, "antialias", v->antialias ? 1 : 0, 0);
  add_count_unless (sum, "stretched", v->stretched ? 1 : 0, 0);
}

static void
add_text_style (GChecksum *sum, const FewTextStyle *t)
{
  add_count_unless (sum, "text sees_all", t->sees_all ? 1 : 0, 0);
  add_count_unless (sum, "text pool", t->pool, FEW_TEXT_LARGEST);
  add_count_unless (sum, "text end_id", t->end_id, 0);
  add_count_unless (sum, "text projection", t->projection, FEW_PROJECTION_PARAMETER);
  add_count_unless (sum, "text hidden_width", t->hidden_width, 0);
  add_count_unless (sum, "text kind", t->kind, FEW_TEXT_CLIP);
  add_count_unless (sum, "text first_position", t->first_position, 0);
}

static void
add_preprocess (GChecksum *sum, const FewPreprocess *p)
{
  add_count (sum, "preprocess_version", FEW_PREPROCESS_VERSION);
  add_count (sum, "size", p->size);
  for (guint i = 0; i < 3; i++)
    {
      add_number (sum, "mean", p->mean[i]);
      add_number (sum, "std", p->std[i]);
    }
  add_count_unless (sum, "resize_mode", p->mode, FEW_RESIZE_SHORTEST);
  add_count_unless (sum, "resample", p->resample, FEW_RESAMPLE_BICUBIC);
  add_count_unless (sum, "resize_width", p->resize[0], 0);
  add_count_unless (sum, "resize_height", p->resize[1], 0);
  add_count_unless (sum, "floors_crop", p->floors_crop ? 1 : 0, 0);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("fill %u", i);
      add_count_unless (sum, name, p->fill[i], 0);
    }
  if (p->white > 0)
    add_number (sum, "white", p->white);
}

static void
add_images (GChecksum *sum, const FewClipConfig *c, const char *weights_sha256)
{
  add_text (sum, "weights", weights_sha256);
  add_count (sum, "embed_dim", c->embed_dim);
  add_text (sum, "tower", c->tower->name);
  add_count (sum, "image_size", c->image_size);
  add_count (sum, "patch_size", c->patch_size);
  add_transformer (sum, "vision", &c->vision);
  add_vit (sum, &c->vit);
  for (guint i = 0; i < FEW_RESNET_STAGES; i++)
    add_count (sum, "resnet_layers", c->resnet_layers[i]);
  add_count (sum, "resnet_width", c->resnet_width);
  add_count (sum, "resnet_heads", c->resnet_heads);
  for (guint i = 0; i < FEW_MOST_STAGES; i++)
    {
      add_count_unless (sum, "stage_depth", c->stage_depths[i], 0);
      add_count_unless (sum, "stage_width", c->stage_widths[i], 0);
    }
  add_count_unless (sum, "head_width", c->head_width, 0);
  add_preprocess (sum, &c->preprocess);
}

char *
few_fingerprint_images (const FewClipConfig *config, const char *weights_sha256)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  add_images (sum, config, weights_sha256);
  return g_strdup (g_checksum_get_string (sum));
}

char *
few_fingerprint_model (const FewClipConfig *config, const char *weights_sha256,
                       const FewTokenizer *tokenizer)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *words = tokenizer ? few_tokenizer_sha256 (tokenizer) : g_strdup ("none");
  add_images (sum, config, weights_sha256);
  add_count (sum, "context_length", config->context_length);
  add_count (sum, "vocab_size", config->vocab_size);
  add_transformer (sum, "text", &config->text);
  add_text_style (sum, &config->text_style);
  add_text (sum, "tokenizer", words);
  return g_strdup (g_checksum_get_string (sum));
}
