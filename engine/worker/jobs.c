/* SPDX-License-Identifier: MIT */
/* What the worker's thread does: one function a command. */
#include "clip/model.h"
#include "base/error.h"
#include "lens/snapshot.h"
#include "worker/compare.h"
#include "worker/locate.h"
#include "worker/scan.h"
#include "worker/worker-private.h"
#include <fewshot/apply.h>
#include <fewshot/dataset.h>
#include <fewshot/encode.h>
#include <fewshot/error.h>
#include <fewshot/lens.h>
#include <fewshot/prompts.h>
#include <fewshot/trainer.h>
#include <fewshot/worker.h>
#include <math.h>
#include <string.h>

/* A snapshot evaluates every picture: at most one a frame, and no more than a fifth of the
 * training time. */
static const gint64 FRAME = G_USEC_PER_SEC / 60;
enum { SNAPSHOT_SHARE = 4 };
enum { TRIED_AT_ONCE = 32 }; /* pictures whose answers come together */

/* What the model is now: the worker may leave a GPU, and the owner reads this later. */
static const FewModelInfo *
info_copy (const FewModel *model)
{
  return g_memdup2 (few_model_info (model), sizeof (FewModelInfo));
}

static void
open_model (FewWorker *worker, const FewCommand *c)
{
  GError *error = NULL;
  FewModel *model = few_model_open (c->text, c->device, worker->quitting, &error);
  if (model)
    {
      g_clear_pointer (&worker->model, few_model_unref);
      worker->model = model;
      g_hash_table_remove_all (worker->features);
    }
  few_worker_post (worker, (FewEvent) { .kind = FEW_EVENT_MODEL,
                                        .model = model ? info_copy (model) : NULL,
                                        .opened = model ? few_model_ref (model) : NULL,
                                        .error = error });
}

typedef struct
{
  FewWorker *worker;
  const FewCommand *command;
  guint done;
} Encoding;

static gboolean
from_hex (const char *hex, guint8 hash[32])
{
  for (guint i = 0; i < 32; i++)
    {
      int high = g_ascii_xdigit_value (hex[2 * i]);
      int low = high < 0 ? -1 : g_ascii_xdigit_value (hex[2 * i + 1]);
      if (low < 0)
        return FALSE;
      hash[i] = (guint8) (high << 4 | low);
    }
  return TRUE;
}

/* The feature of a picture whose file is gone, by the content that it had; NULL when the cache
 * does not know it. */
static float *
missing_feature (FewWorker *worker, const FewCommand *c, guint index, guint8 hash[32])
{
  if (!c->hashes || !from_hex (c->hashes[index], hash)
      || g_file_test (c->names[index], G_FILE_TEST_EXISTS))
    return NULL;
  FewFeatureCache *cache = few_model_feature_cache (worker->model, worker->cache_folder);
  g_autofree float *feature = g_new (float, few_model_dim (worker->model));
  return cache && few_feature_cache_get (cache, hash, feature) ? g_steal_pointer (&feature) : NULL;
}

static void
encoded (gpointer user, guint index, const float *feature, const guint8 *hash, gboolean from_cache,
         const GError *error)
{
  Encoding *e = user;
  guint id = e->command->ids[index];
  guint8 known[32];
  g_autofree float *cached = error ? missing_feature (e->worker, e->command, index, known) : NULL;
  if (cached)
    {
      feature = cached;
      hash = known;
      error = NULL;
    }
  if (feature)
    g_hash_table_replace (e->worker->features, GUINT_TO_POINTER (id),
                          g_memdup2 (feature, few_model_dim (e->worker->model) * sizeof (float)));
  few_worker_post (e->worker, (FewEvent) { .kind = FEW_EVENT_PICTURE,
                                           .id = id,
                                           .from_cache = from_cache,
                                           .missing = cached != NULL,
                                           .hash = hash ? g_memdup2 (hash, 32) : NULL,
                                           .error = error ? g_error_copy (error) : NULL });
  few_worker_post (
      e->worker,
      (FewEvent) { .kind = FEW_EVENT_PROGRESS, .done = ++e->done, .total = e->command->n });
}

static void
encode (FewWorker *worker, const FewCommand *c)
{
  g_autoptr (GError) error = NULL;
  Encoding e = { worker, c, 0 };
  g_mutex_lock (&worker->lock);
  g_autoptr (GCancellable) cancellable = g_object_ref (worker->encoding);
  g_mutex_unlock (&worker->lock);
  if (!worker->model)
    few_fail (&error, INPUT, "Open a model first.");
  else
    few_model_encode_files (worker->model, (const char *const *) c->names, c->n,
                            worker->cache_folder, encoded, &e, cancellable, &error);
  few_worker_post (worker,
                   (FewEvent) { .kind = FEW_EVENT_IDLE, .error = g_steal_pointer (&error) });
}

/* The pictures of a command that have a feature, as dense arrays. */
typedef struct
{
  guint n;
  float *features;
  guint32 *ids, *labels;
  const char **paths; /* borrowed; NULL unless the command has them */
  float *text;
} Gathered;

static void
gathered_clear (Gathered *g)
{
  g_free (g->features);
  g_free (g->ids);
  g_free (g->labels);
  g_free (g->paths);
  g_free (g->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Gathered, gathered_clear)

static gboolean
gather (FewWorker *worker, const FewCommand *c, Gathered *g, GError **error)
{
  if (!worker->model)
    {
      few_fail (error, INPUT, "Open a model first.");
      return FALSE;
    }
  guint d = few_model_dim (worker->model);
  g->features = g_new (float, MAX ((gsize) c->n * d, 1));
  g->ids = g_new (guint32, c->n + 1);
  g->labels = g_new (guint32, c->n + 1);
  g->paths = c->paths ? g_new0 (const char *, c->n + 1) : NULL;
  for (guint i = 0; i < c->n; i++)
    {
      const float *feature = g_hash_table_lookup (worker->features, GUINT_TO_POINTER (c->ids[i]));
      if (!feature || c->labels[i] >= c->n_classes)
        continue;
      memcpy (g->features + (gsize) g->n * d, feature, d * sizeof (float));
      if (g->paths)
        g->paths[g->n] = c->paths[i];
      g->ids[g->n] = c->ids[i];
      g->labels[g->n++] = c->labels[i];
    }
  g->text = g_new (float, MAX ((gsize) c->n_classes * d, 1));
  g_auto (GStrv) templates = few_templates_split (c->text);
  if (!templates)
    {
      few_fail (error, INPUT, "The prompt “%s” has no {} for the class name.", c->text);
      return FALSE;
    }
  return few_model_encode_classes (
      worker->model, (const char *const *) c->names, (const char *const *) c->prompts, c->n_classes,
      (const char *const *) templates, g->text, worker->quitting, error);
}

static void
classes (FewWorker *worker, const FewCommand *c)
{
  g_auto (Gathered) g = { 0 };
  g_autoptr (GError) error = NULL;
  g_mutex_lock (&worker->lock);
  gboolean stale = c->serial != worker->newest_classes;
  g_mutex_unlock (&worker->lock);
  if (stale || c->n_classes == 0 || !gather (worker, c, &g, &error))
    return; /* the error comes again, visibly, when the user trains */
  g_autofree guint8 *roles = g_new (guint8, g.n + 1);
  few_split (g.labels, g.n, c->n_classes, c->job.shots, c->job.split_seed, roles);
  FewSnapshot *snapshot = few_snapshot_zero_shot (worker->model, g.features, g.labels, roles, g.ids,
                                                  g.n, g.text, c->n_classes, &error);
  if (!snapshot)
    return;
  snapshot->info.serial = c->serial;
  few_worker_publish (worker, snapshot);
}

/* Polls the last-write-wins values; FALSE when the run must end. Waits while paused. */
static gboolean
may_go_on (FewWorker *worker, FewTrainer *trainer)
{
  g_mutex_lock (&worker->lock);
  while (worker->paused && !worker->stop)
    g_cond_wait (&worker->wake, &worker->lock);
  gboolean stop = worker->stop;
  double rate = worker->learning_rate;
  worker->learning_rate = 0;
  g_mutex_unlock (&worker->lock);
  if (rate > 0)
    few_trainer_set_learning_rate (trainer, rate);
  return !stop;
}

/* Until the last epoch, or the owner's stop; FALSE when the device fails. */
static gboolean
train_through (FewWorker *worker, FewTrainer *trainer, gboolean *stopped, GError **error)
{
  gboolean going = TRUE;
  gint64 next = 0;
  *stopped = FALSE;
  while (going)
    {
      if (!may_go_on (worker, trainer))
        {
          *stopped = TRUE;
          break;
        }
      guint epoch = few_trainer_epoch (trainer);
      going = few_trainer_step (trainer);
      gint64 now = g_get_monotonic_time ();
      if (going && few_trainer_epoch (trainer) != epoch && now >= next)
        {
          if (!few_trainer_check (trainer, error))
            return FALSE;
          few_worker_publish (worker, few_trainer_snapshot (trainer));
          gint64 cost = g_get_monotonic_time () - now;
          next = now + MAX (FRAME, (SNAPSHOT_SHARE + 1) * cost);
        }
    }
  return few_trainer_check (trainer, error);
}

/* One run; NULL when it cannot begin or the device fails. */
typedef struct
{
  FewWorker *worker;
  const FewCommand *command;
  const Gathered *gathered;
  gboolean stopped;      /* out */
  FewSnapshot *snapshot; /* out: the last one */
} Training;

static gboolean
train_once (FewModel *model, gpointer user, GError **error)
{
  Training *t = user;
  const FewCommand *c = t->command;
  const Gathered *g = t->gathered;
  g_autofree guint8 *roles = g_new (guint8, g->n + 1);
  few_split (g->labels, g->n, c->n_classes, c->job.shots, c->job.split_seed, roles);
  g_autoptr (FewTrainer) trainer =
      few_trainer_new (model, &c->job.options, g->features, g->labels, roles, g->ids, g->n, g->text,
                       (const char *const *) c->names, c->n_classes, c->text, error);
  if (!trainer || !train_through (t->worker, trainer, &t->stopped, error))
    return FALSE;
  g_autoptr (FewSnapshot) final = few_trainer_snapshot (trainer);
  if (!few_trainer_check (trainer, error))
    return FALSE;
  t->snapshot = g_steal_pointer (&final);
  return TRUE;
}

static void
train (FewWorker *worker, const FewCommand *c)
{
  g_auto (Gathered) g = { 0 };
  GError *error = NULL;
  Training training = { worker, c, &g, FALSE, NULL };
  g_mutex_lock (&worker->lock);
  worker->learning_rate = 0;
  g_mutex_unlock (&worker->lock);
  if (gather (worker, c, &g, &error))
    few_model_retry (worker->model, train_once, &training, &error);
  if (training.snapshot)
    few_worker_publish (worker, few_snapshot_ref (training.snapshot));
  few_worker_post (worker, (FewEvent) { .kind = FEW_EVENT_TRAINED,
                                        .snapshot = training.snapshot,
                                        .stopped = training.stopped,
                                        .error = error });
}

static void export (FewWorker *worker, const FewCommand *c)
{
  const FewSnapshotInfo *info = few_snapshot_info (c->snapshot);
  GError *error = NULL;
  g_autoptr (FewAdapter) adapter = NULL;
  FewEvent event = { .kind = FEW_EVENT_EXPORTED };
  if (g_str_has_suffix (c->text, ".onnx"))
    few_adapter_save_onnx (info->adapter, c->alpha, c->text, &error);
  else if (few_adapter_save (info->adapter, c->alpha, c->text, &error))
    adapter = few_adapter_load (c->text, &error);
  if (adapter)
    {
      g_autofree guint32 *predicted = g_new (guint32, info->n + 1);
      g_autofree float *cosines = g_new (float, info->n_classes);
      few_lens_predict (c->snapshot, c->alpha, predicted, NULL);
      for (guint i = 0; i < info->n; i++)
        {
          const float *feature =
              g_hash_table_lookup (worker->features, GUINT_TO_POINTER (info->ids[i]));
          if (!feature || few_adapter_info (adapter)->dim != few_model_dim (worker->model))
            continue; /* removed since, or another model */
          few_adapter_predict (adapter, feature, c->alpha, cosines, NULL);
          guint best = 0;
          for (guint k = 1; k < info->n_classes; k++)
            best = cosines[k] > cosines[best] ? k : best;
          event.total++;
          event.done += best == predicted[i];
        }
    }
  event.error = error;
  few_worker_post (worker, event);
}

/* ---- comparing */

static void
compared (gpointer user, FewCompared *one)
{
  few_worker_post (user, (FewEvent) { .kind = FEW_EVENT_COMPARING, .compared = one });
}

static void
comparing (gpointer user, guint done, guint total)
{
  few_worker_post (user, (FewEvent) { .kind = FEW_EVENT_COMPARING, .done = done, .total = total });
}

static void
compare (FewWorker *worker, const FewCommand *c)
{
  g_auto (Gathered) g = { 0 };
  GError *error = NULL;
  g_mutex_lock (&worker->lock);
  g_autoptr (GCancellable) cancellable = g_object_ref (worker->comparing);
  g_mutex_unlock (&worker->lock);
  gboolean ok = gather (worker, c, &g, &error);
  if (ok)
    {
      FewCompareJob job = { (const char *const *) c->methods, c->shots, c->n_shots, c->seeds,
                            c->n_seeds };
      FewTask task = { .n = g.n,
                       .n_classes = c->n_classes,
                       .features = g.features,
                       .labels = g.labels,
                       .text_features = g.text,
                       .class_names = (const char *const *) c->names,
                       .paths = g.paths };
      ok = few_compare (worker->model, &task, g.ids, &job, compared, comparing, worker, cancellable,
                        &error);
    }
  gboolean stopped = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (stopped)
    g_clear_error (&error);
  few_worker_post (worker,
                   (FewEvent) { .kind = FEW_EVENT_COMPARED, .stopped = stopped, .error = error });
}

/* ---- what a project kept */

static void
restore (FewWorker *worker, FewCommand *c)
{
  g_auto (Gathered) g = { 0 };
  GError *error = NULL;
  const FewProjectRun *run = c->run;
  FewSnapshot *snapshot = NULL;
  c->n = run->n;
  c->ids = g_memdup2 (run->ids, run->n * sizeof *run->ids);
  c->labels = g_memdup2 (run->labels, run->n * sizeof *run->labels);
  c->n_classes = run->n_classes;
  c->names = g_strdupv (run->names);
  c->text = g_strdup (run->template_text);
  c->prompts = g_new0 (char *, run->n_classes + 1);
  for (guint k = 0; k < run->n_classes; k++)
    c->prompts[k] = g_strdup (run->prompts[k]);
  if (gather (worker, c, &g, &error))
    {
      g_autofree guint8 *roles = g_new (guint8, g.n + 1);
      for (guint i = 0, row = 0; row < g.n; i++) /* gather keeps the order */
        if (run->ids[i] == g.ids[row])
          roles[row++] = run->roles[i];
      snapshot = few_snapshot_restore (worker->model, run, g.features, g.labels, roles, g.ids, g.n,
                                       g.text, &error);
    }
  few_worker_post (worker, (FewEvent) { .kind = FEW_EVENT_RESTORED,
                                        .id = c->ticket,
                                        .snapshot = snapshot,
                                        .error = error });
}

/* ---- pictures that are not in the project */

typedef struct
{
  FewWorker *worker;
  guint ticket, first, d, n;
  float *features; /* [TRIED_AT_ONCE, D] */
  guint32 ids[TRIED_AT_ONCE];
} Trying;

static void
tried_one (gpointer user, guint index, const float *feature, const guint8 *hash,
           gboolean from_cache, const GError *error)
{
  Trying *t = user;
  if (error)
    {
      few_worker_post (t->worker, (FewEvent) { .kind = FEW_EVENT_TRIED,
                                               .ticket = t->ticket,
                                               .id = t->first + index,
                                               .error = g_error_copy (error) });
      return;
    }
  memcpy (t->features + (gsize) t->n * t->d, feature, t->d * sizeof (float));
  t->ids[t->n++] = t->first + index;
}

static FewSnapshot *
see (FewWorker *worker, const FewCommand *c, const Trying *t, const float *text, GError **error)
{
  static const guint32 labels[TRIED_AT_ONCE];
  guint8 roles[TRIED_AT_ONCE];
  memset (roles, FEW_ROLE_UNUSED, sizeof roles);
  return c->adapter ? few_snapshot_apply (worker->model, c->adapter, t->features, labels, roles,
                                          t->ids, t->n, error)
                    : few_snapshot_zero_shot (worker->model, t->features, labels, roles, t->ids,
                                              t->n, text, c->n_classes, error);
}

static gboolean
try_all (FewWorker *worker, FewCommand *c, GCancellable *cancellable, GError **error)
{
  g_auto (Gathered) g = { 0 };
  g_autofree Trying *t = g_new0 (Trying, 1);
  guint n = c->n;
  c->n = 0; /* gather: the text features alone, and of CLIP alone */
  c->n_classes = c->adapter ? 0 : c->n_classes;
  gboolean ok = gather (worker, c, &g, error);
  t->worker = worker;
  t->ticket = c->ticket;
  t->d = ok ? few_model_dim (worker->model) : 0;
  g_autofree float *features = g_new (float, (gsize) TRIED_AT_ONCE * t->d + 1);
  t->features = features;
  for (; ok && t->first < n; t->first += TRIED_AT_ONCE)
    {
      guint m = MIN (TRIED_AT_ONCE, n - t->first);
      t->n = 0;
      ok = few_model_encode_files (worker->model, (const char *const *) c->paths + t->first, m,
                                   worker->cache_folder, tried_one, t, cancellable, error);
      FewSnapshot *snapshot = ok && t->n ? see (worker, c, t, g.text, error) : NULL;
      ok = ok && (snapshot || !t->n);
      if (snapshot)
        few_worker_post (
            worker,
            (FewEvent) { .kind = FEW_EVENT_TRIED, .ticket = c->ticket, .snapshot = snapshot });
    }
  return ok;
}

static void
try_pictures (FewWorker *worker, FewCommand *c)
{
  GError *error = NULL;
  g_mutex_lock (&worker->lock);
  g_autoptr (GCancellable) cancellable = g_object_ref (worker->trying);
  g_mutex_unlock (&worker->lock);
  try_all (worker, c, cancellable, &error);
  few_worker_post (worker,
                   (FewEvent) { .kind = FEW_EVENT_TRIED_ALL, .id = c->ticket, .error = error });
}

/* ---- what Inspect asks for */

static void
map (FewWorker *worker, const FewCommand *c)
{
  const FewSnapshotInfo *info = few_snapshot_info (c->snapshot);
  g_mutex_lock (&worker->lock);
  gboolean stale = c->serial != worker->newest_map;
  g_mutex_unlock (&worker->lock);
  if (stale || !worker->model || info->dim != few_model_dim (worker->model))
    return;
  guint d = info->dim;
  guint step = 1 + info->n / (FEW_MAP_PICTURES + 1);
  guint n = 0;
  g_autofree float *f = g_new (float, (gsize) (info->n / step + 1) * d);
  g_autofree float *a = g_new (float, (gsize) (info->n / step + 1) * d);
  g_autofree guint32 *ids = g_new (guint32, info->n / step + 1);
  for (guint i = 0; i < info->n; i += step)
    {
      const float *feature =
          g_hash_table_lookup (worker->features, GUINT_TO_POINTER (info->ids[i]));
      if (!feature)
        continue;
      memcpy (f + (gsize) n * d, feature, d * sizeof *f);
      ids[n++] = info->ids[i];
    }
  if (info->adapter)
    few_adapter_apply (info->adapter, f, n, a);
  else
    memcpy (a, f, (gsize) n * d * sizeof *a);
  FewMap *points = n > 0 ? few_map_new (f, a, ids, n, d, worker->quitting, NULL) : NULL;
  if (points)
    few_worker_post (worker,
                     (FewEvent) { .kind = FEW_EVENT_MAPPED, .id = c->ticket, .map = points });
}

static double
cosine (const float *a, const float *b, guint d)
{
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (guint j = 0; j < d; j++)
    {
      ab += (double) a[j] * b[j];
      aa += (double) a[j] * a[j];
      bb += (double) b[j] * b[j];
    }
  return aa > 0 && bb > 0 ? ab / sqrt (aa * bb) : 0;
}

static int
nearest_first (gconstpointer a, gconstpointer b)
{
  const FewNear *x = a;
  const FewNear *y = b;
  return (x->cosine < y->cosine) - (x->cosine > y->cosine);
}

static void
nearest (FewWorker *worker, const FewCommand *c)
{
  const FewSnapshotInfo *info = few_snapshot_info (c->snapshot);
  const float *own = g_hash_table_lookup (worker->features, GUINT_TO_POINTER (c->ids[0]));
  GArray *near = g_array_new (FALSE, FALSE, sizeof (FewNear));
  for (guint i = 0; own && i < info->n; i++)
    {
      const float *other = g_hash_table_lookup (worker->features, GUINT_TO_POINTER (info->ids[i]));
      if (info->roles[i] != FEW_ROLE_TRAIN || info->ids[i] == c->ids[0] || !other)
        continue;
      FewNear one = { info->ids[i], (float) cosine (own, other, few_model_dim (worker->model)) };
      g_array_append_val (near, one);
    }
  g_array_sort (near, nearest_first);
  g_array_set_size (near, MIN (near->len, c->n));
  few_worker_post (worker, (FewEvent) { .kind = FEW_EVENT_NEAREST, .id = c->ticket, .near = near });
}

static void
locating (gpointer user, guint done, guint total)
{
  few_worker_post (user, (FewEvent) { .kind = FEW_EVENT_PROGRESS, .done = done, .total = total });
}

static void
locate (FewWorker *worker, const FewCommand *c)
{
  g_mutex_lock (&worker->lock);
  g_autoptr (GCancellable) cancellable = g_object_ref (worker->encoding);
  g_mutex_unlock (&worker->lock);
  GPtrArray *found = few_locate ((const char *const *) c->paths, (const char *const *) c->hashes,
                                 c->n, locating, worker, cancellable);
  few_worker_post (worker,
                   (FewEvent) { .kind = FEW_EVENT_LOCATED, .id = c->ticket, .found = found });
}

static void
say_notice (FewWorker *worker)
{
  g_autofree char *notice = worker->model ? few_model_take_notice (worker->model) : NULL;
  if (notice)
    few_worker_post (
        worker, (FewEvent) { .kind = FEW_EVENT_NOTICE,
                             .model = info_copy (worker->model),
                             .opened = few_model_ref (worker->model),
                             .error = g_error_new_literal (FEW_ERROR, FEW_ERROR_DEVICE, notice) });
}

gpointer
few_worker_main (gpointer data)
{
  FewWorker *worker = data;
  for (;;)
    {
      g_autoptr (FewCommand) c = g_async_queue_pop (worker->queue);
      if (c->kind == QUIT)
        break;
      if (g_cancellable_is_cancelled (worker->quitting))
        continue;
      switch (c->kind)
        {
        case OPEN_MODEL:
          open_model (worker, c);
          break;
        case SCAN:
          few_worker_post (worker, (FewEvent) { .kind = FEW_EVENT_SCANNED,
                                                .id = c->ticket,
                                                .found = few_scan ((const char *const *) c->names,
                                                                   c->text, worker->quitting) });
          break;
        case ENCODE:
          encode (worker, c);
          break;
        case FORGET:
          for (guint i = 0; i < c->n; i++)
            g_hash_table_remove (worker->features, GUINT_TO_POINTER (c->ids[i]));
          break;
        case CLASSES:
          classes (worker, c);
          break;
        case EXPORT:
          export (worker, c);
          break;
        case COMPARE:
          compare (worker, c);
          break;
        case RESTORE:
          restore (worker, c);
          break;
        case MAP:
          map (worker, c);
          break;
        case NEAREST:
          nearest (worker, c);
          break;
        case TRY:
          try_pictures (worker, c);
          break;
        case LOCATE:
          locate (worker, c);
          break;
        default:
          train (worker, c);
          break;
        }
      say_notice (worker);
    }
  g_clear_pointer (&worker->model, few_model_unref);
  return NULL;
}
