/* SPDX-License-Identifier: MIT */
/* Shards back into the file that one run would have written: rows in the order of their paths. */
#include "base/error.h"
#include <fewshot/embed.h>
#include "formats/safetensors.h"
#include "base/walk.h"
#include "encode/names.h"
#include <string.h>

enum { RELEASE_ROWS = 65536 };

typedef struct
{
  FewSafetensors *file;
  const FewTensor *features, *names;
  const char *name, *end;      /* the next name, and the end of all */
  const float *row;
  gboolean sorted;
} Shard;

typedef struct
{
  Shard *shards;
  guint n;
  gsize dim;
  const char *name; /* for the names: what is left of the current one */
  gsize given;
} Merge;

static void
shard_clear (Shard *shard)
{
  g_clear_pointer (&shard->file, few_safetensors_free);
}

/* The tensors of one shard, checked against each other. */
static gboolean
open_shard (Shard *shard, const char *path, GError **error)
{
  shard->file = few_safetensors_open (path, error);
  if (!shard->file)
    return FALSE;
  shard->features = few_safetensors_find (shard->file, "image_features");
  shard->names = few_safetensors_find (shard->file, "image_names");
  const FewTensor *f = shard->features;
  const FewTensor *names = shard->names;
  gboolean sane = f && names && f->n_dims == 2 && f->dtype == FEW_DTYPE_F32
                  && names->dtype == FEW_DTYPE_U8 && names->n_dims == 1
                  && (f->size == 0 || few_tensor_floats (f));
  gsize count = 0;
  const char *bytes = sane ? names->data : NULL;
  for (gsize i = 0; sane && i < names->size; i++)
    count += bytes[i] == 0;
  if (!sane || count != f->dims[0] || (names->size > 0 && bytes[names->size - 1] != 0))
    {
      few_fail (error, FORMAT, "%s is no file that fewshot-cli embed wrote.", path);
      return FALSE;
    }
  shard->sorted = g_strcmp0 (few_safetensors_metadata (shard->file, "order"), "path") == 0;
  return TRUE;
}

static void
rewind_shards (gpointer user)
{
  Merge *merge = user;
  for (guint i = 0; i < merge->n; i++)
    {
      Shard *shard = &merge->shards[i];
      shard->name = shard->names->data;
      shard->end = shard->name + shard->names->size;
      shard->row = few_tensor_floats (shard->features);
    }
  merge->name = NULL;
  merge->given = 0;
}

/* The shard whose next row comes next; NULL at the end. Unsorted shards follow one another. */
static Shard *
next_shard (Merge *merge)
{
  Shard *first = NULL;
  for (guint i = 0; i < merge->n; i++)
    {
      Shard *shard = &merge->shards[i];
      if (shard->name < shard->end
          && (!first
              || (first->sorted && shard->sorted
                  && few_walk_compare (shard->name, first->name) < 0)))
        first = shard;
    }
  return first;
}

static void
advance (Merge *merge, Shard *shard)
{
  shard->name += strlen (shard->name) + 1;
  shard->row += merge->dim;
  if (++merge->given % RELEASE_ROWS == 0) /* what has been read need not stay in memory */
    for (guint i = 0; i < merge->n; i++)
      few_tensor_release (merge->shards[i].features);
}

static gboolean
stream_rows (gpointer user, gpointer out, gsize size)
{
  Merge *merge = user;
  float *to = out;
  for (; size > 0; size -= merge->dim * sizeof (float), to += merge->dim)
    {
      Shard *shard = next_shard (merge);
      if (!shard)
        return FALSE;
      memcpy (to, shard->row, merge->dim * sizeof (float));
      advance (merge, shard);
    }
  return TRUE;
}

static const char *
next_name (gpointer user)
{
  Merge *merge = user;
  Shard *shard = next_shard (merge);
  const char *name = shard ? shard->name : NULL;
  if (shard)
    advance (merge, shard);
  return name;
}

static gboolean
stream_names (gpointer user, gpointer out, gsize size)
{
  return few_embed_copy_names (&((Merge *) user)->name, out, size, next_name, user);
}

/* No name twice, as overlapping shards would give. */
static gboolean
check_names (Merge *merge, const char *const *paths, GError **error)
{
  const char *last = NULL;
  rewind_shards (merge);
  for (Shard *shard; (shard = next_shard (merge)); advance (merge, shard))
    {
      if (last && shard->sorted && few_walk_compare (last, shard->name) >= 0)
        {
          g_autofree char *shown = g_filename_display_name (shard->name);
          few_fail (error, INPUT,
                    "%s holds “%s”, which is in another of the files too or out of order: the "
                    "shards do not belong together.",
                    paths[shard - merge->shards], shown);
          return FALSE;
        }
      last = shard->name;
    }
  return TRUE;
}

static gboolean
check_together (const Merge *merge, const char *const *paths, GError **error)
{
  static const char *const same[] = { "backbone_sha256", "precision", "jpeg", "order" };
  const Shard *first = &merge->shards[0];
  for (guint i = 1; i < merge->n; i++)
    {
      const Shard *shard = &merge->shards[i];
      const char *what = shard->features->dims[1] != first->features->dims[1] ? "dimension" : NULL;
      for (guint k = 0; k < G_N_ELEMENTS (same) && !what; k++)
        if (g_strcmp0 (few_safetensors_metadata (shard->file, same[k]),
                       few_safetensors_metadata (first->file, same[k]))
            != 0)
          what = same[k];
      if (what)
        {
          few_fail (error, INPUT, "%s and %s were made with another %s: they cannot be one file.",
                    paths[0], paths[i], what);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
write_merged (Merge *merge, const char *output, guint64 *pictures, GError **error)
{
  static const char *const kept[] = { "texts",     "backbone", "backbone_sha256",
                                      "precision", "jpeg",     "order" };
  gsize rows = 0;
  gsize bytes = 0;
  for (guint i = 0; i < merge->n; i++)
    {
      rows += merge->shards[i].features->dims[0];
      bytes += merge->shards[i].names->size;
    }
  g_autoptr (FewSafetensorsWriter) writer = few_safetensors_writer_new ();
  few_safetensors_writer_add_stream (writer, "image_features", FEW_DTYPE_F32,
                                     (gsize[]) { rows, merge->dim }, 2, merge->dim * sizeof (float),
                                     rewind_shards, merge, stream_rows, merge);
  few_safetensors_writer_add_stream (writer, "image_names", FEW_DTYPE_U8, (gsize[]) { bytes }, 1, 1,
                                     rewind_shards, merge, stream_names, merge);
  const FewSafetensors *first = merge->shards[0].file;
  const FewTensor *texts = few_safetensors_find (first, "text_features");
  if (texts)
    few_safetensors_writer_add (writer, texts->name, texts->dtype, texts->dims, texts->n_dims,
                                texts->data);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    if (few_safetensors_metadata (first, kept[i]))
      few_safetensors_writer_metadata (writer, kept[i], few_safetensors_metadata (first, kept[i]));
  g_autofree char *listed = NULL;
  if (rows <= FEW_EMBED_LISTED_NAMES)
    {
      g_autoptr (GPtrArray) names = g_ptr_array_new ();
      rewind_shards (merge);
      for (Shard *shard; (shard = next_shard (merge)); advance (merge, shard))
        g_ptr_array_add (names, (gpointer) shard->name);
      listed = few_embed_names_json ((const char *const *) names->pdata, names->len);
      few_safetensors_writer_metadata (writer, "images", listed);
    }
  *pictures = rows;
  return few_safetensors_writer_save (writer, output, error);
}

gboolean
few_embed_merge (const char *const *paths, guint n, const char *output, guint64 *pictures,
                 GError **error)
{
  g_autofree Shard *shards = g_new0 (Shard, n);
  Merge merge = { .shards = shards, .n = n };
  gboolean ok = n > 0;
  for (guint i = 0; ok && i < n; i++)
    ok = open_shard (&shards[i], paths[i], error);
  if (ok)
    merge.dim = shards[0].features->dims[1];
  ok = ok && check_together (&merge, paths, error) && check_names (&merge, paths, error)
       && write_merged (&merge, output, pictures, error);
  for (guint i = 0; i < n; i++)
    shard_clear (&shards[i]);
  return ok;
}
