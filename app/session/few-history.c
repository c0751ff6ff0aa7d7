/* SPDX-License-Identifier: MIT */
/* A list of states and a place in it. */
#include "session/few-history.h"
#include "session/few-pieces.h"

enum { MOST = 200 }; /* steps kept; states share what did not change */
static const gint64 TOGETHER = 3 * G_USEC_PER_SEC / 2;

typedef struct
{
  FewState *state;
  char *title; /* what led here; NULL for the first */
  guint kind;
  gint64 when;
  guint64 id;
} Step;

struct FewHistory
{
  GPtrArray *steps; /* Step * */
  guint at;
  guint64 made; /* steps, ever */
};

FewState *
few_state_new (FewProject *project, GArray *pieces)
{
  g_return_val_if_fail (project != NULL && pieces != NULL, NULL);
  FewState *state = g_new (FewState, 1);
  *state = (FewState) { project, pieces };
  return state;
}

void
few_state_free (FewState *state)
{
  g_return_if_fail (state != NULL);
  few_project_free (state->project);
  g_array_unref (state->pieces);
  g_free (state);
}

static void
step_free (gpointer data)
{
  Step *step = data;
  few_state_free (step->state);
  g_free (step->title);
  g_free (step);
}

FewHistory *
few_history_new (void)
{
  FewHistory *history = g_new0 (FewHistory, 1);
  history->steps = g_ptr_array_new_with_free_func (step_free);
  few_history_reset (history, few_state_new (few_project_new (), few_pieces_new ()));
  return history;
}

void
few_history_free (FewHistory *history)
{
  g_return_if_fail (history != NULL);
  g_ptr_array_unref (history->steps);
  g_free (history);
}

static Step *
step_at (FewHistory *history, guint at)
{
  return history->steps->pdata[at];
}

static void
append_step (FewHistory *history, FewState *state, const char *title, guint kind)
{
  Step *step = g_new0 (Step, 1);
  step->state = state;
  step->title = g_strdup (title);
  step->kind = kind;
  step->when = g_get_monotonic_time ();
  step->id = ++history->made;
  g_ptr_array_add (history->steps, step);
  history->at = history->steps->len - 1;
}

void
few_history_reset (FewHistory *history, FewState *state)
{
  g_return_if_fail (history != NULL && state != NULL);
  g_ptr_array_set_size (history->steps, 0);
  append_step (history, state, NULL, 0);
}

void
few_history_push (FewHistory *history, FewState *state, const char *title, guint kind)
{
  g_return_if_fail (history != NULL && state != NULL);
  Step *last = step_at (history, history->at);
  gboolean newest = history->at + 1 == history->steps->len;
  if (kind && newest && last->title && last->kind == kind
      && g_get_monotonic_time () - last->when < TOGETHER)
    {
      few_state_free (last->state);
      last->state = state;
      last->when = g_get_monotonic_time ();
      return;
    }
  g_ptr_array_set_size (history->steps, history->at + 1);
  append_step (history, state, title, kind);
  if (history->steps->len > MOST)
    {
      g_ptr_array_remove_index (history->steps, 0);
      history->at--;
    }
}

guint64
few_history_get_step (FewHistory *history)
{
  g_return_val_if_fail (history != NULL, 0);
  return step_at (history, history->at)->id;
}

const char *
few_history_get_undo (FewHistory *history)
{
  g_return_val_if_fail (history != NULL, NULL);
  return history->at > 0 ? step_at (history, history->at)->title : NULL;
}

const char *
few_history_get_redo (FewHistory *history)
{
  g_return_val_if_fail (history != NULL, NULL);
  return history->at + 1 < history->steps->len ? step_at (history, history->at + 1)->title : NULL;
}

const FewState *
few_history_get_state (FewHistory *history)
{
  g_return_val_if_fail (history != NULL, NULL);
  return step_at (history, history->at)->state;
}

FewState *
few_history_undo (FewHistory *history)
{
  g_return_val_if_fail (history, NULL);
  if (!few_history_get_undo (history))
    return NULL;
  history->at--;
  return step_at (history, history->at)->state;
}

FewState *
few_history_redo (FewHistory *history)
{
  g_return_val_if_fail (history, NULL);
  if (!few_history_get_redo (history))
    return NULL;
  history->at++;
  return step_at (history, history->at)->state;
}
