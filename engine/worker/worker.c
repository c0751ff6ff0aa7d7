/* The worker thread: ordered commands through a queue, last-write-wins values beside it, snapshots through a one-slot
 * mailbox, everything else as events that one idle delivers to the owner's main context. */
#include "../error.h"
#include "../fewshot.h"
#include "compare.h"
#include "scan.h"
#include <string.h>

/* A snapshot evaluates every picture: at most one a frame, and no more than a fifth of the training time. */
static const gint64 FRAME = G_USEC_PER_SEC / 60;
enum { SNAPSHOT_SHARE = 4 };

typedef enum { OPEN_MODEL, SCAN, ENCODE, FORGET, CLASSES, TRAIN, EXPORT, COMPARE, QUIT } CommandKind;

typedef struct
{
  CommandKind kind;
  guint serial;
  char *text, *device; /* folder; class name; template */
  guint ticket, n, n_classes;
  char **names, **prompts; /* paths or class names; prompts may hold NULL, so it has n_classes entries */
  guint32 *ids, *labels;
  FewTrainJob job;
  FewSnapshot *snapshot; /* EXPORT */
  double alpha;
  char **paths, **methods; /* COMPARE */
  guint *shots, n_shots;
  guint64 *seeds;
  guint n_seeds;
} Command;

struct FewWorker
{
  GThread *thread;
  GAsyncQueue *queue;
  GMainContext *context;
  char *cache_folder;
  FewEventFunc func;
  gpointer user;
  /* shared */
  GMutex lock;
  GCond wake;
  GPtrArray *events; /* FewEvent *, waiting for the idle */
  GPtrArray *delivering; /* the owner's: those under way */
  guint delivered;
  GSource *idle;
  FewSnapshot *mailbox; /* atomic */
  GCancellable *quitting, *encoding, *comparing;
  guint newest_classes;
  gboolean paused, stop;
  double learning_rate; /* 0: as planned */
  /* the thread's own */
  FewModel *model;
  GHashTable *features; /* id → float [D] */
};

/* ---- commands and events */

static void
command_free (gpointer data)
{
  Command *c = data;
  for (guint i = 0; c->prompts && i < c->n_classes; i++)
    g_free (c->prompts[i]);
  g_free (c->prompts);
  g_strfreev (c->names);
  g_free (c->text);
  g_free (c->device);
  g_free (c->ids);
  g_free (c->labels);
  g_strfreev (c->paths);
  g_strfreev (c->methods);
  g_free (c->shots);
  g_free (c->seeds);
  g_clear_pointer (&c->snapshot, few_snapshot_unref);
  g_free (c);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Command, command_free)

static void
event_free (gpointer data)
{
  FewEvent *event = data;
  g_clear_pointer (&event->found, g_ptr_array_unref);
  g_clear_pointer (&event->snapshot, few_snapshot_unref);
  g_clear_pointer (&event->compared, few_compared_unref);
  g_clear_error ((GError **) &event->error);
  g_free ((guint8 *) event->hash);
  g_free (event);
}

/* Thousands of events may wait (a folder that the cache answers): they are handed over in slices, below the priority of
 * drawing, so that the owner's frames go on. */
static const gint64 SLICE = 3000; /* µs */

static gboolean
deliver (gpointer data)
{
  FewWorker *worker = data;
  gint64 until = g_get_monotonic_time () + SLICE;
  if (!worker->delivering)
    {
      g_mutex_lock (&worker->lock);
      worker->delivering = g_steal_pointer (&worker->events);
      worker->events = g_ptr_array_new_with_free_func (event_free);
      g_mutex_unlock (&worker->lock);
      worker->delivered = 0;
    }
  while (worker->delivered < worker->delivering->len && g_get_monotonic_time () < until)
    worker->func (worker->user, worker->delivering->pdata[worker->delivered++]);
  if (worker->delivered < worker->delivering->len)
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&worker->delivering, g_ptr_array_unref);
  g_mutex_lock (&worker->lock);
  gboolean more = worker->events->len > 0;
  if (!more)
    g_clear_pointer (&worker->idle, g_source_unref);
  g_mutex_unlock (&worker->lock);
  return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Takes over what the event points to. */
static void
post (FewWorker *worker, FewEvent event)
{
  g_mutex_lock (&worker->lock);
  /* only the newest progress matters */
  FewEvent *last = worker->events->len ? worker->events->pdata[worker->events->len - 1] : NULL;
  gboolean progress = event.kind == FEW_EVENT_PROGRESS || (event.kind == FEW_EVENT_COMPARING && !event.compared);
  if (progress && last && last->kind == event.kind && !last->compared)
    *last = event;
  else
    g_ptr_array_add (worker->events, g_memdup2 (&event, sizeof event));
  if (!worker->idle)
    {
      worker->idle = g_idle_source_new ();
      g_source_set_priority (worker->idle, G_PRIORITY_DEFAULT_IDLE);
      g_source_set_callback (worker->idle, deliver, worker, NULL);
      g_source_attach (worker->idle, worker->context);
    }
  g_mutex_unlock (&worker->lock);
}

static void
publish (FewWorker *worker, FewSnapshot *snapshot)
{
  g_mutex_lock (&worker->lock);
  FewSnapshot *old = worker->mailbox;
  worker->mailbox = snapshot;
  g_mutex_unlock (&worker->lock);
  g_clear_pointer (&old, few_snapshot_unref);
}

FewSnapshot *
few_worker_take_snapshot (FewWorker *worker)
{
  g_mutex_lock (&worker->lock);
  FewSnapshot *snapshot = g_steal_pointer (&worker->mailbox);
  g_mutex_unlock (&worker->lock);
  return snapshot;
}

/* ---- what the thread does */

static void
open_model (FewWorker *worker, const Command *c)
{
  GError *error = NULL;
  FewModel *model = few_model_open (c->text, c->device, worker->quitting, &error);
  if (model)
    {
      g_clear_pointer (&worker->model, few_model_unref);
      worker->model = model;
      g_hash_table_remove_all (worker->features);
    }
  post (worker, (FewEvent){ .kind = FEW_EVENT_MODEL, .model = model ? few_model_info (model) : NULL, .error = error });
}

typedef struct
{
  FewWorker *worker;
  const Command *command;
  guint done;
} Encoding;

static void
encoded (gpointer user, guint index, const float *feature, const guint8 *hash, gboolean from_cache, const GError *error)
{
  Encoding *e = user;
  guint id = e->command->ids[index];
  if (feature)
    g_hash_table_replace (e->worker->features, GUINT_TO_POINTER (id),
                          g_memdup2 (feature, few_model_dim (e->worker->model) * sizeof (float)));
  post (e->worker, (FewEvent){ .kind = FEW_EVENT_PICTURE, .id = id, .from_cache = from_cache, .hash = hash ? g_memdup2 (hash, 32) : NULL,
                               .error = error ? g_error_copy (error) : NULL });
  post (e->worker, (FewEvent){ .kind = FEW_EVENT_PROGRESS, .done = ++e->done, .total = e->command->n });
}

static void
encode (FewWorker *worker, const Command *c)
{
  g_autoptr (GError) error = NULL;
  Encoding e = { worker, c, 0 };
  g_mutex_lock (&worker->lock);
  g_autoptr (GCancellable) cancellable = g_object_ref (worker->encoding);
  g_mutex_unlock (&worker->lock);
  if (!worker->model)
    few_fail (&error, INPUT, "Open a model first.");
  else
    few_model_encode_files (worker->model, (const char *const *) c->names, c->n, worker->cache_folder, encoded, &e, cancellable, &error);
  post (worker, (FewEvent){ .kind = FEW_EVENT_IDLE, .error = g_steal_pointer (&error) });
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
gather (FewWorker *worker, const Command *c, Gathered *g, GError **error)
{
  if (!worker->model)
    {
      few_fail (error, INPUT, "Open a model first.");
      return FALSE;
    }
  guint d = few_model_dim (worker->model);
  g->features = g_new (float, MAX ((gsize) c->n * d, 1));
  g->ids = g_new (guint32, c->n + 1), g->labels = g_new (guint32, c->n + 1);
  g->paths = c->paths ? g_new0 (const char *, c->n + 1) : NULL;
  for (guint i = 0; i < c->n; i++)
    {
      const float *feature = g_hash_table_lookup (worker->features, GUINT_TO_POINTER (c->ids[i]));
      if (!feature || c->labels[i] >= c->n_classes)
        continue;
      memcpy (g->features + (gsize) g->n * d, feature, d * sizeof (float));
      if (g->paths)
        g->paths[g->n] = c->paths[i];
      g->ids[g->n] = c->ids[i], g->labels[g->n++] = c->labels[i];
    }
  g->text = g_new (float, MAX ((gsize) c->n_classes * d, 1));
  g_auto (GStrv) templates = few_templates_split (c->text);
  if (!templates)
    {
      few_fail (error, INPUT, "The prompt “%s” has no {} for the class name.", c->text);
      return FALSE;
    }
  return few_model_encode_classes (worker->model, (const char *const *) c->names, (const char *const *) c->prompts, c->n_classes,
                                   (const char *const *) templates, g->text, worker->quitting, error);
}

static void
classes (FewWorker *worker, const Command *c)
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
  FewSnapshot *snapshot = few_snapshot_zero_shot (worker->model, g.features, g.labels, roles, g.ids, g.n, g.text, c->n_classes, &error);
  if (snapshot)
    publish (worker, snapshot);
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

static void
train (FewWorker *worker, const Command *c)
{
  g_auto (Gathered) g = { 0 };
  GError *error = NULL;
  g_autoptr (FewTrainer) trainer = NULL;
  g_mutex_lock (&worker->lock);
  worker->learning_rate = 0;
  g_mutex_unlock (&worker->lock);
  if (gather (worker, c, &g, &error))
    {
      g_autofree guint8 *roles = g_new (guint8, g.n + 1);
      few_split (g.labels, g.n, c->n_classes, c->job.shots, c->job.split_seed, roles);
      trainer = few_trainer_new (worker->model, &c->job.options, g.features, g.labels, roles, g.ids, g.n, g.text, (const char *const *) c->names,
                                 c->n_classes, c->text, &error);
    }
  if (!trainer)
    {
      post (worker, (FewEvent){ .kind = FEW_EVENT_TRAINED, .error = error });
      return;
    }
  gboolean going = TRUE, stopped = FALSE;
  gint64 next = 0;
  while (going)
    {
      if (!may_go_on (worker, trainer))
        {
          stopped = TRUE;
          break;
        }
      guint epoch = few_trainer_epoch (trainer);
      going = few_trainer_step (trainer);
      gint64 now = g_get_monotonic_time ();
      if (going && few_trainer_epoch (trainer) != epoch && now >= next)
        {
          publish (worker, few_trainer_snapshot (trainer));
          gint64 cost = g_get_monotonic_time () - now;
          next = now + MAX (FRAME, (SNAPSHOT_SHARE + 1) * cost);
        }
    }
  FewSnapshot *final = few_trainer_snapshot (trainer);
  publish (worker, few_snapshot_ref (final));
  post (worker, (FewEvent){ .kind = FEW_EVENT_TRAINED, .snapshot = final, .stopped = stopped });
}

static void
export (FewWorker *worker, const Command *c)
{
  const FewSnapshotInfo *info = few_snapshot_info (c->snapshot);
  GError *error = NULL;
  g_autoptr (FewAdapter) adapter = NULL;
  FewEvent event = { .kind = FEW_EVENT_EXPORTED };
  if (few_adapter_save (info->adapter, c->alpha, c->text, &error))
    adapter = few_adapter_load (c->text, &error);
  if (adapter)
    {
      g_autofree guint32 *predicted = g_new (guint32, info->n + 1);
      g_autofree float *cosines = g_new (float, info->n_classes);
      few_lens_predict (c->snapshot, c->alpha, predicted, NULL);
      for (guint i = 0; i < info->n; i++)
        {
          const float *feature = g_hash_table_lookup (worker->features, GUINT_TO_POINTER (info->ids[i]));
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
  post (worker, event);
}

/* ---- comparing */

static void
compared (gpointer user, FewCompared *one)
{
  post (user, (FewEvent){ .kind = FEW_EVENT_COMPARING, .compared = one });
}

static void
comparing (gpointer user, guint done, guint total)
{
  post (user, (FewEvent){ .kind = FEW_EVENT_COMPARING, .done = done, .total = total });
}

static void
compare (FewWorker *worker, const Command *c)
{
  g_auto (Gathered) g = { 0 };
  GError *error = NULL;
  g_mutex_lock (&worker->lock);
  g_autoptr (GCancellable) cancellable = g_object_ref (worker->comparing);
  g_mutex_unlock (&worker->lock);
  gboolean ok = gather (worker, c, &g, &error);
  if (ok)
    {
      FewCompareJob job = { (const char *const *) c->methods, c->shots, c->n_shots, c->seeds, c->n_seeds };
      FewTask task = { .n = g.n, .n_classes = c->n_classes, .features = g.features, .labels = g.labels, .text_features = g.text,
                       .class_names = (const char *const *) c->names, .paths = g.paths };
      ok = few_compare (worker->model, &task, g.ids, &job, compared, comparing, worker, cancellable, &error);
    }
  gboolean stopped = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (stopped)
    g_clear_error (&error);
  post (worker, (FewEvent){ .kind = FEW_EVENT_COMPARED, .stopped = stopped, .error = error });
}

static gpointer
worker_main (gpointer data)
{
  FewWorker *worker = data;
  for (;;)
    {
      g_autoptr (Command) c = g_async_queue_pop (worker->queue);
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
          post (worker, (FewEvent){ .kind = FEW_EVENT_SCANNED, .id = c->ticket,
                                    .found = few_scan ((const char *const *) c->names, c->text, worker->quitting) });
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
        default:
          train (worker, c);
          break;
        }
    }
  g_clear_pointer (&worker->model, few_model_unref);
  return NULL;
}

/* ---- the owner's side */

FewWorker *
few_worker_new (const char *cache_folder, FewEventFunc func, gpointer user)
{
  FewWorker *worker = g_new0 (FewWorker, 1);
  worker->queue = g_async_queue_new_full (command_free);
  worker->context = g_main_context_ref_thread_default ();
  worker->cache_folder = cache_folder ? g_strdup (cache_folder) : few_default_cache_folder ();
  worker->func = func, worker->user = user;
  worker->events = g_ptr_array_new_with_free_func (event_free);
  worker->quitting = g_cancellable_new ();
  worker->encoding = g_cancellable_new ();
  worker->comparing = g_cancellable_new ();
  worker->features = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_mutex_init (&worker->lock);
  g_cond_init (&worker->wake);
  worker->thread = g_thread_new ("few-worker", worker_main, worker);
  return worker;
}

static Command *
command_new (CommandKind kind)
{
  Command *c = g_new0 (Command, 1);
  c->kind = kind;
  return c;
}

void
few_worker_free (FewWorker *worker)
{
  g_cancellable_cancel (worker->quitting);
  few_worker_cancel_encoding (worker);
  few_worker_stop_training (worker);
  few_worker_stop_comparing (worker);
  g_async_queue_push_front (worker->queue, command_new (QUIT));
  g_thread_join (worker->thread);
  g_mutex_lock (&worker->lock);
  if (worker->idle)
    {
      g_source_destroy (worker->idle);
      g_clear_pointer (&worker->idle, g_source_unref);
    }
  g_mutex_unlock (&worker->lock);
  g_clear_pointer (&worker->mailbox, few_snapshot_unref);
  g_ptr_array_unref (worker->events);
  g_clear_pointer (&worker->delivering, g_ptr_array_unref);
  g_hash_table_unref (worker->features);
  g_async_queue_unref (worker->queue);
  g_object_unref (worker->quitting);
  g_object_unref (worker->encoding);
  g_object_unref (worker->comparing);
  g_main_context_unref (worker->context);
  g_mutex_clear (&worker->lock);
  g_cond_clear (&worker->wake);
  g_free (worker->cache_folder);
  g_free (worker);
}

void
few_worker_open_model (FewWorker *worker, const char *folder, const char *device)
{
  Command *c = command_new (OPEN_MODEL);
  c->text = g_strdup (folder), c->device = g_strdup (device);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_scan (FewWorker *worker, guint ticket, const char *const *paths, const char *class_name)
{
  Command *c = command_new (SCAN);
  c->ticket = ticket, c->names = g_strdupv ((char **) paths), c->text = g_strdup (class_name);
  g_async_queue_push (worker->queue, c);
}

static char **
copy_strings (const char *const *strings, guint n)
{
  char **copy = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    copy[i] = g_strdup (strings[i]);
  return copy;
}

/* What was cancelled before does not cancel what comes now. */
static void
renew (FewWorker *worker, GCancellable **cancellable)
{
  g_mutex_lock (&worker->lock);
  if (g_cancellable_is_cancelled (*cancellable) && !g_cancellable_is_cancelled (worker->quitting))
    {
      g_object_unref (*cancellable);
      *cancellable = g_cancellable_new ();
    }
  g_mutex_unlock (&worker->lock);
}

void
few_worker_encode (FewWorker *worker, guint n, const guint32 *ids, const char *const *paths)
{
  Command *c = command_new (ENCODE);
  c->n = n, c->ids = g_memdup2 (ids, n * sizeof *ids), c->names = copy_strings (paths, n);
  renew (worker, &worker->encoding);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_forget (FewWorker *worker, guint n, const guint32 *ids)
{
  Command *c = command_new (FORGET);
  c->n = n, c->ids = g_memdup2 (ids, n * sizeof *ids);
  g_async_queue_push (worker->queue, c);
}

static Command *
data_command (CommandKind kind, const char *const *names, const char *const *prompts, guint n_classes, const char *template_text, const guint32 *ids,
              const guint32 *labels, guint n)
{
  Command *c = command_new (kind);
  c->n = n, c->n_classes = n_classes;
  c->names = copy_strings (names, n_classes);
  c->prompts = prompts ? copy_strings (prompts, n_classes) : NULL;
  c->text = g_strdup (template_text);
  c->ids = g_memdup2 (ids, n * sizeof *ids), c->labels = g_memdup2 (labels, n * sizeof *labels);
  return c;
}

void
few_worker_classes (FewWorker *worker, const char *const *names, const char *const *prompts, guint n_classes, const char *template_text,
                    const guint32 *ids, const guint32 *labels, guint n)
{
  Command *c = data_command (CLASSES, names, prompts, n_classes, template_text, ids, labels, n);
  g_mutex_lock (&worker->lock);
  c->serial = ++worker->newest_classes;
  g_mutex_unlock (&worker->lock);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_train (FewWorker *worker, const FewTrainJob *job, const char *const *names, const char *const *prompts, guint n_classes,
                  const char *template_text, const guint32 *ids, const guint32 *labels, guint n)
{
  Command *c = data_command (TRAIN, names, prompts, n_classes, template_text, ids, labels, n);
  c->job = *job;
  g_mutex_lock (&worker->lock);
  worker->stop = FALSE, worker->paused = FALSE;
  g_mutex_unlock (&worker->lock);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_compare (FewWorker *worker, const FewCompareJob *job, const char *const *names, const char *const *prompts, guint n_classes,
                    const char *template_text, const guint32 *ids, const guint32 *labels, const char *const *paths, guint n)
{
  Command *c = data_command (COMPARE, names, prompts, n_classes, template_text, ids, labels, n);
  c->paths = copy_strings (paths, n);
  c->methods = g_strdupv ((char **) job->methods);
  c->shots = g_memdup2 (job->shots, job->n_shots * sizeof *job->shots), c->n_shots = job->n_shots;
  c->seeds = g_memdup2 (job->seeds, job->n_seeds * sizeof *job->seeds), c->n_seeds = job->n_seeds;
  renew (worker, &worker->comparing);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_stop_comparing (FewWorker *worker)
{
  g_mutex_lock (&worker->lock);
  g_cancellable_cancel (worker->comparing);
  g_mutex_unlock (&worker->lock);
}

void
few_worker_export (FewWorker *worker, FewSnapshot *snapshot, double alpha, const char *path)
{
  Command *c = command_new (EXPORT);
  c->snapshot = few_snapshot_ref (snapshot), c->alpha = alpha, c->text = g_strdup (path);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_set_paused (FewWorker *worker, gboolean paused)
{
  g_mutex_lock (&worker->lock);
  worker->paused = paused;
  g_cond_signal (&worker->wake);
  g_mutex_unlock (&worker->lock);
}

void
few_worker_set_learning_rate (FewWorker *worker, double learning_rate)
{
  g_mutex_lock (&worker->lock);
  worker->learning_rate = learning_rate;
  g_mutex_unlock (&worker->lock);
}

void
few_worker_stop_training (FewWorker *worker)
{
  g_mutex_lock (&worker->lock);
  worker->stop = TRUE;
  g_cond_signal (&worker->wake);
  g_mutex_unlock (&worker->lock);
}

void
few_worker_cancel_encoding (FewWorker *worker)
{
  g_mutex_lock (&worker->lock);
  g_cancellable_cancel (worker->encoding);
  g_mutex_unlock (&worker->lock);
}
