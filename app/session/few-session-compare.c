/* SPDX-License-Identifier: MIT */
/* Comparing methods on the session's pictures. */
#include "session/few-session-private.h"
#include <glib/gi18n.h>

FewComparison *
few_session_get_comparison (FewSession *self)
{
  return self->comparison;
}

FewPicture *
few_session_get_picture (FewSession *self, guint id)
{
  return g_hash_table_lookup (self->by_id, GUINT_TO_POINTER (id));
}

/* Training pictures of the largest class once half of it is held out. */
static guint
most_shots (const FewSessionData *data)
{
  g_autofree guint *counts = g_new0 (guint, data->n_classes + 1);
  guint most = 0;
  for (guint i = 0; i < data->n; i++)
    counts[data->labels[i]]++;
  for (guint k = 0; k < data->n_classes; k++)
    most = MAX (most, counts[k] - counts[k] / 2);
  return most;
}

void
few_session_compare (FewSession *self)
{
  g_auto (FewSessionData) data = { 0 };
  g_autoptr (GError) error = NULL;
  FewCompareJob job;
  if (few_comparison_is_running (self->comparison))
    return;
  if (!self->has_model)
    {
      few_session_say (self, _ ("Open a model first."));
      return;
    }
  few_session_collect (self, &data);
  if (!few_comparison_begin (self->comparison, data.classes, most_shots (&data), &job, &error))
    {
      few_session_say (self, error->message);
      return;
    }
  few_worker_compare (
      self->worker, &job,
      &(FewPrompts) { data.n_classes, data.names, data.prompts, self->template_text },
      &(FewLabelled) { data.n, data.ids, data.labels, data.paths });
  g_signal_emit (self, few_session_signals[FEW_SESSION_TRAINING], 0);
}

void
few_session_stop_comparing (FewSession *self)
{
  few_worker_stop_comparing (self->worker);
}
