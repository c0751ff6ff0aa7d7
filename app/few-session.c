#include "few-session.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

struct _FewSession
{
  GObject parent;
  FewWorker *worker;
  FewModelInfo model; /* a copy: the worker's own may go when another model is opened */
  gboolean has_model, opening;
  GListStore *classes, *pictures;
  GHashTable *by_id;    /* id → FewPicture, borrowed */
  GHashTable *by_hash;  /* hex → FewPicture, borrowed; the first with that content */
  guint next_id, next_ticket;
  GHashTable *tickets;  /* scan ticket → FewClass or NULL */
  GPtrArray *refused;
  guint encoding_jobs;
  gboolean importing;
  char *template_text;
  GPtrArray *removed_pictures;
  FewClass *removed_class;
  guint removed_position;
  guint refresh;        /* timeout that asks for text features and a zero-shot snapshot */
  /* training */
  FewTrainJob job;
  FewTrainingState training;
  GPtrArray *runs;
  gboolean awaiting_zero_shot, stale;
  /* the lens */
  FewSnapshot *snapshot;
  GPtrArray *snapshot_classes; /* FewClass, as the snapshot numbers them */
  GPtrArray *sent_classes;     /* as the command under way numbers them */
  GHashTable *rows;            /* id → row + 1 */
  guint32 *predicted, *predicted_zero_shot;
  float *margins;
  double alpha;
  char *export_path;
};

enum { CHANGED, PROGRESS, MODEL, SNAPSHOT, LENS, TRAINING, MESSAGE, IMPORTED, EXPORTED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewSession, few_session, G_TYPE_OBJECT)

static void queue_refresh (FewSession *self);

static void
run_free (gpointer data)
{
  FewRun *run = data;
  g_free (run->title);
  few_snapshot_unref (run->snapshot);
  g_ptr_array_unref (run->classes);
  g_free (run);
}

static void
say (FewSession *self, const char *text)
{
  g_signal_emit (self, signals[MESSAGE], 0, text);
}

/* ---- the lens */

static void
update_lens (FewSession *self)
{
  if (!self->snapshot)
    return;
  const FewSnapshotInfo *info = few_snapshot_info (self->snapshot);
  few_lens_predict (self->snapshot, self->alpha, self->predicted, self->margins);
  g_autofree float *zero_shot = g_new (float, info->n_classes), *adapted = g_new (float, info->n_classes);
  few_lens_class_means (self->snapshot, self->alpha, zero_shot, adapted);
  for (guint k = 0; k < info->n_classes; k++)
    few_class_set_means (self->snapshot_classes->pdata[k], zero_shot[k], adapted[k]);
  g_signal_emit (self, signals[LENS], 0);
}

static gboolean
same_rows (const FewSnapshot *a, const FewSnapshot *b)
{
  const FewSnapshotInfo *x = a ? few_snapshot_info (a) : NULL, *y = few_snapshot_info (b);
  return x && x->n == y->n && x->n_classes == y->n_classes && memcmp (x->ids, y->ids, x->n * sizeof *x->ids) == 0
         && memcmp (x->labels, y->labels, x->n * sizeof *x->labels) == 0;
}

/* Takes over the snapshot. */
static void
show_snapshot (FewSession *self, FewSnapshot *snapshot, GPtrArray *classes)
{
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  gboolean same = same_rows (self->snapshot, snapshot);
  g_clear_pointer (&self->snapshot, few_snapshot_unref);
  self->snapshot = snapshot;
  if (classes != self->snapshot_classes)
    {
      g_clear_pointer (&self->snapshot_classes, g_ptr_array_unref);
      self->snapshot_classes = g_ptr_array_ref (classes);
    }
  if (!same)
    {
      g_hash_table_remove_all (self->rows);
      for (guint i = 0; i < info->n; i++)
        g_hash_table_insert (self->rows, GUINT_TO_POINTER (info->ids[i]), GUINT_TO_POINTER (i + 1));
      self->predicted = g_renew (guint32, self->predicted, info->n + 1);
      self->predicted_zero_shot = g_renew (guint32, self->predicted_zero_shot, info->n + 1);
      self->margins = g_renew (float, self->margins, info->n + 1);
    }
  few_lens_predict (snapshot, 0, self->predicted_zero_shot, NULL);
  g_signal_emit (self, signals[SNAPSHOT], 0);
  update_lens (self);
}

/* ---- what the worker says */

static void
picture_done (FewSession *self, const FewEvent *event)
{
  FewPicture *picture = g_hash_table_lookup (self->by_id, GUINT_TO_POINTER (event->id));
  if (!picture)
    return; /* removed while it waited */
  if (event->error)
    {
      g_ptr_array_add (self->refused, g_strdup (event->error->message));
      few_picture_set_state (picture, FEW_PICTURE_REFUSED, event->error->message);
      return;
    }
  few_picture_set_hash (picture, event->hash);
  /* Pictures finish in any order; of equal ones the first in the project stays. */
  FewPicture *kept = g_hash_table_lookup (self->by_hash, few_picture_get_hash (picture)), *extra = NULL;
  if (kept && kept != picture)
    {
      extra = few_picture_get_id (kept) < few_picture_get_id (picture) ? picture : kept;
      kept = extra == picture ? kept : picture;
      g_autofree char *reason = g_strdup_printf (_("%s is the same picture as %s in “%s” and is left out."), few_picture_get_name (extra),
                                                 few_picture_get_name (kept), few_class_get_name (few_picture_get_class (kept)));
      few_picture_set_state (extra, FEW_PICTURE_DUPLICATE, reason);
      g_ptr_array_add (self->refused, g_strdup (reason));
    }
  if (extra == picture)
    return;
  g_hash_table_replace (self->by_hash, (char *) few_picture_get_hash (picture), picture);
  few_picture_set_state (picture, FEW_PICTURE_READY, NULL);
}

static FewClass *
find_class (FewSession *self, const char *name)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->classes)); i++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (G_LIST_MODEL (self->classes), i);
      if (g_str_equal (few_class_get_name (klass), name))
        return klass; /* the store keeps it */
    }
  return NULL;
}

static void
recount (FewSession *self)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (NULL, NULL);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->pictures));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
      FewClass *klass = few_picture_get_class (picture);
      g_hash_table_insert (counts, klass, GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, klass)) + 1));
    }
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->classes)); i++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (G_LIST_MODEL (self->classes), i);
      few_class_set_count (klass, GPOINTER_TO_UINT (g_hash_table_lookup (counts, klass)));
    }
}

static void
changed (FewSession *self)
{
  recount (self);
  self->stale = self->runs->len > 0;
  g_signal_emit (self, signals[CHANGED], 0);
  queue_refresh (self);
}

static void
scanned (FewSession *self, const FewEvent *event)
{
  FewClass *into = g_hash_table_lookup (self->tickets, GUINT_TO_POINTER (event->id));
  g_autoptr (GPtrArray) added = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal), touched = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->pictures)); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
      g_hash_table_add (known, (char *) few_picture_get_path (picture));
    }
  for (guint i = 0; i < event->found->len; i++)
    {
      const FewFound *found = event->found->pdata[i];
      if (!few_is_picture_name (found->path) && !g_file_test (found->path, G_FILE_TEST_IS_DIR))
        {
          g_autofree char *name = g_filename_display_name (found->path);
          g_ptr_array_add (self->refused, g_strdup_printf (_("%s is not a picture file."), name));
          continue;
        }
      if (g_hash_table_contains (known, found->path))
        continue;
      FewClass *klass = into ? into : find_class (self, found->class_name);
      if (!klass)
        klass = few_session_add_class (self, found->class_name);
      g_hash_table_add (touched, klass);
      FewPicture *picture = few_picture_new (++self->next_id, found->path, klass);
      g_hash_table_insert (self->by_id, GUINT_TO_POINTER (few_picture_get_id (picture)), picture);
      g_hash_table_add (known, (char *) few_picture_get_path (picture));
      g_ptr_array_add (added, picture);
    }
  g_hash_table_remove (self->tickets, GUINT_TO_POINTER (event->id));
  if (added->len == 0)
    {
      self->importing = self->encoding_jobs > 0;
      g_signal_emit (self, signals[PROGRESS], 0, 0, 0);
      say (self, self->refused->len ? _("No new pictures in there; see the list of refused files.") : _("No new pictures in there."));
      return;
    }
  g_list_store_splice (self->pictures, g_list_model_get_n_items (G_LIST_MODEL (self->pictures)), 0, added->pdata, added->len);
  g_autofree guint32 *ids = g_new (guint32, added->len);
  g_autofree const char **paths = g_new (const char *, added->len);
  for (guint i = 0; i < added->len; i++)
    ids[i] = few_picture_get_id (added->pdata[i]), paths[i] = few_picture_get_path (added->pdata[i]);
  self->encoding_jobs++;
  few_worker_encode (self->worker, added->len, ids, paths);
  changed (self);
  g_signal_emit (self, signals[IMPORTED], 0, g_hash_table_size (touched), added->len);
}

static void
trained (FewSession *self, const FewEvent *event)
{
  self->training = FEW_TRAINING_IDLE;
  if (event->error)
    say (self, event->error->message);
  else if (event->snapshot)
    {
      const FewSnapshotInfo *info = few_snapshot_info (event->snapshot);
      FewAlphaChoice choice;
      FewRun *run = g_new0 (FewRun, 1);
      run->title = g_strdup_printf (ngettext ("Run %u: %u epoch, α %.2f", "Run %u: %u epochs, α %.2f", info->epoch), self->runs->len + 1, info->epoch,
                                    info->trained_alpha);
      run->snapshot = few_snapshot_ref (event->snapshot);
      run->classes = g_ptr_array_ref (self->sent_classes);
      run->job = self->job;
      run->stopped = event->stopped;
      g_ptr_array_add (self->runs, run);
      few_lens_choose_alpha (event->snapshot, &choice);
      self->alpha = choice.best;
      g_autoptr (FewSnapshot) older = few_worker_take_snapshot (self->worker);
      show_snapshot (self, few_snapshot_ref (event->snapshot), self->sent_classes);
    }
  g_signal_emit (self, signals[TRAINING], 0);
}

static void
on_event (gpointer user, const FewEvent *event)
{
  FewSession *self = user;
  switch (event->kind)
    {
    case FEW_EVENT_MODEL:
      self->opening = FALSE;
      if (event->error)
        say (self, event->error->message);
      else
        {
          self->model = *event->model;
          self->model.name = g_intern_string (event->model->name), self->model.device = g_intern_string (event->model->device);
          self->model.architecture = g_intern_string (event->model->architecture), self->model.folder = g_intern_string (event->model->folder);
          self->model.sha256 = g_intern_string (event->model->sha256);
          self->has_model = TRUE;
        }
      g_signal_emit (self, signals[MODEL], 0);
      break;
    case FEW_EVENT_SCANNED:
      scanned (self, event);
      break;
    case FEW_EVENT_PICTURE:
      picture_done (self, event);
      break;
    case FEW_EVENT_PROGRESS:
      g_signal_emit (self, signals[PROGRESS], 0, event->done, event->total);
      break;
    case FEW_EVENT_IDLE:
      if (event->error && !g_error_matches (event->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        say (self, event->error->message);
      self->encoding_jobs -= self->encoding_jobs > 0;
      self->importing = self->encoding_jobs > 0;
      if (!self->importing)
        g_signal_emit (self, signals[PROGRESS], 0, 0, 0);
      changed (self);
      break;
    case FEW_EVENT_TRAINED:
      trained (self, event);
      break;
    case FEW_EVENT_EXPORTED:
      if (event->error)
        say (self, event->error->message);
      else
        g_signal_emit (self, signals[EXPORTED], 0, self->export_path, event->done, event->total);
      break;
    }
}

/* ---- life */

static void
few_session_finalize (GObject *object)
{
  FewSession *self = FEW_SESSION (object);
  g_clear_handle_id (&self->refresh, g_source_remove);
  few_worker_free (self->worker);
  g_clear_pointer (&self->snapshot, few_snapshot_unref);
  g_clear_pointer (&self->snapshot_classes, g_ptr_array_unref);
  g_clear_pointer (&self->sent_classes, g_ptr_array_unref);
  g_clear_pointer (&self->removed_pictures, g_ptr_array_unref);
  g_clear_object (&self->removed_class);
  g_ptr_array_unref (self->runs);
  g_ptr_array_unref (self->refused);
  g_hash_table_unref (self->tickets);
  g_hash_table_unref (self->by_hash);
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->rows);
  g_object_unref (self->pictures);
  g_object_unref (self->classes);
  g_free (self->predicted);
  g_free (self->predicted_zero_shot);
  g_free (self->margins);
  g_free (self->template_text);
  g_free (self->export_path);
  G_OBJECT_CLASS (few_session_parent_class)->finalize (object);
}

static guint
new_signal (const char *name, guint n, ...)
{
  va_list types;
  va_start (types, n);
  guint id = g_signal_new_valist (name, FEW_TYPE_SESSION, G_SIGNAL_RUN_LAST, NULL, NULL, NULL, NULL, G_TYPE_NONE, n, types);
  va_end (types);
  return id;
}

static void
few_session_class_init (FewSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_session_finalize;
  signals[CHANGED] = new_signal ("changed", 0);
  signals[PROGRESS] = new_signal ("progress", 2, G_TYPE_UINT, G_TYPE_UINT);
  signals[MODEL] = new_signal ("model", 0);
  signals[SNAPSHOT] = new_signal ("snapshot", 0);
  signals[LENS] = new_signal ("lens", 0);
  signals[TRAINING] = new_signal ("training", 0);
  signals[MESSAGE] = new_signal ("message", 1, G_TYPE_STRING);
  signals[IMPORTED] = new_signal ("imported", 2, G_TYPE_UINT, G_TYPE_UINT);
  signals[EXPORTED] = new_signal ("exported", 3, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_UINT);
}

static void
few_session_init (FewSession *self)
{
  self->worker = few_worker_new (NULL, on_event, self);
  self->classes = g_list_store_new (FEW_TYPE_CLASS);
  self->pictures = g_list_store_new (FEW_TYPE_PICTURE);
  self->by_id = g_hash_table_new (NULL, NULL);
  self->by_hash = g_hash_table_new (g_str_hash, g_str_equal);
  self->tickets = g_hash_table_new (NULL, NULL);
  self->rows = g_hash_table_new (NULL, NULL);
  self->refused = g_ptr_array_new_with_free_func (g_free);
  self->runs = g_ptr_array_new_with_free_func (run_free);
  self->template_text = g_strdup ("a photo of a {}.");
  few_train_options_init (&self->job.options);
  self->job.split_seed = 1;
  self->alpha = self->job.options.alpha;
}

FewSession *
few_session_new (void)
{
  return g_object_new (FEW_TYPE_SESSION, NULL);
}

GListModel *
few_session_get_classes (FewSession *self)
{
  return G_LIST_MODEL (self->classes);
}

GListModel *
few_session_get_pictures (FewSession *self)
{
  return G_LIST_MODEL (self->pictures);
}

/* ---- model */

void
few_session_open_model (FewSession *self, const char *folder)
{
  self->opening = TRUE;
  few_worker_open_model (self->worker, folder, NULL);
  /* another model, other features: everything is encoded again (or found in its cache) */
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->pictures));
  if (n > 0)
    {
      g_autofree guint32 *ids = g_new (guint32, n);
      g_autofree const char **paths = g_new (const char *, n);
      for (guint i = 0; i < n; i++)
        {
          g_autoptr (FewPicture) picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
          ids[i] = few_picture_get_id (picture), paths[i] = few_picture_get_path (picture);
        }
      self->encoding_jobs++;
      few_worker_encode (self->worker, n, ids, paths);
    }
  g_signal_emit (self, signals[MODEL], 0);
}

const FewModelInfo *
few_session_get_model (FewSession *self)
{
  return self->has_model ? &self->model : NULL;
}

gboolean
few_session_is_opening (FewSession *self)
{
  return self->opening;
}

/* ---- examples */

void
few_session_import (FewSession *self, const char *const *paths, FewClass *into)
{
  g_hash_table_insert (self->tickets, GUINT_TO_POINTER (++self->next_ticket), into);
  self->importing = TRUE;
  few_worker_scan (self->worker, self->next_ticket, paths, into ? few_class_get_name (into) : NULL);
}

void
few_session_cancel_import (FewSession *self)
{
  few_worker_cancel_encoding (self->worker);
  g_autoptr (GPtrArray) waiting = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->pictures)); i++)
    {
      FewPicture *picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
      if (few_picture_get_state (picture) == FEW_PICTURE_WAITING)
        g_ptr_array_add (waiting, picture);
      else
        g_object_unref (picture);
    }
  if (waiting->len)
    few_session_remove_pictures (self, waiting);
}

GPtrArray *
few_session_get_refused (FewSession *self)
{
  return self->refused;
}

void
few_session_clear_refused (FewSession *self)
{
  g_ptr_array_set_size (self->refused, 0);
  g_signal_emit (self, signals[CHANGED], 0);
}

FewClass *
few_session_add_class (FewSession *self, const char *name)
{
  FewClass *known = find_class (self, name);
  if (known)
    return known;
  g_autoptr (FewClass) klass = few_class_new (name);
  g_list_store_append (self->classes, klass);
  changed (self);
  return klass;
}

gboolean
few_session_rename_class (FewSession *self, FewClass *klass, const char *name)
{
  FewClass *other = find_class (self, name);
  if (!*name || (other && other != klass))
    return FALSE;
  if (other != klass)
    {
      few_class_set_name (klass, name);
      changed (self);
    }
  return TRUE;
}

void
few_session_set_prompt (FewSession *self, FewClass *klass, const char *prompt)
{
  const char *old = few_class_get_prompt (klass);
  if (g_strcmp0 (old ? old : "", prompt ? prompt : "") == 0)
    return;
  few_class_set_prompt (klass, prompt);
  changed (self);
}

const char *
few_session_get_template (FewSession *self)
{
  return self->template_text;
}

void
few_session_set_template (FewSession *self, const char *template_text)
{
  if (g_str_equal (self->template_text, template_text))
    return;
  g_free (self->template_text);
  self->template_text = g_strdup (template_text);
  changed (self);
}

void
few_session_move (FewSession *self, GPtrArray *pictures, FewClass *klass)
{
  for (guint i = 0; i < pictures->len; i++)
    few_picture_set_class (pictures->pdata[i], klass);
  changed (self);
}

/* Replaces the whole store: one items-changed instead of thousands. */
static void
keep_pictures (FewSession *self, GHashTable *out)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->pictures));
  for (guint i = 0; i < n; i++)
    {
      FewPicture *picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
      if (!g_hash_table_contains (out, picture))
        g_ptr_array_add (kept, picture);
      else
        g_object_unref (picture);
    }
  g_list_store_splice (self->pictures, 0, n, kept->pdata, kept->len);
}

static void
forget (FewSession *self, FewPicture *picture)
{
  guint32 id = few_picture_get_id (picture);
  const char *hash = few_picture_get_hash (picture);
  g_hash_table_remove (self->by_id, GUINT_TO_POINTER (id));
  if (hash && g_hash_table_lookup (self->by_hash, hash) == picture)
    g_hash_table_remove (self->by_hash, hash);
}

void
few_session_remove_pictures (FewSession *self, GPtrArray *pictures)
{
  g_autoptr (GHashTable) out = g_hash_table_new (NULL, NULL);
  g_clear_pointer (&self->removed_pictures, g_ptr_array_unref);
  g_clear_object (&self->removed_class);
  self->removed_pictures = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < pictures->len; i++)
    {
      g_hash_table_add (out, pictures->pdata[i]);
      g_ptr_array_add (self->removed_pictures, g_object_ref (pictures->pdata[i]));
      forget (self, pictures->pdata[i]);
    }
  keep_pictures (self, out);
  changed (self);
}

void
few_session_remove_class (FewSession *self, FewClass *klass)
{
  guint position;
  if (!g_list_store_find (self->classes, klass, &position))
    return;
  g_autoptr (FewClass) held = g_object_ref (klass);
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->pictures)); i++)
    {
      FewPicture *picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
      if (few_picture_get_class (picture) == klass)
        g_ptr_array_add (pictures, picture);
      else
        g_object_unref (picture);
    }
  g_list_store_remove (self->classes, position);
  few_session_remove_pictures (self, pictures);
  self->removed_class = g_steal_pointer (&held);
  self->removed_position = position;
}

void
few_session_undo_remove (FewSession *self)
{
  g_autoptr (GPtrArray) pictures = g_steal_pointer (&self->removed_pictures);
  if (!pictures)
    return;
  if (self->removed_class)
    g_list_store_insert (self->classes, MIN (self->removed_position, g_list_model_get_n_items (G_LIST_MODEL (self->classes))), self->removed_class);
  g_clear_object (&self->removed_class);
  for (guint i = 0; i < pictures->len; i++)
    {
      FewPicture *picture = pictures->pdata[i];
      g_hash_table_insert (self->by_id, GUINT_TO_POINTER (few_picture_get_id (picture)), picture);
      if (few_picture_get_state (picture) == FEW_PICTURE_READY)
        g_hash_table_insert (self->by_hash, (char *) few_picture_get_hash (picture), picture);
    }
  g_list_store_splice (self->pictures, g_list_model_get_n_items (G_LIST_MODEL (self->pictures)), 0, pictures->pdata, pictures->len);
  changed (self);
}

/* ---- what the worker is told: dense labels in the order of the classes that have pictures or not */

typedef struct
{
  const char **names, **prompts;
  guint32 *ids, *labels;
  guint n, n_classes;
} Data;

static void
data_clear (Data *data)
{
  g_free (data->names);
  g_free (data->prompts);
  g_free (data->ids);
  g_free (data->labels);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Data, data_clear)

static void
collect (FewSession *self, Data *data)
{
  guint n_classes = g_list_model_get_n_items (G_LIST_MODEL (self->classes)), n = g_list_model_get_n_items (G_LIST_MODEL (self->pictures));
  g_autoptr (GHashTable) label_of = g_hash_table_new (NULL, NULL);
  g_clear_pointer (&self->sent_classes, g_ptr_array_unref);
  self->sent_classes = g_ptr_array_new_with_free_func (g_object_unref);
  *data = (Data){ g_new0 (const char *, n_classes + 1), g_new0 (const char *, n_classes + 1), g_new (guint32, n + 1), g_new (guint32, n + 1), 0, n_classes };
  for (guint k = 0; k < n_classes; k++)
    {
      FewClass *klass = g_list_model_get_item (G_LIST_MODEL (self->classes), k);
      data->names[k] = few_class_get_name (klass), data->prompts[k] = few_class_get_prompt (klass);
      g_hash_table_insert (label_of, klass, GUINT_TO_POINTER (k));
      g_ptr_array_add (self->sent_classes, klass);
    }
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
      if (few_picture_get_state (picture) != FEW_PICTURE_READY)
        continue;
      data->ids[data->n] = few_picture_get_id (picture);
      data->labels[data->n++] = GPOINTER_TO_UINT (g_hash_table_lookup (label_of, few_picture_get_class (picture)));
    }
}

static gboolean
refresh (gpointer user)
{
  FewSession *self = user;
  self->refresh = 0;
  /* A trained run stays in view (marked stale) until the next one; zero-shot needs no training to be shown. */
  if (!self->has_model || self->training != FEW_TRAINING_IDLE || self->runs->len || !g_list_model_get_n_items (G_LIST_MODEL (self->classes)))
    return G_SOURCE_REMOVE;
  g_auto (Data) data = { 0 };
  collect (self, &data);
  few_worker_classes (self->worker, data.names, data.prompts, data.n_classes, self->template_text, data.ids, data.labels, data.n);
  self->awaiting_zero_shot = TRUE;
  g_signal_emit (self, signals[TRAINING], 0);
  return G_SOURCE_REMOVE;
}

static void
queue_refresh (FewSession *self)
{
  if (!self->refresh)
    self->refresh = g_timeout_add (120, refresh, self);
}

/* ---- training */

FewTrainJob *
few_session_get_job (FewSession *self)
{
  return &self->job;
}

void
few_session_train (FewSession *self)
{
  if (self->training != FEW_TRAINING_IDLE)
    return;
  if (!self->has_model)
    {
      say (self, _("Open a model first."));
      return;
    }
  g_auto (Data) data = { 0 };
  g_clear_handle_id (&self->refresh, g_source_remove);
  collect (self, &data);
  self->training = FEW_TRAINING_RUNNING;
  self->stale = FALSE;
  self->awaiting_zero_shot = FALSE;
  few_worker_train (self->worker, &self->job, data.names, data.prompts, data.n_classes, self->template_text, data.ids, data.labels, data.n);
  g_signal_emit (self, signals[TRAINING], 0);
}

void
few_session_set_paused (FewSession *self, gboolean paused)
{
  if (self->training == FEW_TRAINING_IDLE)
    return;
  self->training = paused ? FEW_TRAINING_PAUSED : FEW_TRAINING_RUNNING;
  few_worker_set_paused (self->worker, paused);
  g_signal_emit (self, signals[TRAINING], 0);
}

void
few_session_stop (FewSession *self)
{
  if (self->training != FEW_TRAINING_IDLE)
    few_worker_stop_training (self->worker);
}

FewTrainingState
few_session_get_training (FewSession *self)
{
  return self->training;
}

GPtrArray *
few_session_get_runs (FewSession *self)
{
  return self->runs;
}

void
few_session_show_run (FewSession *self, guint index)
{
  if (index >= self->runs->len || self->training != FEW_TRAINING_IDLE)
    return;
  const FewRun *run = self->runs->pdata[index];
  show_snapshot (self, few_snapshot_ref (run->snapshot), run->classes);
}

gboolean
few_session_is_stale (FewSession *self)
{
  return self->stale;
}

gboolean
few_session_poll (FewSession *self)
{
  FewSnapshot *snapshot = few_worker_take_snapshot (self->worker);
  if (snapshot)
    {
      self->awaiting_zero_shot = FALSE;
      show_snapshot (self, snapshot, self->sent_classes);
    }
  return self->awaiting_zero_shot || self->training != FEW_TRAINING_IDLE;
}

/* ---- the lens, for the widgets */

FewSnapshot *
few_session_get_snapshot (FewSession *self)
{
  return self->snapshot;
}

double
few_session_get_alpha (FewSession *self)
{
  return self->alpha;
}

void
few_session_set_alpha (FewSession *self, double alpha)
{
  alpha = CLAMP (round (alpha * 1000) / 1000, 0, 1);
  if (alpha == self->alpha)
    return;
  self->alpha = alpha;
  update_lens (self);
}

int
few_session_get_row (FewSession *self, FewPicture *picture)
{
  return (int) GPOINTER_TO_UINT (g_hash_table_lookup (self->rows, GUINT_TO_POINTER (few_picture_get_id (picture)))) - 1;
}

const guint32 *
few_session_get_predicted (FewSession *self)
{
  return self->predicted;
}

const guint32 *
few_session_get_predicted_zero_shot (FewSession *self)
{
  return self->predicted_zero_shot;
}

const float *
few_session_get_margins (FewSession *self)
{
  return self->margins;
}

FewClass *
few_session_get_snapshot_class (FewSession *self, guint k)
{
  return self->snapshot_classes->pdata[k];
}

FewPicture *
few_session_get_row_picture (FewSession *self, guint row)
{
  return g_hash_table_lookup (self->by_id, GUINT_TO_POINTER (few_snapshot_info (self->snapshot)->ids[row]));
}

/* ---- export */

gboolean
few_session_can_export (FewSession *self)
{
  return self->snapshot && few_snapshot_info (self->snapshot)->adapter && self->training == FEW_TRAINING_IDLE;
}

void
few_session_export (FewSession *self, const char *path)
{
  if (!few_session_can_export (self))
    {
      say (self, _("Train an adapter first."));
      return;
    }
  g_free (self->export_path);
  self->export_path = g_strdup (path);
  few_worker_export (self->worker, self->snapshot, self->alpha, path);
}
