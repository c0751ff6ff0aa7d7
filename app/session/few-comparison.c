/* SPDX-License-Identifier: MIT */
/* One comparison under way, its results by method, shots and seed. */
#include "session/few-comparison-private.h"
#include <glib/gi18n.h>
#include <string.h>

enum { PROP_RUNNING = 1, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

enum { METHODS, WANTED, FOUND, CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewComparison, few_comparison, G_TYPE_OBJECT)

static void
tell_change (FewComparison *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
set_running (FewComparison *self, gboolean running)
{
  if (self->running == running)
    return;
  self->running = running;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
}

static gboolean
is_several (FewComparison *self)
{
  return few_examples_is_several (self->examples);
}

/* ---- what is wanted, beside few-comparison-wanted.c */

gboolean
few_comparison_set_shots (FewComparison *self, const char *text)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), FALSE);
  guint shots[MAX_SHOTS];
  guint n = few_shots_parse (text, shots, MAX_SHOTS);
  if (n == 0)
    return FALSE;
  memcpy (self->wanted_shots, shots, n * sizeof *shots);
  self->n_wanted_shots = n;
  g_free (self->shots_text);
  self->shots_text = g_strdup (text);
  return TRUE;
}

void
few_comparison_set_seeds (FewComparison *self, guint seeds)
{
  g_return_if_fail (FEW_IS_COMPARISON (self));
  self->seeds = CLAMP (seeds, 1, MAX_SEEDS);
}

FewMeasure
few_comparison_get_measure (FewComparison *self)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), FEW_MEASURE_ACCURACY);
  return is_several (self) ? self->measure : FEW_MEASURE_ACCURACY;
}

/* ---- what is in view */

/* Before a model is open it may be theirs. */
static gboolean
is_of (FewComparison *self, const char *sha256, const char *fingerprint, gboolean several)
{
  const FewModelInfo *model = few_desk_get_model (self->desk);
  FewModelMatch match = model ? few_model_match (model, sha256, fingerprint) : FEW_MODEL_SAME;
  return several == is_several (self) && few_model_match_fits (match);
}

static void
put_aside (FewComparison *self)
{
  FewProjectComparison *record = few_results_record (self->results, self->methods);
  self->taking = FALSE;
  if (record)
    {
      g_clear_pointer (&self->aside, few_project_comparison_unref);
      self->aside = few_project_comparison_ref (record);
    }
  few_results_clear (self->results);
  tell_change (self);
}

static void
put_back (FewComparison *self)
{
  g_autoptr (FewProjectComparison) record = g_steal_pointer (&self->aside);
  few_results_restore (self->results, record, self->methods,
                       few_examples_get_classes (self->examples));
  g_signal_emit (self, signals[METHODS], 0);
  tell_change (self);
}

/* What is found from now on is found with the one that is open. */
static void
set_model (FewComparison *self)
{
  const FewModelInfo *model = few_desk_get_model (self->desk);
  few_results_set_model (self->results, model ? model->sha256 : NULL,
                         model ? model->fingerprint : NULL);
}

/* What was found is in view with the model that it was found with, and on such pictures. */
static void
settle (FewComparison *self)
{
  const FewResultsPlan *plan = few_results_get_plan (self->results);
  const FewProjectComparison *aside = self->aside;
  gboolean begun = self->taking && few_results_count (self->results) == 0;
  if (begun && plan->several == is_several (self)) /* it has waited for the model's opening */
    set_model (self);
  if (plan->n_shots > 0
      && !is_of (self, plan->model_sha256, plan->model_fingerprint, plan->several))
    {
      few_worker_stop_comparing (few_desk_get_worker (self->desk));
      put_aside (self);
    }
  else if (plan->n_shots == 0 && aside && !self->running
           && is_of (self, aside->backbone_sha256, aside->backbone_fingerprint, aside->any))
    put_back (self);
}

/* ---- the run */

static void
choose_rows (FewComparison *self)
{
  g_ptr_array_set_size (self->specifications, 0);
  g_array_set_size (self->rows, 0);
  few_entrants_choose (self->methods, few_desk_get_model (self->desk), is_several (self),
                       self->specifications, self->rows);
  g_ptr_array_add (self->specifications, NULL);
}

/* FALSE with a sentence when nothing is to be run. */
static gboolean
check_wanted (FewComparison *self, guint most, GError **error)
{
  if (few_entrants_choose (self->methods, few_desk_get_model (self->desk), is_several (self), NULL,
                           NULL)
      == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           _ ("Choose at least one method to compare."));
      return FALSE;
    }
  return few_shots_check (self->wanted_shots, self->n_wanted_shots, most, error);
}

/* most: training pictures that the largest class has. The job's arrays live until the next call.
 * What was found before stays in view unless there is something to be run. */
static gboolean
begin_run (FewComparison *self, GPtrArray *classes, guint most, FewCompareJob *job, GError **error)
{
  if (!check_wanted (self, most, error))
    return FALSE;
  FewResultsPlan plan = { .classes = classes,
                          .several = is_several (self),
                          .n_seeds = self->seeds };
  plan.n_shots = few_shots_spare (self->wanted_shots, self->n_wanted_shots, most, plan.shots);
  put_aside (self); /* until something else is found */
  few_results_begin (self->results, &plan);
  set_model (self);
  self->taking = TRUE;
  self->done = self->total = 0;
  choose_rows (self);
  *job = (FewCompareJob) { (const char *const *) self->specifications->pdata,
                           few_results_get_plan (self->results)->shots, plan.n_shots,
                           self->seed_numbers, plan.n_seeds };
  return TRUE;
}

/* What is wanted may be otherwise by now. */
static void
looked_cb (gpointer user)
{
  FewComparison *self = user;
  g_auto (FewRoll) roll = { 0 };
  g_autoptr (GError) error = NULL;
  FewCompareJob job;
  if (!self->preparing)
    return;
  self->preparing = FALSE;
  few_examples_call (self->examples, &roll);
  guint most = few_shots_count_most (&roll.pictures, roll.prompts.n_classes);
  if (begin_run (self, roll.classes, most, &job, &error))
    few_worker_compare (few_desk_get_worker (self->desk), &job, &roll.prompts, &roll.pictures);
  else
    few_desk_say (self->desk, error->message);
  set_running (self, error == NULL);
  tell_change (self);
}

static gboolean
may_run (FewComparison *self, GError **error)
{
  g_auto (FewRoll) roll = { 0 };
  few_examples_call (self->examples, &roll);
  guint most = few_shots_count_most (&roll.pictures, roll.prompts.n_classes);
  if (few_desk_get_model (self->desk))
    return check_wanted (self, most, error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("Open a model first."));
  return FALSE;
}

void
few_comparison_run (FewComparison *self)
{
  g_return_if_fail (FEW_IS_COMPARISON (self));
  g_autoptr (GError) error = NULL;
  if (self->running)
    return;
  if (!may_run (self, &error))
    {
      few_desk_say (self->desk, error->message);
      return;
    }
  self->preparing = TRUE;
  set_running (self, TRUE);
  few_changes_look (self->changes, looked_cb, self);
  tell_change (self);
}

void
few_comparison_stop (FewComparison *self)
{
  g_return_if_fail (FEW_IS_COMPARISON (self));
  if (self->preparing)
    set_running (self, FALSE);
  self->preparing = FALSE;
  few_worker_stop_comparing (few_desk_get_worker (self->desk));
  tell_change (self);
}

static void
take_progress (FewComparison *self, const FewEvent *event)
{
  if (!self->taking)
    return; /* what it was of is no longer in view */
  if (event->compared)
    {
      g_clear_pointer (&self->aside, few_project_comparison_unref);
      few_results_add (self->results, g_array_index (self->rows, guint, event->compared->method),
                       event->compared);
      g_signal_emit (self, signals[FOUND], 0);
    }
  self->done = event->compared ? 0 : event->done;
  self->total = event->compared ? 0 : event->total;
  tell_change (self);
}

static void
end_run (FewComparison *self, const FewEvent *event)
{
  if (event->error)
    few_desk_say (self->desk, event->error->message);
  if (few_results_count (self->results) == 0)
    few_results_clear (self->results);
  self->taking = FALSE;
  set_running (self, FALSE);
  settle (self);
  tell_change (self);
}

static void
settle_cb (FewComparison *self)
{
  settle (self);
}

static void
comparison_event_cb (FewComparison *self, const FewEvent *event)
{
  if (event->kind == FEW_EVENT_COMPARING)
    take_progress (self, event);
  else if (event->kind == FEW_EVENT_COMPARED)
    end_run (self, event);
  else if (event->kind == FEW_EVENT_MODEL && !event->error)
    settle (self);
}

/* ---- what was found */

gboolean
few_comparison_is_running (FewComparison *self)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), FALSE);
  return self->running;
}

gboolean
few_comparison_has_results (FewComparison *self)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), FALSE);
  return few_results_count (self->results) > 0;
}

double
few_comparison_get_progress (FewComparison *self, char **what)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), 0);
  const FewResultsPlan *plan = few_results_get_plan (self->results);
  guint all = self->rows->len * plan->n_shots * plan->n_seeds;
  guint runs = few_results_count (self->results);
  if (what)
    *what = NULL;
  if (all == 0)
    return 0;
  if (what && self->running && runs < all)
    {
      guint row = g_array_index (self->rows, guint, runs % self->rows->len);
      guint draw = runs / self->rows->len;
      /* Translators: the method that runs, its number of training pictures a class, which draw
       * of them out of how many */
      *what = g_strdup_printf (
          ngettext ("%s, %u shot, draw %u of %u", "%s, %u shots, draw %u of %u",
                    plan->shots[draw / plan->n_seeds]),
          few_entrants_get (self->methods, row)->title, plan->shots[draw / plan->n_seeds],
          draw % plan->n_seeds + 1, plan->n_seeds);
    }
  return (runs + (self->total ? (double) self->done / self->total : 0)) / all;
}

const guint *
few_comparison_get_shots (FewComparison *self, guint *n)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), NULL);
  const FewResultsPlan *plan = few_results_get_plan (self->results);
  *n = plan->n_shots;
  return plan->shots;
}

FewCompared *
few_comparison_find (FewComparison *self, guint method, guint shots, guint64 seed)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), NULL);
  return few_results_find (self->results, method, shots, seed);
}

void
few_comparison_get_cell (FewComparison *self, guint method, guint shots, FewComparisonCell *cell)
{
  g_return_if_fail (FEW_IS_COMPARISON (self));
  few_comparison_get_cell_by (self, method, shots, few_comparison_get_measure (self), cell);
}

void
few_comparison_get_cell_by (FewComparison *self, guint method, guint shots, FewMeasure measure,
                            FewComparisonCell *cell)
{
  g_return_if_fail (FEW_IS_COMPARISON (self));
  few_results_get_cell (self->results, method, shots, measure, cell);
}

guint
few_comparison_get_test_pictures (FewComparison *self, guint *bare)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), 0);
  return few_results_count_test_pictures (self->results, bare);
}

FewClass *
few_comparison_get_class (FewComparison *self, guint k)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), NULL);
  return few_results_get_plan (self->results)->classes->pdata[k];
}

void
few_comparison_record (FewComparison *self, FewProject *project)
{
  g_return_if_fail (FEW_IS_COMPARISON (self) && project != NULL);
  FewProjectComparison *record = few_results_record (self->results, self->methods);
  record = record ? record : self->aside;
  project->comparison = record ? few_project_comparison_ref (record) : NULL;
}

/* What it was made with. */
static void
want (FewComparison *self, const FewProjectComparison *record)
{
  g_autofree char *text =
      few_shots_write (record->shots, MIN (record->n_shots, FEW_RESULTS_MOST_SHOTS));
  few_comparison_set_shots (self, text);
  few_comparison_set_seeds (self, record->n_seeds);
  few_entrants_want (self->methods, (const char *const *) record->methods, record->any);
  g_signal_emit (self, signals[METHODS], 0);
  g_signal_emit (self, signals[WANTED], 0);
}

void
few_comparison_restore (FewComparison *self, const FewProject *project)
{
  g_return_if_fail (FEW_IS_COMPARISON (self) && project != NULL);
  g_return_if_fail (!self->running && !self->aside);
  if (!project->comparison)
    return;
  self->aside = few_project_comparison_ref (project->comparison);
  want (self, project->comparison);
  settle (self);
}

/* ---- life */

static void
few_comparison_finalize (GObject *object)
{
  FewComparison *self = FEW_COMPARISON (object);
  g_object_unref (self->changes);
  g_object_unref (self->examples);
  g_object_unref (self->desk);
  few_entrants_free (self->methods);
  g_array_unref (self->rows);
  g_ptr_array_unref (self->specifications);
  few_results_free (self->results);
  g_clear_pointer (&self->aside, few_project_comparison_unref);
  g_free (self->shots_text);
  G_OBJECT_CLASS (few_comparison_parent_class)->finalize (object);
}

static void
few_comparison_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, FEW_COMPARISON (object)->running);
}

static void
few_comparison_class_init (FewComparisonClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = few_comparison_get_property;
  G_OBJECT_CLASS (klass)->finalize = few_comparison_finalize;
  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);
  signals[METHODS] = g_signal_new ("methods", FEW_TYPE_COMPARISON, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[WANTED] = g_signal_new ("wanted", FEW_TYPE_COMPARISON, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
  signals[FOUND] = g_signal_new ("found", FEW_TYPE_COMPARISON, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
  signals[CHANGED] = g_signal_new ("changed", FEW_TYPE_COMPARISON, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
few_comparison_init (FewComparison *self)
{
  self->methods = few_entrants_new ();
  self->measure = FEW_MEASURE_MAP;
  self->rows = g_array_new (FALSE, FALSE, sizeof (guint));
  self->specifications = g_ptr_array_new ();
  self->results = few_results_new ();
  for (guint i = 0; i < MAX_SEEDS; i++)
    self->seed_numbers[i] = i + 1;
  few_comparison_set_shots (self, "1, 2, 4, 8, 16");
  self->seeds = 3;
}

FewComparison *
few_comparison_new (FewDesk *desk, FewExamples *examples, FewChanges *changes)
{
  g_return_val_if_fail (FEW_IS_DESK (desk) && FEW_IS_EXAMPLES (examples), NULL);
  g_return_val_if_fail (FEW_IS_CHANGES (changes), NULL);
  FewComparison *self = g_object_new (FEW_TYPE_COMPARISON, NULL);
  self->desk = g_object_ref (desk);
  self->examples = g_object_ref (examples);
  self->changes = g_object_ref (changes);
  g_signal_connect_object (desk, "event", G_CALLBACK (comparison_event_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (examples, "content", G_CALLBACK (settle_cb), self, G_CONNECT_SWAPPED);
  return self;
}
