/* SPDX-License-Identifier: MIT */
/* A folder's classifier, model, log and what is done with its pictures. A picture is done in this
 * order: sorted or tagged (both find what is done already), its line in the log, its line among
 * those that were answered; who is killed between the last two finds the log's line again. */
#include "watch/few-watch-job.h"
#include "base/few-stamp.h"
#include "common/known-models.h"
#include "common/sorter.h"
#include "common/watch.h"
#include "watch/few-watch-log.h"
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

enum { BATCH = 16, AGAIN = 5 * G_USEC_PER_SEC, SOON = G_USEC_PER_SEC / 2 };

struct FewWatchJob
{
  FewWatched *watched;
  const FewWatchShared *shared;
  /* open */
  FewClassifier *classifier;
  FewStamp stamp; /* of its file */
  char *model_folder;
  FewModel *model;
  FewWatch *watch;
  FewWatchLog *log;
  FewSorter *sorter;
  FewTagJournal *journal;
  char *tag_model;
  FewRefusal refusal;
  gboolean refuses;
  /* a batch */
  GPtrArray *paths;
  float *features, *cosines, *probabilities;
  GError **errors;
  /* how it goes */
  gint64 again; /* not before */
  gint64 held;  /* by somebody, since then; 0: it is not */
  char *problem, *folder_problem;
  gboolean busy, changed;
  GPtrArray *labels;
};

FewWatchJob *
few_watch_job_new (FewWatched *watched, const FewWatchShared *shared)
{
  FewWatchJob *job = g_new0 (FewWatchJob, 1);
  job->watched = few_watched_ref (watched);
  job->shared = shared;
  job->paths = g_ptr_array_new_with_free_func (g_free);
  job->labels = g_ptr_array_new_with_free_func (g_free);
  job->errors = g_new0 (GError *, BATCH);
  job->log = few_watch_log_new (watched->folder, NULL); /* for its last lines; tried again */
  job->changed = TRUE;
  return job;
}

static void
close_job (FewWatchJob *job)
{
  g_clear_pointer (&job->classifier, few_classifier_unref);
  g_clear_pointer (&job->model, few_model_unref);
  g_clear_pointer (&job->model_folder, g_free);
  g_clear_pointer (&job->watch, few_watch_free);
  g_clear_pointer (&job->sorter, few_sorter_free);
  g_clear_pointer (&job->journal, few_tag_journal_free);
  g_clear_pointer (&job->tag_model, g_free);
  g_clear_pointer (&job->features, g_free);
  g_clear_pointer (&job->cosines, g_free);
  g_clear_pointer (&job->probabilities, g_free);
  job->changed |= job->folder_problem != NULL;
  g_clear_pointer (&job->folder_problem, g_free);
}

void
few_watch_job_free (FewWatchJob *job)
{
  close_job (job);
  g_clear_pointer (&job->log, few_watch_log_free);
  g_ptr_array_unref (job->paths);
  g_ptr_array_unref (job->labels);
  g_free (job->errors);
  g_free (job->problem);
  few_watched_unref (job->watched);
  g_free (job);
}

const FewWatched *
few_watch_job_get_watched (const FewWatchJob *job)
{
  return job->watched;
}

const char *
few_watch_job_get_model (const FewWatchJob *job)
{
  return job->model_folder;
}

/* ---- what is wrong */

/* NULL: nothing any more. */
static void
set_problem (FewWatchJob *job, const char *problem)
{
  if (g_strcmp0 (job->problem, problem) == 0)
    return;
  g_free (job->problem);
  job->problem = g_strdup (problem);
  job->changed = TRUE;
}

/* A folder that somebody holds may be that of who was just killed: it is asked for again before
 * anything is said, and nobody waits meanwhile. */
static gboolean
put_off (FewWatchJob *job, const GError *error)
{
  gint64 now = g_get_monotonic_time ();
  gboolean held = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  if (!held)
    job->held = 0;
  else if (job->held == 0)
    job->held = now;
  gboolean fresh = held && now - job->held < FEW_WATCH_RELEASED;
  job->again = now + (fresh ? SOON : AGAIN);
  if (!fresh && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    set_problem (job, error->message);
  return FALSE;
}

static void
folder_cb (FewWatchNews news, const char *text, gpointer user)
{
  FewWatchJob *job = user;
  if (news == FEW_WATCH_FOUND)
    return;
  g_free (job->folder_problem);
  job->folder_problem = news == FEW_WATCH_FAILED ? g_strdup (text) : NULL;
  job->changed = TRUE;
}

/* ---- opening */

static gboolean
open_model (FewWatchJob *job, GError **error)
{
  const FewClassifierInfo *info = few_classifier_info (job->classifier);
  GCancellable *cancellable = job->shared->cancellable;
  job->model_folder = few_known_model_of (info, cancellable, error);
  if (!job->model_folder && !g_cancellable_is_cancelled (cancellable))
    g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                 /* Translators: a classifier's file; the name of a model */
                 _ ("%s was trained on the model “%s”, which is not on this computer. Get it in "
                    "Models."),
                 job->watched->classifier, info->backbone);
  if (!job->model_folder)
    return FALSE;
  FewModel *model = g_hash_table_lookup (job->shared->models, job->model_folder);
  if (model)
    {
      job->model = few_model_ref (model);
      return TRUE;
    }
  job->model = few_model_open (job->model_folder, job->shared->device, cancellable, error);
  if (job->model)
    g_hash_table_insert (job->shared->models, g_strdup (job->model_folder),
                         few_model_ref (job->model));
  return job->model != NULL;
}

static gboolean
check_match (FewWatchJob *job, GError **error)
{
  const FewClassifierInfo *c = few_classifier_info (job->classifier);
  const FewModelInfo *m = few_model_info (job->model);
  FewModelMatch match = few_model_match (m, c->backbone_sha256, c->backbone_fingerprint);
  if (c->dim == m->dim && few_model_match_fits (match))
    return TRUE;
  g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
               /* Translators: a classifier's file; the name of a model */
               _ ("%s was trained on the model “%s” with other settings than it has here."),
               job->watched->classifier, m->name);
  return FALSE;
}

/* The log's last line may be of an answer that was not written down as given. */
static gboolean
recall_last (FewWatchJob *job, GError **error)
{
  gint64 then = 0;
  g_autofree char *path = few_watch_log_last (job->log, &then);
  return !path || few_watch_recall (job->watch, path, then, error);
}

static void
begin_answers (FewWatchJob *job)
{
  const FewClassifierInfo *info = few_classifier_info (job->classifier);
  g_autofree char *file = g_path_get_basename (job->watched->classifier);
  g_autofree char *shown = g_filename_display_name (file);
  job->refuses =
      few_refusal_find (job->classifier, info->alpha, FEW_WATCH_SHARE, &job->refusal, NULL);
  job->features = g_new (float, (gsize) BATCH *few_classifier_length (job->classifier));
  job->cosines = g_new (float, info->n_classes);
  job->probabilities = g_new (float, info->n_classes);
  job->tag_model = g_strdup_printf ("%s, %s", info->backbone, shown);
  if (job->watched->action == FEW_WATCH_SORT)
    job->sorter = few_sorter_new (job->watched->target);
}

static gboolean
open_job (FewWatchJob *job, GError **error)
{
  const FewWatched *watched = job->watched;
  const char *wrong = few_watched_complain (watched);
  if (wrong)
    {
      g_set_error_literal (error, FEW_ERROR, FEW_ERROR_INPUT, wrong);
      return FALSE;
    }
  job->stamp = few_stamp_of (watched->classifier);
  job->classifier = few_classifier_load (watched->classifier, error);
  if (!job->classifier || !open_model (job, error) || !check_match (job, error))
    return FALSE;
  if (!job->log && !(job->log = few_watch_log_new (watched->folder, error)))
    return FALSE;
  job->watch =
      few_watch_new (watched->folder, watched->recursive, watched->classifier, NULL, error);
  if (!job->watch)
    return FALSE;
  job->held = 0;
  few_watch_set_func (job->watch, folder_cb, job);
  if (watched->action == FEW_WATCH_TAGS
      && !(few_tags_available (error)
           && (job->journal = few_tag_journal_new (watched->folder, error))))
    return FALSE;
  begin_answers (job);
  return recall_last (job, error);
}

/* ---- a picture */

/* Where it is to be written at all: what is wrong there is wrong for every picture. */
static gboolean
check_writable (FewWatchJob *job, GError **error)
{
  const FewWatched *watched = job->watched;
  const char *folder = watched->action == FEW_WATCH_SORT ? watched->target : watched->folder;
  return watched->action == FEW_WATCH_LIST || few_watch_check_writable (folder, error);
}

static gboolean
act (FewWatchJob *job, const char *path, const char *label, double probability, gboolean none,
     GError **error)
{
  const FewTag tag = { label, probability };
  const FewTagOptions options = { job->shared->tag_root, job->tag_model, NULL, FALSE };
  gboolean told = !none && (job->refuses || probability >= FEW_WATCH_LEAST);
  FewTagsOutcome outcome;
  if (job->watched->action == FEW_WATCH_SORT)
    return few_sorter_copy (job->sorter, path, label, job->shared->cancellable, error)
           != FEW_SORT_FAILED;
  return job->watched->action != FEW_WATCH_TAGS
         || few_tags_put (path, &tag, told ? 1 : 0, &options, job->journal, &outcome, NULL, error);
}

static guint
find_best (const float *cosines, guint n)
{
  guint best = 0;
  for (guint k = 1; k < n; k++)
    if (cosines[k] > cosines[best])
      best = k;
  return best;
}

/* NULL: the picture could not be read. */
static const char *
judge (FewWatchJob *job, guint index, double *probability, gboolean *none)
{
  const FewClassifierInfo *info = few_classifier_info (job->classifier);
  const float *feature = job->features + (gsize) index * few_classifier_length (job->classifier);
  if (job->errors[index])
    return NULL;
  few_classifier_predict (job->classifier, feature, info->alpha, job->cosines, job->probabilities);
  guint best = find_best (job->cosines, info->n_classes);
  *probability = (double) job->probabilities[best];
  *none = job->refuses
          && few_refusal_holds (&job->refusal, job->classifier, feature, best, job->cosines,
                                job->probabilities);
  return *none ? "none of these" : info->classes[best];
}

/* FALSE: it was not done, nor will the next be. */
static gboolean
finish_picture (FewWatchJob *job, guint index, GError **error)
{
  const char *path = job->paths->pdata[index];
  g_autoptr (GError) local = NULL;
  gboolean none = FALSE;
  double probability = 0;
  const char *label = judge (job, index, &probability, &none);
  if (!label && !g_file_test (path, G_FILE_TEST_EXISTS)) /* it went again */
    return few_watch_answered (job->watch, path, error);
  if (label && !act (job, path, label, probability, none, &local) && few_watch_is_of_all (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  const GError *wrong = label ? local : job->errors[index];
  if (!few_watch_log_add (job->log, path, label, probability, wrong ? wrong->message : NULL, error)
      || !few_watch_answered (job->watch, path, error))
    return FALSE;
  g_ptr_array_add (job->labels, g_strdup (label ? label : _ ("not read")));
  job->changed = TRUE;
  return TRUE;
}

/* ---- a batch */

static void
take_encoded (gpointer user, guint index, const float *feature, const guint8 *hash G_GNUC_UNUSED,
              gboolean from_cache G_GNUC_UNUSED, const GError *error)
{
  FewWatchJob *job = user;
  guint length = few_classifier_length (job->classifier);
  if (feature)
    memcpy (job->features + (gsize) index * length, feature, length * sizeof *feature);
  else
    job->errors[index] = g_error_copy (error);
}

static void
give_back (FewWatchJob *job, guint from)
{
  for (guint i = job->paths->len; i > from; i--)
    few_watch_give_back (job->watch, job->paths->pdata[i - 1]);
}

static gboolean
do_batch (FewWatchJob *job, GError **error)
{
  g_autofree char *cache = few_default_cache_folder ();
  guint n = job->paths->len;
  guint done = 0;
  gboolean ok = check_writable (job, error)
                && few_classifier_encode_files (job->classifier, job->model,
                                                (const char *const *) job->paths->pdata, n, cache,
                                                take_encoded, job, job->shared->cancellable, error);
  while (ok && done < n && (ok = finish_picture (job, done, error)))
    done++;
  give_back (job, done);
  for (guint i = 0; i < BATCH; i++)
    g_clear_error (&job->errors[i]);
  return few_watch_done (job->watch, ok ? error : NULL) && ok;
}

/* Of another content: what was answered counts no more. */
static void
look_at_classifier (FewWatchJob *job)
{
  FewStamp now = few_stamp_of (job->watched->classifier);
  if (job->classifier && now.exists && !few_stamp_is_equal (&now, &job->stamp))
    close_job (job);
}

gboolean
few_watch_job_step (FewWatchJob *job)
{
  g_autoptr (GError) error = NULL;
  char *path = NULL;
  if (!job->watched->on || g_get_monotonic_time () < job->again)
    return FALSE;
  look_at_classifier (job);
  if (!job->watch && !open_job (job, &error))
    {
      close_job (job);
      return put_off (job, error);
    }
  g_ptr_array_set_size (job->paths, 0);
  while (job->paths->len < BATCH && (path = few_watch_take (job->watch, job->paths->len == 0)))
    g_ptr_array_add (job->paths, path);
  job->changed |= job->busy != (job->paths->len > 0);
  job->busy = job->paths->len > 0;
  if (job->busy && !do_batch (job, &error))
    return put_off (job, error);
  set_problem (job, NULL);
  return job->busy;
}

/* ---- telling */

FewWatchReport *
few_watch_job_report (FewWatchJob *job)
{
  if (!job->changed)
    return NULL;
  FewWatchReport *report = g_new0 (FewWatchReport, 1);
  report->id = g_strdup (job->watched->id);
  report->problem = g_strdup (job->folder_problem ? job->folder_problem : job->problem);
  report->tail = job->log ? few_watch_log_tail (job->log) : NULL;
  report->busy = job->busy;
  report->labels = g_steal_pointer (&job->labels);
  job->labels = g_ptr_array_new_with_free_func (g_free);
  job->changed = FALSE;
  return report;
}

void
few_watch_report_free (FewWatchReport *report)
{
  g_free (report->id);
  g_free (report->problem);
  g_free (report->tail);
  g_ptr_array_unref (report->labels);
  g_free (report);
}
