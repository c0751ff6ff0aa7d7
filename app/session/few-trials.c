/* SPDX-License-Identifier: MIT */
/* What is asked of the worker about pictures to be tried, and how their answers follow α. */
#include "session/few-trials.h"
#include <glib/gi18n.h>
#include <math.h>

/* Thousands of pictures follow α in slices, so that the slider does not wait for them. */
static const gint64 SLICE = 3000; /* µs */

struct _FewTrials
{
  GObject parent;
  FewDesk *desk;
  FewExamples *examples;
  FewView *view;
  FewRuns *runs;
  GListStore *list;
  GHashTable *batches; /* ticket → Batch, what the worker was given */
  GHashTable *scans;   /* tickets */
  GPtrArray *cleared;  /* FewTrial *, to be brought back; NULL: none */
  FewClassifier *tried_with;
  char *tried_by;     /* what CLIP alone answered by */
  guint trying_again; /* idle */
  guint updating;     /* idle */
  guint updated;      /* how many follow α already */
  double keep;
  struct
  {
    gboolean known; /* of the snapshot in view, with these: */
    double alpha;
    double keep;
    double cosine;
    guint n;
  } threshold;
};

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewTrials, few_trials, G_TYPE_OBJECT)

/* One command to the worker: the pictures it was given, and the classes as it numbers them. */
typedef struct
{
  GPtrArray *trials;
  GPtrArray *classes;
} Batch;

static void
batch_free (gpointer data)
{
  Batch *batch = data;
  g_ptr_array_unref (batch->trials);
  g_ptr_array_unref (batch->classes);
  g_free (batch);
}

static void
tell_change (FewTrials *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static guint
count_trials (FewTrials *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->list));
}

/* FewTrial *, owned. */
static GPtrArray *
copy_list (FewTrials *self)
{
  GPtrArray *trials = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < count_trials (self); i++)
    g_ptr_array_add (trials, g_list_model_get_item (G_LIST_MODEL (self->list), i));
  return trials;
}

/* ---- asking */

/* What answers hang on when CLIP alone gives them: its model, the classes and their prompts. */
static char *
describe_prompts (FewTrials *self, const FewPrompts *prompts)
{
  const FewModelInfo *model = few_desk_get_model (self->desk);
  GString *text = g_string_new (model ? model->fingerprint : NULL);
  g_string_append_printf (text, "\n%s", prompts->template_text);
  for (guint k = 0; k < prompts->n_classes; k++)
    g_string_append_printf (text, "\n%s\t%s", prompts->names[k],
                            prompts->prompts[k] ? prompts->prompts[k] : "");
  return g_string_free (text, FALSE);
}

static void
send_trials (FewTrials *self, GPtrArray *trials)
{
  g_auto (FewRoll) roll = { 0 };
  g_autofree const char **paths = g_new (const char *, trials->len + 1);
  FewClassifier *classifier = few_view_get_classifier (self->view);
  guint ticket = few_desk_take_ticket (self->desk);
  Batch *batch = g_new (Batch, 1);
  few_examples_call_classes (self->examples, &roll);
  for (guint i = 0; i < trials->len; i++)
    paths[i] = few_picture_get_address (few_trial_get_picture (trials->pdata[i]));
  batch->trials = g_ptr_array_ref (trials);
  batch->classes = g_ptr_array_ref (classifier ? few_view_get_classes (self->view) : roll.classes);
  g_clear_pointer (&self->tried_with, few_classifier_unref);
  self->tried_with = classifier ? few_classifier_ref (classifier) : NULL;
  g_free (self->tried_by);
  self->tried_by = describe_prompts (self, &roll.prompts);
  g_hash_table_insert (self->batches, GUINT_TO_POINTER (ticket), batch);
  few_worker_try (few_desk_get_worker (self->desk), ticket, classifier, &roll.prompts, paths,
                  trials->len);
  tell_change (self);
}

void
few_trials_try (FewTrials *self, const char *const *paths)
{
  g_return_if_fail (FEW_IS_TRIALS (self));
  g_return_if_fail (paths != NULL);
  if (!few_desk_get_model (self->desk)
      || g_list_model_get_n_items (few_examples_get_classes (self->examples)) == 0)
    {
      few_desk_say (
          self->desk,
          _ ("Add classes first: there is nothing yet that a picture could be recognised as."));
      return;
    }
  guint ticket = few_desk_take_ticket (self->desk);
  g_hash_table_add (self->scans, GUINT_TO_POINTER (ticket));
  few_worker_scan (few_desk_get_worker (self->desk), ticket, paths, NULL);
}

static void
take_scanned (FewTrials *self, const FewEvent *event)
{
  if (!g_hash_table_remove (self->scans, GUINT_TO_POINTER (event->id)))
    return; /* somebody else's */
  g_autoptr (GPtrArray) trials = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < event->found->len; i++)
    {
      const FewFound *found = event->found->pdata[i];
      if (found->picture && !found->boxed)
        g_ptr_array_add (trials, few_trial_new (found->path));
    }
  if (trials->len == 0)
    {
      few_desk_say (self->desk, _ ("There are no pictures in there."));
      return;
    }
  g_list_store_splice (self->list, count_trials (self), 0, trials->pdata, trials->len);
  send_trials (self, trials);
}

void
few_trials_try_part (FewTrials *self, FewTrial *of, const FewCrop *crop)
{
  g_return_if_fail (FEW_IS_TRIALS (self) && FEW_IS_TRIAL (of) && crop != NULL);
  guint position = 0;
  g_autofree char *address =
      few_address_new (few_picture_get_path (few_trial_get_picture (of)), crop);
  g_autoptr (GPtrArray) trials = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (trials, few_trial_new (address));
  if (!g_list_store_find (self->list, of, &position))
    return;
  g_list_store_insert (self->list, position + 1, trials->pdata[0]);
  send_trials (self, trials);
}

/* ---- what follows α */

/* Worked out once for each snapshot, α and share. */
double
few_trials_get_threshold (FewTrials *self, guint *n)
{
  g_return_val_if_fail (FEW_IS_TRIALS (self), NAN);
  double alpha = few_view_get_alpha (self->view);
  FewSnapshot *snapshot = few_view_get_snapshot (self->view);
  if (n)
    *n = 0;
  if (!snapshot || self->keep >= 1)
    return NAN;
  if (!self->threshold.known || self->threshold.alpha != alpha
      || self->threshold.keep != self->keep)
    {
      self->threshold.known = TRUE;
      self->threshold.alpha = alpha;
      self->threshold.keep = self->keep;
      self->threshold.cosine = few_lens_threshold (snapshot, alpha, self->keep, &self->threshold.n);
    }
  if (n)
    *n = self->threshold.n;
  return self->threshold.cosine;
}

static gboolean
update_slice_cb (gpointer user)
{
  FewTrials *self = user;
  guint n = count_trials (self);
  double alpha = few_view_get_alpha (self->view);
  double threshold = few_trials_get_threshold (self, NULL);
  guint promise = few_view_get_promise (self->view);
  gint64 until = g_get_monotonic_time () + SLICE;
  for (; self->updated < n && g_get_monotonic_time () < until; self->updated++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (G_LIST_MODEL (self->list), self->updated);
      few_trial_update (trial, alpha, 1 - self->keep, threshold, promise);
    }
  if (self->updated < n)
    return G_SOURCE_CONTINUE;
  self->updating = 0;
  tell_change (self);
  return G_SOURCE_REMOVE;
}

static void
update_answers (FewTrials *self)
{
  self->updated = 0;
  if (count_trials (self) == 0)
    return;
  if (self->updating)
    return; /* it begins again */
  if (update_slice_cb (self) == G_SOURCE_CONTINUE)
    self->updating = g_idle_add (update_slice_cb, self);
}

static void
lens_changed_cb (FewTrials *self)
{
  update_answers (self);
}

double
few_trials_get_keep (FewTrials *self)
{
  g_return_val_if_fail (FEW_IS_TRIALS (self), 1);
  return self->keep;
}

void
few_trials_set_keep (FewTrials *self, double keep)
{
  g_return_if_fail (FEW_IS_TRIALS (self));
  self->keep = CLAMP (keep, .5, 1);
  update_answers (self);
}

/* ---- what follows the adapter in view */

static gboolean
is_tried_by_what_is_in_view (FewTrials *self)
{
  g_auto (FewRoll) roll = { 0 };
  FewClassifier *classifier = few_view_get_classifier (self->view);
  if (classifier || self->tried_with)
    return classifier == self->tried_with;
  few_examples_call_classes (self->examples, &roll);
  g_autofree char *now = describe_prompts (self, &roll.prompts);
  return g_strcmp0 (now, self->tried_by) == 0;
}

/* Another adapter came into view, or CLIP is asked otherwise: everything is seen anew. */
static gboolean
try_again_cb (gpointer user)
{
  FewTrials *self = user;
  self->trying_again = 0;
  if (few_runs_get_training (self->runs) != FEW_TRAINING_IDLE || is_tried_by_what_is_in_view (self))
    return G_SOURCE_REMOVE;
  g_autoptr (GPtrArray) trials = copy_list (self);
  few_worker_stop_trying (few_desk_get_worker (self->desk));
  g_hash_table_remove_all (self->batches);
  send_trials (self, trials);
  return G_SOURCE_REMOVE;
}

static void
snapshot_changed_cb (FewTrials *self)
{
  self->threshold.known = FALSE; /* a new snapshot may stand at the same address */
  if (count_trials (self) > 0 && !self->trying_again)
    self->trying_again = g_idle_add (try_again_cb, self);
}

/* ---- answers */

static void
take_tried (FewTrials *self, const FewEvent *event)
{
  const Batch *batch = g_hash_table_lookup (self->batches, GUINT_TO_POINTER (event->ticket));
  if (!batch)
    return;
  if (event->error)
    {
      few_trial_set_refused (batch->trials->pdata[event->id], event->error->message);
      return;
    }
  const FewSnapshotInfo *info = few_snapshot_info (event->snapshot);
  double alpha = few_view_get_alpha (self->view);
  double threshold = few_trials_get_threshold (self, NULL);
  guint promise = few_view_get_promise (self->view);
  for (guint row = 0; row < info->n; row++)
    {
      FewTrial *trial = batch->trials->pdata[info->ids[row]];
      few_trial_set_seen (trial, event->snapshot, row, batch->classes);
      few_trial_update (trial, alpha, 1 - self->keep, threshold, promise);
    }
  tell_change (self);
}

static void
take_tried_all (FewTrials *self, const FewEvent *event)
{
  if (event->error && !g_error_matches (event->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    few_desk_say (self->desk, event->error->message);
  g_hash_table_remove (self->batches, GUINT_TO_POINTER (event->id));
  tell_change (self);
}

static void
trials_event_cb (FewTrials *self, const FewEvent *event)
{
  if (event->kind == FEW_EVENT_SCANNED)
    take_scanned (self, event);
  else if (event->kind == FEW_EVENT_TRIED)
    take_tried (self, event);
  else if (event->kind == FEW_EVENT_TRIED_ALL)
    take_tried_all (self, event);
}

/* ---- for the page */

GListModel *
few_trials_get_list (FewTrials *self)
{
  g_return_val_if_fail (FEW_IS_TRIALS (self), NULL);
  return G_LIST_MODEL (self->list);
}

gboolean
few_trials_is_trying (FewTrials *self)
{
  g_return_val_if_fail (FEW_IS_TRIALS (self), FALSE);
  return g_hash_table_size (self->batches) > 0;
}

void
few_trials_stop (FewTrials *self)
{
  g_return_if_fail (FEW_IS_TRIALS (self));
  few_worker_stop_trying (few_desk_get_worker (self->desk));
}

guint
few_trials_clear (FewTrials *self)
{
  g_return_val_if_fail (FEW_IS_TRIALS (self), 0);
  if (count_trials (self) == 0)
    return 0;
  g_clear_pointer (&self->cleared, g_ptr_array_unref);
  self->cleared = copy_list (self);
  few_trials_stop (self);
  g_hash_table_remove_all (self->batches);
  g_list_store_remove_all (self->list);
  tell_change (self);
  return self->cleared->len;
}

/* What is in view may be another by now: they are seen anew, from the cache. */
void
few_trials_restore (FewTrials *self)
{
  g_return_if_fail (FEW_IS_TRIALS (self));
  g_autoptr (GPtrArray) trials = g_steal_pointer (&self->cleared);
  if (!trials)
    return;
  g_list_store_splice (self->list, 0, 0, trials->pdata, trials->len);
  send_trials (self, trials);
}

/* ---- life */

static void
few_trials_finalize (GObject *object)
{
  FewTrials *self = FEW_TRIALS (object);
  g_clear_handle_id (&self->trying_again, g_source_remove);
  g_clear_handle_id (&self->updating, g_source_remove);
  g_clear_pointer (&self->tried_with, few_classifier_unref);
  g_free (self->tried_by);
  g_clear_pointer (&self->cleared, g_ptr_array_unref);
  g_hash_table_unref (self->batches);
  g_hash_table_unref (self->scans);
  g_object_unref (self->list);
  g_object_unref (self->runs);
  g_object_unref (self->view);
  g_object_unref (self->examples);
  g_object_unref (self->desk);
  G_OBJECT_CLASS (few_trials_parent_class)->finalize (object);
}

static void
few_trials_class_init (FewTrialsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_trials_finalize;
  signals[CHANGED] = g_signal_new ("changed", FEW_TYPE_TRIALS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
few_trials_init (FewTrials *self)
{
  self->list = g_list_store_new (FEW_TYPE_TRIAL);
  self->batches = g_hash_table_new_full (NULL, NULL, NULL, batch_free);
  self->scans = g_hash_table_new (NULL, NULL);
  self->keep = .95;
}

/* What is in the project is shown anew before what is not: "lens" after the others. */
FewTrials *
few_trials_new (FewDesk *desk, FewExamples *examples, FewView *view, FewRuns *runs)
{
  g_return_val_if_fail (FEW_IS_DESK (desk) && FEW_IS_EXAMPLES (examples), NULL);
  g_return_val_if_fail (FEW_IS_VIEW (view) && FEW_IS_RUNS (runs), NULL);
  FewTrials *self = g_object_new (FEW_TYPE_TRIALS, NULL);
  self->desk = g_object_ref (desk);
  self->examples = g_object_ref (examples);
  self->view = g_object_ref (view);
  self->runs = g_object_ref (runs);
  g_signal_connect_object (desk, "event", G_CALLBACK (trials_event_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "snapshot", G_CALLBACK (snapshot_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "lens", G_CALLBACK (lens_changed_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  return self;
}
