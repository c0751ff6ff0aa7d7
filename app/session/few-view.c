/* SPDX-License-Identifier: MIT */
/* The snapshot in view and what α makes of it. */
#include "session/few-view.h"
#include "base/few-turns.h"
#include "session/few-class-means.h"
#include "session/few-predicting.h"
#include "session/few-preparing.h"
#include "session/few-release.h"
#include "session/few-rows.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

struct _FewView
{
  GObject parent;
  FewDesk *desk;
  FewExamples *examples;
  FewSnapshot *snapshot;
  GPtrArray *classes; /* FewClass, as the snapshot numbers them */
  FewRows *rows;
  guint32 *predicted;
  guint32 *predicted_zero_shot;
  float *margins;
  FewMeasuring *measuring; /* of any number of labels */
  FewPreparing *preparing; /* of α's next moves */
  guint measured; /* test pictures in the snapshot */
  gboolean live;
  double alpha;
  guint promise;
  double peeked; /* NAN unless another α is shown for a while */
  guint near_ticket;
  FewClass *focus; /* chosen at the side; NULL: none */
  gboolean following; /* steps are gone through, one a turn of the main loop */
  guint step;         /* that comes next */
  guint row;          /* that is predicted next */
  double pass_alpha;  /* of the rows before it, and of what is said of them */
  gboolean again;     /* α is another one since the first of them */
};

enum { SNAPSHOT, LENS, NEAREST, FOCUS, DID, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewView, few_view, G_TYPE_OBJECT)

/* ---- what is in view */

gboolean
few_view_is_several (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), FALSE);
  return self->snapshot && few_snapshot_info (self->snapshot)->sets;
}

/* What takes longer than a frame in one turn of the main loop, to be on the safe side. */
gboolean
few_view_is_large (FewView *self)
{
  enum { MANY = 100000 }; /* cosines */
  g_return_val_if_fail (FEW_IS_VIEW (self), FALSE);
  const FewSnapshotInfo *info = self->snapshot ? few_snapshot_info (self->snapshot) : NULL;
  return info && (gsize) info->n * info->n_classes >= MANY;
}

/* ---- the lens */

enum { STEP_PREDICT, STEP_CLASSES, STEP_TELL, N_STEPS };

/* So many rows more; TRUE once all are. */
static gboolean
predict (FewView *self, guint most)
{
  if (self->row == 0)
    self->pass_alpha = few_view_get_alpha (self); /* one for all rows, wherever α goes meanwhile */
  return few_predicting_go_on (self->snapshot, self->pass_alpha, self->measuring, &self->row, most,
                               self->predicted, self->margins);
}

/* Does it, or some of it; which is the next. */
static guint
make_step (FewView *self, guint step)
{
  if (step == STEP_PREDICT)
    return predict (self, few_predicting_count (self->snapshot)) ? STEP_CLASSES : STEP_PREDICT;
  if (step == STEP_CLASSES && few_view_is_several (self))
    few_measuring_tell (self->measuring, self->snapshot, self->classes);
  else if (step == STEP_CLASSES)
    few_class_means_tell (self->snapshot, self->classes, self->pass_alpha,
                          few_view_get_measured_role (self), self->predicted);
  else
    g_signal_emit (self, signals[LENS], 0, few_view_get_alpha (self));
  return step + 1;
}

static void
take_step (gpointer user)
{
  FewView *self = user;
  if (!self->following)
    return;
  if (self->snapshot)
    self->step = make_step (self, self->step);
  gboolean more = self->snapshot && self->step < N_STEPS;
  if (!more && self->again)
    self->step = STEP_PREDICT;
  self->following = more || self->again;
  self->again = self->again && more;
  if (self->following)
    few_turns_add (self, take_step);
}

/* A step a turn, from that one on; who moves α faster sees the newest in the end. */
static void
begin_steps (FewView *self, guint step)
{
  self->again = self->following;
  if (!self->following)
    self->step = step;
  self->following = TRUE;
  few_turns_add (self, take_step);
}

static void
update_lens (FewView *self, guint from)
{
  if (few_view_is_large (self))
    {
      begin_steps (self, from);
      return;
    }
  self->following = self->again = FALSE;
  for (guint step = from; self->snapshot && step < N_STEPS;)
    step = make_step (self, step);
}

/* ---- the snapshot */

static void
let_go (FewView *self)
{
  few_release_snapshot (g_steal_pointer (&self->snapshot));
}

/* Of one run, CLIP's own predictions are the same from the first epoch to the last. */
static gboolean
is_of_same_run (FewView *self, FewSnapshot *next, GPtrArray *classes)
{
  return self->snapshot && self->classes == classes && few_snapshot_info (self->snapshot)->trained
         && few_snapshot_info (next)->trained;
}

static gboolean
have_same_rows (const FewSnapshot *a, const FewSnapshot *b)
{
  const FewSnapshotInfo *x = a ? few_snapshot_info (a) : NULL;
  const FewSnapshotInfo *y = few_snapshot_info (b);
  return x && x->n == y->n && x->n_classes == y->n_classes
         && memcmp (x->ids, y->ids, x->n * sizeof *x->ids) == 0
         && memcmp (x->labels, y->labels, x->n * sizeof *x->labels) == 0;
}

static void
number_rows (FewView *self, const FewSnapshotInfo *info)
{
  few_rows_number (self->rows, info->ids, info->n);
  self->predicted = g_renew (guint32, self->predicted, info->n + 1);
  self->predicted_zero_shot = g_renew (guint32, self->predicted_zero_shot, info->n + 1);
  self->margins = g_renew (float, self->margins, info->n + 1);
}

static void
put_alpha (FewView *self, double alpha)
{
  self->alpha = alpha;
  self->peeked = NAN;
}

void
few_view_show (FewView *self, FewSnapshot *snapshot, GPtrArray *classes, double alpha)
{
  g_return_if_fail (FEW_IS_VIEW (self));
  g_return_if_fail (snapshot != NULL && classes != NULL);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  gboolean same = have_same_rows (self->snapshot, snapshot);
  gboolean same_run = same && is_of_same_run (self, snapshot, classes);
  let_go (self);
  self->snapshot = snapshot;
  g_autoptr (GPtrArray) classes_before = g_steal_pointer (&self->classes);
  self->classes = g_ptr_array_ref (classes);
  self->row = 0; /* of those before */
  if (!same)
    number_rows (self, info);
  self->measured = 0;
  for (guint i = 0; i < info->n; i++)
    self->measured += info->roles[i] == FEW_ROLE_TEST;
  if (!isnan (alpha))
    put_alpha (self, alpha);
  if (!same_run)
    few_lens_predict (snapshot, 0, self->predicted_zero_shot, NULL);
  few_measuring_ask (self->measuring, snapshot, few_view_get_measured_role (self));
  if (!same) /* what was said of other rows says nothing of these */
    predict (self, G_MAXUINT);
  few_preparing_begin (self->preparing, !self->live && few_view_is_large (self) ? snapshot : NULL);
  g_signal_emit (self, signals[SNAPSHOT], 0);
  if (same_run && self->live)
    begin_steps (self, STEP_PREDICT);
  else
    update_lens (self, same ? STEP_PREDICT : STEP_CLASSES);
}

gboolean
few_view_forget_unsaid (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), FALSE);
  const FewModelInfo *model = few_desk_get_model (self->desk);
  if (!model || model->reads_texts)
    return FALSE;
  if (!self->snapshot)
    return TRUE;
  let_go (self);
  few_measuring_ask (self->measuring, NULL, -1);
  few_rows_number (self->rows, NULL, 0);
  self->measured = 0;
  for (guint i = 0; self->classes && i < self->classes->len; i++)
    few_class_set_means (self->classes->pdata[i], NAN, NAN);
  g_signal_emit (self, signals[SNAPSHOT], 0);
  g_signal_emit (self, signals[LENS], 0, few_view_get_alpha (self));
  return TRUE;
}

FewSnapshot *
few_view_get_snapshot (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), NULL);
  return self->snapshot;
}

void
few_view_set_live (FewView *self, gboolean live)
{
  g_return_if_fail (FEW_IS_VIEW (self));
  self->live = live;
}

gboolean
few_view_is_live (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), FALSE);
  return self->live;
}

GPtrArray *
few_view_get_classes (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), NULL);
  return self->classes;
}

int
few_view_get_row (FewView *self, FewPicture *picture)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), -1);
  return few_rows_find (self->rows, few_picture_get_id (picture));
}

FewPicture *
few_view_get_row_picture (FewView *self, guint row)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), NULL);
  g_return_val_if_fail (self->snapshot != NULL, NULL);
  return few_examples_get_picture (self->examples, few_snapshot_info (self->snapshot)->ids[row]);
}

/* ---- any number of labels */

const FewMeasuring *
few_view_get_measuring (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), NULL);
  return self->measuring;
}

static void
measured_cb (gpointer user)
{
  update_lens (user, STEP_PREDICT);
}

/* ---- α */

double
few_view_get_alpha (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), NAN);
  double seen = isnan (self->peeked) ? self->alpha : self->peeked;
  return few_view_is_several (self) ? 1 : seen;
}

double
few_view_get_chosen_alpha (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), NAN);
  return self->alpha;
}

void
few_view_set_alpha (FewView *self, double alpha)
{
  g_return_if_fail (FEW_IS_VIEW (self));
  alpha = CLAMP (round (alpha * 1000) / 1000, 0, 1);
  if (alpha == few_view_get_alpha (self))
    return;
  few_view_restore_alpha (self, alpha);
  g_signal_emit (self, signals[DID], 0, _ ("Change α"), (guint) FEW_EDIT_ALPHA);
}

void
few_view_restore_alpha (FewView *self, double alpha)
{
  g_return_if_fail (FEW_IS_VIEW (self));
  put_alpha (self, alpha);
  update_lens (self, STEP_PREDICT);
}

void
few_view_peek_alpha (FewView *self, double alpha)
{
  g_return_if_fail (FEW_IS_VIEW (self));
  self->peeked = alpha;
  update_lens (self, STEP_PREDICT);
}

/* ---- answer sets */

guint
few_view_get_promise (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), FEW_TRUST_LEAST);
  return self->promise;
}

void
few_view_set_promise (FewView *self, guint promise)
{
  g_return_if_fail (FEW_IS_VIEW (self));
  promise = CLAMP (promise, FEW_TRUST_LEAST, FEW_TRUST_MOST);
  if (promise == self->promise)
    return;
  self->promise = promise;
  if (self->snapshot)
    g_signal_emit (self, signals[LENS], 0, few_view_get_alpha (self));
}

/* ---- what it says */

const guint32 *
few_view_get_predicted (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), NULL);
  return self->predicted;
}

const guint32 *
few_view_get_predicted_zero_shot (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), NULL);
  return self->predicted_zero_shot;
}

const float *
few_view_get_margins (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), NULL);
  return self->margins;
}

int
few_view_get_measured_role (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), -1);
  return self->measured > 0 ? FEW_ROLE_TEST : -1;
}

guint
few_view_count_measured (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), 0);
  g_return_val_if_fail (self->snapshot != NULL, 0);
  return self->measured > 0 ? self->measured : few_snapshot_info (self->snapshot)->n;
}

/* ---- asked of the worker */

void
few_view_request_nearest (FewView *self, FewPicture *picture, guint count)
{
  g_return_if_fail (FEW_IS_VIEW (self));
  g_return_if_fail (FEW_IS_PICTURE (picture));
  if (!self->snapshot || self->live)
    return;
  self->near_ticket = few_desk_take_ticket (self->desk);
  few_worker_nearest (few_desk_get_worker (self->desk), self->near_ticket, self->snapshot,
                      few_picture_get_id (picture), count);
}

static void
view_event_cb (FewView *self, const FewEvent *event)
{
  if (event->kind == FEW_EVENT_NEAREST && event->id == self->near_ticket)
    g_signal_emit (self, signals[NEAREST], 0, event->near);
}

/* ---- the class at the side */

FewClass *
few_view_get_focus (FewView *self)
{
  g_return_val_if_fail (FEW_IS_VIEW (self), NULL);
  return self->focus;
}

void
few_view_set_focus (FewView *self, FewClass *klass)
{
  g_return_if_fail (FEW_IS_VIEW (self));
  g_return_if_fail (!klass || FEW_IS_CLASS (klass));
  if (g_set_object (&self->focus, klass))
    g_signal_emit (self, signals[FOCUS], 0);
}

/* ---- life */

static void
few_view_finalize (GObject *object)
{
  FewView *self = FEW_VIEW (object);
  g_clear_pointer (&self->snapshot, few_snapshot_unref);
  g_clear_pointer (&self->classes, g_ptr_array_unref);
  few_rows_free (self->rows);
  g_free (self->predicted);
  g_free (self->predicted_zero_shot);
  g_free (self->margins);
  few_measuring_free (self->measuring);
  few_preparing_free (self->preparing);
  g_object_unref (self->examples);
  g_object_unref (self->desk);
  g_clear_object (&self->focus);
  G_OBJECT_CLASS (few_view_parent_class)->finalize (object);
}

static guint
add_signal (const char *name, guint n, ...)
{
  va_list types;
  va_start (types, n);
  guint id = g_signal_new_valist (name, FEW_TYPE_VIEW, G_SIGNAL_RUN_LAST, NULL, NULL, NULL, NULL,
                                  G_TYPE_NONE, n, types);
  va_end (types);
  return id;
}

static void
few_view_class_init (FewViewClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_view_finalize;
  signals[SNAPSHOT] = add_signal ("snapshot", 0);
  signals[LENS] = add_signal ("lens", 1, G_TYPE_DOUBLE);
  signals[NEAREST] = add_signal ("nearest", 1, G_TYPE_ARRAY);
  signals[FOCUS] = add_signal ("focus", 0);
  signals[DID] = add_signal ("did", 2, G_TYPE_STRING, G_TYPE_UINT);
}

static void
few_view_init (FewView *self)
{
  FewTrainOptions options;
  few_train_options_init (&options);
  self->rows = few_rows_new ();
  self->measuring = few_measuring_new (measured_cb, self);
  self->preparing = few_preparing_new ();
  self->alpha = options.alpha;
  self->peeked = NAN;
  self->promise = (guint) (100 * FEW_TRUST_COVERAGE + .5);
}

FewView *
few_view_new (FewDesk *desk, FewExamples *examples)
{
  g_return_val_if_fail (FEW_IS_DESK (desk) && FEW_IS_EXAMPLES (examples), NULL);
  FewView *self = g_object_new (FEW_TYPE_VIEW, NULL);
  self->desk = g_object_ref (desk);
  self->examples = g_object_ref (examples);
  g_signal_connect_object (desk, "event", G_CALLBACK (view_event_cb), self, G_CONNECT_SWAPPED);
  return self;
}
