/* SPDX-License-Identifier: MIT */
/* Pictures to one file of features, in steps: names are listed as they are needed, encoded a
 * batch at a time and appended to OUTPUT.part; the finished file is streamed from that. Memory
 * does not grow with the number of pictures. */
#include "base/error.h"
#include "base/memory.h"
#include <fewshot/embed.h>
#include <fewshot/encode.h>
#include "formats/safetensors.h"
#include <fewshot/walk.h>
#include "encode/names.h"
#include "encode/part-file.h"
#include "encode/several.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

enum { BATCH = 512 }; /* a device */

typedef struct
{
  FewModel *model;
  const FewEmbedJob *job;
  FewPartFile *part;
  FewEmbedStatus status;
  GCancellable *cancellable;
  gint64 started;
  const char *precision; /* of the first features: those after a GPU was left have another */
  /* the batch */
  FewShare *shares; /* [n_shares], this model's and the others' */
  guint n_shares, batch;
  GPtrArray *names;
  FewFileStamp *stamps; /* [batch], from before the files were read */
  float *features;
  GError **refusals; /* [batch] */
} Embedding;

/* ---- names, one after the other */

typedef struct
{
  FewWalk *walk; /* of job->folder, or */
  guint next;    /* in job->paths */
} Names;

static gboolean
is_mine (const FewEmbedJob *job, const char *name)
{
  return job->shards < 2 || few_walk_shard (name, job->shards) == job->shard;
}

/* What a name of the job's stands for; free with g_free. */
static char *
path_of (const FewEmbedJob *job, const char *name)
{
  return job->folder ? g_build_filename (job->folder, name, NULL) : g_strdup (name);
}

static void
report_passed_over (const FewEmbedJob *job, FewWalk *walk)
{
  char *sentence;
  while (walk && (sentence = few_walk_take_passed_over (walk)))
    {
      if (job->passed_over)
        job->passed_over (job->user, sentence);
      g_free (sentence);
    }
}

/* The next name of this shard, relative to job->folder if there is one; NULL at the end or with
 * an error. */
static char *
next_name (const FewEmbedJob *job, Names *names, GError **error)
{
  for (;;)
    {
      char *name = NULL;
      if (names->walk)
        name = few_walk_next (names->walk, error);
      else if (names->next < job->n_paths)
        name = g_strdup (job->paths[names->next++]);
      if (!name || is_mine (job, name))
        return name;
      g_free (name);
    }
}

gboolean
few_embed_count (const FewEmbedJob *job, guint64 *total, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (job != NULL && total != NULL, FALSE);
  g_autoptr (FewWalk) walk = job->folder ? few_walk_new (job->folder, NULL) : NULL;
  Names names = { walk, 0 };
  GError *local = NULL;
  char *name;
  for (*total = 0; (name = next_name (job, &names, &local)); ++*total)
    {
      g_free (name);
      if (*total % 1024 == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
    }
  if (local)
    g_propagate_error (error, local);
  return local == NULL;
}

/* ---- batches */

static void
take_encoded (gpointer user, guint index, const float *feature, const guint8 *hash G_GNUC_UNUSED,
              gboolean from_cache, const GError *error)
{
  Embedding *e = user;
  guint dim = few_model_dim (e->model);
  if (feature)
    memcpy (e->features + (gsize) index * dim, feature, dim * sizeof (float));
  else
    e->refusals[index] = g_error_copy (error);
  e->status.cached += from_cache;
  e->status.done++;
  e->status.seconds = (double) (g_get_monotonic_time () - e->started) / G_USEC_PER_SEC;
  if (e->job->progress)
    e->job->progress (e->job->user, &e->status, error);
}

static void
lose_device (gpointer user, const char *sentence)
{
  Embedding *e = user;
  if (e->job->lost)
    e->job->lost (e->job->user, sentence);
}

static gboolean
encode_paths (Embedding *e, const GPtrArray *paths, GError **error)
{
  const FewPictureFiles files = {
    (const char *const *) paths->pdata, e->job->cache_folder, take_encoded, e, e->cancellable, TRUE
  };
  if (e->n_shares > 1)
    return few_encode_on_several (e->shares, e->n_shares, &files, paths->len, lose_device, error);
  return few_encode_files (e->model, &files, paths->len, error);
}

static gboolean
encode_batch (Embedding *e, GError **error)
{
  const FewEmbedJob *job = e->job;
  guint dim = few_model_dim (e->model);
  guint n = e->names->len;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < n; i++)
    {
      g_ptr_array_add (paths, path_of (job, e->names->pdata[i]));
      e->stamps[i] = few_file_stamp (paths->pdata[i]);
    }
  gboolean ok = encode_paths (e, paths, error);
  for (guint i = 0; i < n; i++)
    {
      /* the device's fault is no picture's: the part file waits for another run */
      if (ok && few_error_is_of_device (e->refusals[i]))
        {
          g_propagate_error (error, g_steal_pointer (&e->refusals[i]));
          ok = FALSE;
        }
      ok = ok
           && few_part_file_append (e->part, e->names->pdata[i], &e->stamps[i],
                                    e->refusals[i] ? NULL : e->features + (gsize) i * dim, error);
      g_clear_error (&e->refusals[i]);
    }
  g_ptr_array_set_size (e->names, 0);
  return ok && few_part_file_flush (e->part, error);
}

static gboolean
encode_all (Embedding *e, GError **error)
{
  const char *last = few_part_file_last (e->part);
  g_autoptr (FewWalk) walk = e->job->folder ? few_walk_new (e->job->folder, last) : NULL;
  Names names = { walk, 0 };
  e->status.done = e->status.resumed =
      few_part_file_known (e->part) + few_part_file_refused (e->part);
  GError *local = NULL;
  for (guint64 skip = walk ? 0 : e->status.done; skip > 0; skip--)
    g_free (next_name (e->job, &names, &local));
  for (;;)
    {
      char *name = next_name (e->job, &names, &local);
      report_passed_over (e->job, walk);
      if (local)
        {
          g_propagate_error (error, local);
          return FALSE;
        }
      if (name)
        g_ptr_array_add (e->names, name);
      if ((e->names->len == e->batch || (!name && e->names->len > 0)) && !encode_batch (e, error))
        return FALSE;
      if (!name)
        return TRUE;
    }
}

/* ---- the finished file */

typedef struct
{
  FewPartFile *part;
  guint dim;
  const char *rest; /* of the name that is being given */
} Source;

static gboolean
stream_features (gpointer user, gpointer out, gsize size)
{
  Source *source = user;
  const char *name;
  float *row = out;
  for (; size > 0; size -= source->dim * sizeof (float), row += source->dim)
    if (!few_part_file_next (source->part, &name, row))
      return FALSE;
  return TRUE;
}

static const char *
next_known (gpointer user)
{
  Source *source = user;
  const char *name;
  return few_part_file_next (source->part, &name, NULL) ? name : NULL;
}

static gboolean
stream_names (gpointer user, gpointer out, gsize size)
{
  return few_embed_copy_names (&((Source *) user)->rest, out, size, next_known, user);
}

static char *
listed_names (FewPartFile *part)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  few_part_file_rewind (part);
  while (few_part_file_next (part, &name, NULL))
    g_ptr_array_add (names, g_strdup (name));
  return few_embed_names_json ((const char *const *) names->pdata, names->len);
}

static gboolean
write_output (Embedding *e, GError **error)
{
  const FewModelInfo *info = few_model_info (e->model);
  const FewEmbedJob *job = e->job;
  gsize d = info->dim;
  gsize known = few_part_file_known (e->part);
  g_autoptr (FewSafetensorsWriter) writer = few_safetensors_writer_new ();
  g_autofree float *texts = few_try_floats (job->n_texts, d, "the texts", error);
  if (!texts)
    return FALSE;
  g_autofree char *listed = known <= FEW_EMBED_LISTED_NAMES ? listed_names (e->part) : NULL;
  g_autofree char *all_texts = few_embed_names_json (job->texts, job->n_texts);
  Source source = { e->part, info->dim, NULL };
  if (job->folder || job->n_paths > 0)
    {
      few_safetensors_writer_add_stream (
          writer, "image_features", FEW_DTYPE_F32, (gsize[]) { known, d }, 2, d * sizeof (float),
          (FewStreamStart) few_part_file_rewind, e->part, stream_features, &source);
      few_safetensors_writer_add_stream (
          writer, "image_names", FEW_DTYPE_U8, (gsize[]) { few_part_file_name_bytes (e->part) }, 1,
          1, (FewStreamStart) few_part_file_rewind, e->part, stream_names, &source);
      if (listed)
        few_safetensors_writer_metadata (writer, "images", listed);
    }
  if (job->n_texts > 0)
    {
      if (!few_model_encode_texts (e->model, job->texts, job->n_texts, texts, e->cancellable,
                                   error))
        return FALSE;
      few_safetensors_writer_add (writer, "text_features", FEW_DTYPE_F32,
                                  (gsize[]) { job->n_texts, d }, 2, texts);
      few_safetensors_writer_metadata (writer, "texts", all_texts);
    }
  few_safetensors_writer_metadata (writer, "backbone", info->name);
  few_safetensors_writer_metadata (writer, "backbone_sha256", info->sha256);
  few_safetensors_writer_metadata (writer, "backbone_fingerprint", info->fingerprint);
  g_autofree char *mixed = g_str_equal (e->precision, info->precision)
                               ? NULL
                               : g_strdup_printf ("%s, %s", e->precision, info->precision);
  few_safetensors_writer_metadata (writer, "precision", mixed ? mixed : info->precision);
  few_safetensors_writer_metadata (writer, "jpeg", info->preprocess.exact ? "exact" : "scaled");
  few_safetensors_writer_metadata (writer, "order", job->folder ? "path" : "given");
  return few_safetensors_writer_save (writer, job->output, error);
}

/* The names again, beside those of the part file. */
typedef struct
{
  const FewEmbedJob *job;
  Names names;
} Again;

static gboolean
is_same (gpointer user, const char *name, const FewFileStamp *stamp)
{
  Again *again = user;
  g_autofree char *next = next_name (again->job, &again->names, NULL);
  report_passed_over (again->job, again->names.walk);
  if (!next || !g_str_equal (next, name))
    return FALSE;
  g_autofree char *path = path_of (again->job, name);
  FewFileStamp now = few_file_stamp (path);
  return memcmp (&now, stamp, sizeof now) == 0;
}

/* What a part file must have been made with to be taken up. */
static char *
describe_job (const FewModelInfo *info, const FewEmbedJob *job)
{
  g_autoptr (GChecksum) paths = g_checksum_new (G_CHECKSUM_SHA256);
  for (guint i = 0; i < job->n_paths; i++)
    g_checksum_update (paths, (const guint8 *) job->paths[i], (gssize) strlen (job->paths[i]) + 1);
  g_autofree char *folder = job->folder ? g_canonicalize_filename (job->folder, NULL) : NULL;
  return g_strdup_printf ("preprocess %d %s, %s %s, shard %u of %u, %s", FEW_PREPROCESS_VERSION,
                          info->preprocess.exact ? "exact" : "scaled", info->fingerprint,
                          info->precision, job->shard, job->shards,
                          folder ? folder : g_checksum_get_string (paths));
}

/* Of a whole folder or of named pictures at least one is to be written. A shard may be empty. */
static gboolean
check_any (const FewEmbedJob *job, const FewEmbedStatus *status, GError **error)
{
  gboolean whole = job->folder && job->shards < 2;
  if (status->known > 0 || (!whole && job->n_paths == 0))
    return TRUE;
  if (job->folder && status->done == 0)
    few_fail (error, INPUT, "There is no picture below %s.", job->folder);
  else
    few_fail (error, INPUT, "Every picture was refused: %s was not written.", job->output);
  return FALSE;
}

static FewShare *
share_devices (FewModel *model, const FewEmbedJob *job)
{
  FewShare *shares = g_new0 (FewShare, 1 + job->n_others);
  shares[0].model = model;
  for (guint i = 0; i < job->n_others; i++)
    shares[1 + i].model = job->others[i];
  return shares;
}

gboolean
few_embed (FewModel *model, const FewEmbedJob *job, FewEmbedStatus *status,
           GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (model != NULL && job != NULL && job->output != NULL && status != NULL,
                        FALSE);
  const FewModelInfo *info = few_model_info (model);
  g_autofree char *part_path = g_strconcat (job->output, ".part", NULL);
  g_autofree char *description = describe_job (info, job);
  g_autoptr (FewWalk) walk = job->folder ? few_walk_new (job->folder, NULL) : NULL;
  Again again = { job, { walk, 0 } };
  g_autoptr (FewPartFile) part =
      few_part_file_open (part_path, description, info->dim, is_same, &again, error);
  if (!part)
    return FALSE;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  guint batch = BATCH * (1 + job->n_others);
  g_autofree float *features = few_try_floats (batch, info->dim, "the features", error);
  if (!features)
    return FALSE;
  g_autofree FewFileStamp *stamps = g_new0 (FewFileStamp, batch);
  g_autofree GError **refusals = g_new0 (GError *, batch);
  g_autofree FewShare *shares = share_devices (model, job);
  Embedding e = { .model = model,
                  .job = job,
                  .part = part,
                  .cancellable = cancellable,
                  .started = g_get_monotonic_time (),
                  .names = names,
                  .shares = shares,
                  .n_shares = 1 + job->n_others,
                  .batch = batch,
                  .precision = info->precision,
                  .stamps = stamps,
                  .features = features,
                  .refusals = refusals };
  e.status.total = job->total;
  gboolean ok = encode_all (&e, error);
  e.status.known = few_part_file_known (part);
  e.status.refused = few_part_file_refused (part);
  if (ok && !check_any (job, &e.status, error))
    {
      g_unlink (part_path);
      ok = FALSE;
    }
  ok = ok && write_output (&e, error);
  if (ok && g_unlink (part_path) != 0)
    g_debug ("%s: %s", part_path, g_strerror (errno));
  *status = e.status;
  return ok;
}
