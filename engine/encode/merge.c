/* SPDX-License-Identifier: MIT */
/* Shards back into the file that one run would have written: rows in the order of their paths. */
#include "base/error.h"
#include <fewshot/embed.h>
#include <fewshot/walk.h>
#include "encode/names.h"
#include "encode/shard-file.h"
#include <string.h>

enum { MAX_TEXT_BYTES = 1 << 30 };

typedef struct
{
  FewShardFile **shards;
  guint n;
  gsize dim;
  GString *name;    /* the one that is being given */
  const char *rest; /* of it; NULL when it was given whole */
  GError *error;    /* what stopped a stream */
} Merge;

static void
rewind_shards (gpointer user)
{
  Merge *merge = user;
  for (guint i = 0; i < merge->n && !merge->error; i++)
    few_shard_file_rewind (merge->shards[i], &merge->error);
  merge->rest = NULL;
}

/* The shard whose next row comes next; NULL at the end. Unsorted shards follow one another. */
static FewShardFile *
next_shard (Merge *merge)
{
  FewShardFile *first = NULL;
  for (guint i = 0; i < merge->n && !merge->error; i++)
    {
      FewShardFile *shard = merge->shards[i];
      const char *name = few_shard_file_name (shard);
      if (name
          && (!first
              || (few_shard_file_is_sorted (first) && few_shard_file_is_sorted (shard)
                  && few_walk_compare (name, few_shard_file_name (first)) < 0)))
        first = shard;
    }
  return first;
}

static gboolean
stream_rows (gpointer user, gpointer out, gsize size)
{
  Merge *merge = user;
  float *to = out;
  for (; size > 0; size -= merge->dim * sizeof (float), to += merge->dim)
    {
      FewShardFile *shard = next_shard (merge);
      if (!shard || !few_shard_file_row (shard, to, &merge->error)
          || !few_shard_file_advance (shard, &merge->error))
        return FALSE;
    }
  return TRUE;
}

/* A copy of the name that comes next: the shard's own moves on. */
static const char *
next_name (gpointer user)
{
  Merge *merge = user;
  FewShardFile *shard = next_shard (merge);
  if (!shard)
    return NULL;
  g_string_assign (merge->name, few_shard_file_name (shard));
  return few_shard_file_advance (shard, &merge->error) ? merge->name->str : NULL;
}

static gboolean
stream_names (gpointer user, gpointer out, gsize size)
{
  return few_embed_copy_names (&((Merge *) user)->rest, out, size, next_name, user);
}

/* No name twice, as overlapping shards would give. */
static gboolean
check_names (Merge *merge, GError **error)
{
  g_autoptr (GString) last = g_string_new (NULL);
  gboolean any = FALSE;
  rewind_shards (merge);
  for (FewShardFile *shard; (shard = next_shard (merge)); any = TRUE)
    {
      const char *name = few_shard_file_name (shard);
      if (any && few_shard_file_is_sorted (shard) && few_walk_compare (last->str, name) >= 0)
        {
          g_autofree char *shown = g_filename_display_name (name);
          few_fail (error, INPUT,
                    "%s holds “%s”, which is in another of the files too or out of order: the "
                    "shards do not belong together.",
                    few_safetensors_path (few_shard_file_safetensors (shard)), shown);
          return FALSE;
        }
      g_string_assign (last, name);
      if (!few_shard_file_advance (shard, &merge->error))
        break;
    }
  return merge->error == NULL;
}

/* What two shards differ in, or NULL. Fingerprints only where both have one: shards of version 0.2
 * recorded the weights alone. */
static const char *
find_difference (const FewSafetensors *a, const FewSafetensors *b)
{
  static const char *const same[] = { "backbone_sha256", "precision", "jpeg", "order" };
  const char *one = few_safetensors_metadata (a, "backbone_fingerprint");
  const char *other = few_safetensors_metadata (b, "backbone_fingerprint");
  for (guint k = 0; k < G_N_ELEMENTS (same); k++)
    if (g_strcmp0 (few_safetensors_metadata (a, same[k]), few_safetensors_metadata (b, same[k]))
        != 0)
      return same[k];
  return one && other && !g_str_equal (one, other) ? "config, preprocessing or tokenizer" : NULL;
}

static gboolean
check_together (const Merge *merge, GError **error)
{
  const FewSafetensors *first = few_shard_file_safetensors (merge->shards[0]);
  for (guint i = 1; i < merge->n; i++)
    {
      const FewSafetensors *shard = few_shard_file_safetensors (merge->shards[i]);
      const char *what = few_shard_file_dim (merge->shards[i]) != merge->dim
                             ? "dimension"
                             : find_difference (first, shard);
      if (what)
        {
          few_fail (error, INPUT, "%s and %s were made with another %s: they cannot be one file.",
                    few_safetensors_path (first), few_safetensors_path (shard), what);
          return FALSE;
        }
    }
  return TRUE;
}

static char *
listed_names (Merge *merge)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  rewind_shards (merge);
  for (const char *name; (name = next_name (merge));)
    g_ptr_array_add (names, g_strdup (name));
  return few_embed_names_json ((const char *const *) names->pdata, names->len);
}

/* The first shard's; none where it has none. */
static gboolean
read_texts (const FewTensor *texts, float **out, GError **error)
{
  if (!texts)
    return TRUE;
  if (texts->dtype != FEW_DTYPE_F32 || texts->size > MAX_TEXT_BYTES)
    {
      few_fail (error, FORMAT, "%s: text_features is not what fewshot-cli embed writes.",
                few_file_shown (texts->file));
      return FALSE;
    }
  *out = g_try_malloc (texts->size + 1);
  if (*out)
    return few_tensor_to_f32 (texts, *out, 0, texts->n_elements, error);
  few_fail (error, MEMORY, "There is not enough memory to read %s.", few_file_shown (texts->file));
  return FALSE;
}

static gboolean
write_merged (Merge *merge, const char *output, guint64 *pictures, GError **error)
{
  static const char *const kept[] = {
    "texts", "backbone", "backbone_sha256", "backbone_fingerprint", "precision", "jpeg", "order"
  };
  guint64 rows = 0;
  guint64 bytes = 0;
  for (guint i = 0; i < merge->n; i++)
    {
      rows += few_shard_file_rows (merge->shards[i]);
      bytes += few_shard_file_name_bytes (merge->shards[i]);
    }
  g_autoptr (FewSafetensorsWriter) writer = few_safetensors_writer_new ();
  few_safetensors_writer_add_stream (writer, "image_features", FEW_DTYPE_F32,
                                     (gsize[]) { rows, merge->dim }, 2, merge->dim * sizeof (float),
                                     rewind_shards, merge, stream_rows, merge);
  few_safetensors_writer_add_stream (writer, "image_names", FEW_DTYPE_U8, (gsize[]) { bytes }, 1, 1,
                                     rewind_shards, merge, stream_names, merge);
  const FewSafetensors *first = few_shard_file_safetensors (merge->shards[0]);
  const FewTensor *texts = few_safetensors_find (first, "text_features");
  g_autofree float *text_floats = NULL;
  if (!read_texts (texts, &text_floats, error))
    return FALSE;
  if (texts)
    few_safetensors_writer_add (writer, texts->name, texts->dtype, texts->dims, texts->n_dims,
                                text_floats);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    if (few_safetensors_metadata (first, kept[i]))
      few_safetensors_writer_metadata (writer, kept[i], few_safetensors_metadata (first, kept[i]));
  g_autofree char *listed = rows <= FEW_EMBED_LISTED_NAMES ? listed_names (merge) : NULL;
  if (listed)
    few_safetensors_writer_metadata (writer, "images", listed);
  *pictures = rows;
  return !merge->error && few_safetensors_writer_save (writer, output, error);
}

gboolean
few_embed_merge (const char *const *paths, guint n, const char *output, guint64 *pictures,
                 GError **error)
{
  g_return_val_if_fail (paths != NULL && output != NULL, FALSE);
  g_autoptr (GPtrArray) shards =
      g_ptr_array_new_with_free_func ((GDestroyNotify) few_shard_file_free);
  g_autoptr (GString) name = g_string_new (NULL);
  g_return_val_if_fail (n > 0, FALSE);
  for (guint i = 0; i < n; i++)
    {
      FewShardFile *shard = few_shard_file_open (paths[i], error);
      if (!shard)
        return FALSE;
      g_ptr_array_add (shards, shard);
    }
  Merge merge = { .shards = (FewShardFile **) shards->pdata, .n = n, .name = name };
  merge.dim = few_shard_file_dim (merge.shards[0]);
  GError *local = NULL;
  gboolean ok = check_together (&merge, &local) && check_names (&merge, &local)
                && write_merged (&merge, output, pictures, &local);
  if (merge.error) /* says more than that a stream ended early */
    {
      g_clear_error (&local);
      local = g_steal_pointer (&merge.error);
    }
  if (local)
    g_propagate_error (error, local);
  return ok && !local;
}
