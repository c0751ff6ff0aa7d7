/* SPDX-License-Identifier: MIT */
/* Names and rows of a file of features, a piece at a time. */
#include "encode/shard-file.h"
#include "base/error.h"
#include "base/memory.h"
#include <string.h>

enum { NAME_PIECE = 1 << 17, ROW_PIECE = 1 << 18, MAX_DIM = 1 << 16 };

struct FewShardFile
{
  FewSafetensors *file;
  const FewTensor *features, *names;
  gboolean sorted;
  /* a piece of the names: held bytes, of which used are over */
  char *text;
  gsize used, held;
  guint64 next; /* byte of the names that is read next */
  const char *name;
  /* a piece of the rows */
  float *rows;
  guint64 row;         /* at hand */
  guint64 first, read; /* rows first … first + read are in memory */
};

void
few_shard_file_free (FewShardFile *shard)
{
  g_clear_pointer (&shard->file, few_safetensors_free);
  g_free (shard->text);
  g_free (shard->rows);
  g_free (shard);
}

static gboolean
fail_shard (const FewShardFile *shard, GError **error)
{
  g_autofree char *shown = g_filename_display_name (few_safetensors_path (shard->file));
  few_fail (error, FORMAT, "%s is no file that fewshot-cli embed wrote.", shown);
  return FALSE;
}

/* The next name into shard->name; NULL at the end. */
static gboolean
read_name (FewShardFile *shard, GError **error)
{
  char *begin = shard->text + shard->used;
  char *end = memchr (begin, 0, shard->held - shard->used);
  shard->name = NULL;
  if (!end)
    {
      gsize left = shard->held - shard->used;
      gsize n = (gsize) MIN (NAME_PIECE - left, shard->names->size - shard->next);
      memmove (shard->text, begin, left);
      if (!few_tensor_read (shard->names, shard->text + left, shard->next, n, error))
        return FALSE;
      shard->next += n;
      shard->used = 0;
      shard->held = left + n;
      begin = shard->text;
      if (shard->held == 0)
        return TRUE;
      end = memchr (begin, 0, shard->held);
    }
  if (!end)
    return fail_shard (shard, error); /* longer than any path */
  shard->name = begin;
  shard->used = (gsize) (end - shard->text) + 1;
  return TRUE;
}

gboolean
few_shard_file_rewind (FewShardFile *shard, GError **error)
{
  shard->used = shard->held = 0;
  shard->next = 0;
  shard->row = shard->first = shard->read = 0;
  return read_name (shard, error);
}

gboolean
few_shard_file_advance (FewShardFile *shard, GError **error)
{
  shard->row++;
  return read_name (shard, error);
}

const char *
few_shard_file_name (const FewShardFile *shard)
{
  return shard->name;
}

gboolean
few_shard_file_row (FewShardFile *shard, float *out, GError **error)
{
  gsize dim = shard->features->dims[1];
  if (shard->row - shard->first >= shard->read)
    {
      guint64 most = MAX (ROW_PIECE / (dim * sizeof (float)), 1);
      shard->first = shard->row;
      shard->read = MIN (most, few_shard_file_rows (shard) - shard->row);
      if (!few_tensor_to_f32 (shard->features, shard->rows, shard->first * dim, shard->read * dim,
                              error))
        return FALSE;
    }
  memcpy (out, shard->rows + (shard->row - shard->first) * dim, dim * sizeof (float));
  return TRUE;
}

/* As many names as rows. */
static gboolean
count_names (FewShardFile *shard, GError **error)
{
  guint64 n = 0;
  if (!few_shard_file_rewind (shard, error))
    return FALSE;
  while (shard->name)
    {
      n++;
      if (!few_shard_file_advance (shard, error))
        return FALSE;
    }
  return n == few_shard_file_rows (shard) || fail_shard (shard, error);
}

FewShardFile *
few_shard_file_open (const char *path, GError **error)
{
  g_autoptr (FewShardFile) shard = g_new0 (FewShardFile, 1);
  shard->file = few_safetensors_open (path, error);
  if (!shard->file)
    return NULL;
  const FewTensor *f = few_safetensors_find (shard->file, "image_features");
  const FewTensor *names = few_safetensors_find (shard->file, "image_names");
  shard->features = f;
  shard->names = names;
  if (!f || !names || f->n_dims != 2 || f->dtype != FEW_DTYPE_F32 || f->dims[1] == 0
      || f->dims[1] > MAX_DIM || names->dtype != FEW_DTYPE_U8 || names->n_dims != 1)
    {
      fail_shard (shard, error);
      return NULL;
    }
  shard->text = g_malloc (NAME_PIECE);
  shard->rows = few_try_bytes (MAX (ROW_PIECE, f->dims[1] * sizeof (float)), path, error);
  if (!shard->rows)
    return NULL;
  shard->sorted = g_strcmp0 (few_safetensors_metadata (shard->file, "order"), "path") == 0;
  return count_names (shard, error) ? g_steal_pointer (&shard) : NULL;
}

const FewSafetensors *
few_shard_file_safetensors (const FewShardFile *shard)
{
  return shard->file;
}

guint64
few_shard_file_rows (const FewShardFile *shard)
{
  return shard->features->dims[0];
}

guint
few_shard_file_dim (const FewShardFile *shard)
{
  return (guint) shard->features->dims[1];
}

guint64
few_shard_file_name_bytes (const FewShardFile *shard)
{
  return shard->names->size;
}

gboolean
few_shard_file_is_sorted (const FewShardFile *shard)
{
  return shard->sorted;
}
