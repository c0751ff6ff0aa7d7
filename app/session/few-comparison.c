/* SPDX-License-Identifier: MIT */
/* Which methods are wanted, one comparison under way, its results by method, shots and seed. */
#include "session/few-comparison.h"
#include "session/few-entrants.h"
#include "session/few-shots.h"
#include <glib/gi18n.h>
#include <string.h>

enum { MAX_SHOTS = 12, MAX_SEEDS = FEW_RESULTS_MOST_SEEDS };

struct _FewComparison
{
  GObject parent;
  FewDesk *desk;
  FewExamples *examples;
  FewChanges *changes;
  FewEntrants *methods;
  FewMeasure measure; /* of pictures with any number of labels */
  char *shots_text;
  guint wanted_shots[MAX_SHOTS];
  guint n_wanted_shots;
  guint seeds;
  /* the run in view */
  gboolean running;
  gboolean preparing; /* files are looked at before it begins */
  GPtrArray *specifications; /* of the job, NULL-terminated; borrowed from methods */
  GArray *rows; /* guint: which method each is */
  guint shots[MAX_SHOTS];
  guint n_shots;
  guint64 seed_numbers[MAX_SEEDS];
  guint n_seeds;
  GPtrArray *classes; /* FewClass */
  gboolean several;   /* of pictures with any number of labels */
  FewResults *results;
  guint done, total; /* steps of the method that runs */
};

enum { PROP_RUNNING = 1, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

enum { METHODS, CHANGED, N_SIGNALS };
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

/* ---- what is wanted */

static gboolean
is_several (FewComparison *self)
{
  return few_examples_is_several (self->examples);
}

guint
few_comparison_get_n_methods (FewComparison *self)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), 0);
  return few_entrants_count (self->methods);
}

static FewEntrant *
method_at (FewComparison *self, guint i)
{
  return few_entrants_get (self->methods, i);
}

const char *
few_comparison_get_title (FewComparison *self, guint i)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), NULL);
  return method_at (self, i)->title;
}

const char *
few_comparison_get_specification (FewComparison *self, guint i)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), NULL);
  return method_at (self, i)->specification;
}

gboolean
few_comparison_offers (FewComparison *self, guint i)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), FALSE);
  return few_entrant_suits (method_at (self, i), few_desk_get_model (self->desk),
                            is_several (self));
}

gboolean
few_comparison_get_enabled (FewComparison *self, guint i)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), FALSE);
  return method_at (self, i)->enabled && few_comparison_offers (self, i);
}

void
few_comparison_set_enabled (FewComparison *self, guint i, gboolean enabled)
{
  g_return_if_fail (FEW_IS_COMPARISON (self));
  method_at (self, i)->enabled = enabled;
  tell_change (self);
}

gboolean
few_comparison_add_method (FewComparison *self, const char *specification, GError **error)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), FALSE);
  guint before = few_entrants_count (self->methods);
  if (!few_entrants_add (self->methods, specification, is_several (self), error))
    return FALSE;
  if (few_entrants_count (self->methods) > before)
    g_signal_emit (self, signals[METHODS], 0);
  else
    tell_change (self);
  return TRUE;
}

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

const char *
few_comparison_get_shots_text (FewComparison *self)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), NULL);
  return self->shots_text;
}

void
few_comparison_set_seeds (FewComparison *self, guint seeds)
{
  g_return_if_fail (FEW_IS_COMPARISON (self));
  self->seeds = CLAMP (seeds, 1, MAX_SEEDS);
}

guint
few_comparison_get_seeds (FewComparison *self)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), 0);
  return self->seeds;
}

void
few_comparison_set_measure (FewComparison *self, FewMeasure measure)
{
  g_return_if_fail (FEW_IS_COMPARISON (self));
  g_return_if_fail (measure != FEW_MEASURE_ACCURACY);
  if (self->measure == measure)
    return;
  self->measure = measure;
  tell_change (self);
}

FewMeasure
few_comparison_get_measure (FewComparison *self)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), FEW_MEASURE_ACCURACY);
  return is_several (self) ? self->measure : FEW_MEASURE_ACCURACY;
}

/* ---- the run */

static void
clear_results (FewComparison *self)
{
  few_results_clear (self->results);
  self->n_shots = 0;
  tell_change (self);
}

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
  g_clear_pointer (&self->classes, g_ptr_array_unref);
  self->classes = g_ptr_array_ref (classes);
  self->several = is_several (self);
  few_results_clear (self->results);
  self->done = self->total = 0;
  choose_rows (self);
  self->n_shots = few_shots_spare (self->wanted_shots, self->n_wanted_shots, most, self->shots);
  self->n_seeds = self->seeds;
  for (guint i = 0; i < self->n_seeds; i++)
    self->seed_numbers[i] = i + 1;
  *job = (FewCompareJob) { (const char *const *) self->specifications->pdata, self->shots,
                           self->n_shots, self->seed_numbers, self->n_seeds };
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

/* Other pictures: what was found, and what is on its way, says nothing of them. */
static void
examples_content_cb (FewComparison *self)
{
  if (self->n_shots == 0 || self->several == is_several (self))
    return;
  few_worker_stop_comparing (few_desk_get_worker (self->desk));
  clear_results (self);
}

static void
take_progress (FewComparison *self, const FewEvent *event)
{
  if (self->n_shots == 0)
    return; /* what it was of has been cleared */
  if (event->compared)
    few_results_add (self->results, g_array_index (self->rows, guint, event->compared->method),
                     event->compared);
  self->done = event->compared ? 0 : event->done;
  self->total = event->compared ? 0 : event->total;
  tell_change (self);
}

static void
end_run (FewComparison *self, const FewEvent *event)
{
  if (event->error)
    few_desk_say (self->desk, event->error->message);
  set_running (self, FALSE);
  tell_change (self);
}

static void
comparison_event_cb (FewComparison *self, const FewEvent *event)
{
  if (event->kind == FEW_EVENT_COMPARING)
    take_progress (self, event);
  else if (event->kind == FEW_EVENT_COMPARED)
    end_run (self, event);
  else if (event->kind == FEW_EVENT_MODEL && !event->error)
    clear_results (self); /* another model: what was found holds no longer */
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
  guint all = self->rows->len * self->n_shots * self->n_seeds;
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
      *what =
          g_strdup_printf (ngettext ("%s, %u shot, draw %u of %u", "%s, %u shots, draw %u of %u",
                                     self->shots[draw / self->n_seeds]),
                           method_at (self, row)->title, self->shots[draw / self->n_seeds],
                           draw % self->n_seeds + 1, self->n_seeds);
    }
  return (runs + (self->total ? (double) self->done / self->total : 0)) / all;
}

const guint *
few_comparison_get_shots (FewComparison *self, guint *n)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), NULL);
  *n = self->n_shots;
  return self->shots;
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
  few_results_get_cell (self->results, method, shots, self->seed_numbers, self->n_seeds, measure,
                        cell);
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
  return self->classes->pdata[k];
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
  g_clear_pointer (&self->classes, g_ptr_array_unref);
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
  g_signal_connect_object (examples, "content", G_CALLBACK (examples_content_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}
