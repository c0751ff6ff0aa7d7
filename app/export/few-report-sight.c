/* SPDX-License-Identifier: MIT */
/* One picture after the other. */
#include "export/few-report-sight.h"
#include "session/few-sight.h"

typedef struct
{
  FewReport *report;
  FewSession *session;
  FewSight *sight;
  FewSnapshot *snapshot; /* which the report is of, and its α */
  double alpha;
  guint32 ids[FEW_REPORT_HEATS];
  guint n, at;
  FewReportReady ready;
  gpointer user;
} Looking;

static void
finish (Looking *l)
{
  g_signal_handlers_disconnect_by_data (l->sight, l);
  l->ready (l->report, l->user);
  g_object_unref (l->sight);
  g_object_unref (l->session);
  few_snapshot_unref (l->snapshot);
  g_free (l);
}

/* Of another run, or another α, nothing is looked at: the report tells of this. */
static gboolean
is_in_view (const Looking *l)
{
  FewView *view = few_session_get_view (l->session);
  return few_view_get_snapshot (view) == l->snapshot && few_view_get_alpha (view) == l->alpha;
}

/* For the class that the picture is taken for. */
static void
go_on (Looking *l)
{
  FewView *view = few_session_get_view (l->session);
  FewExamples *examples = few_session_get_examples (l->session);
  for (; l->at < l->n && is_in_view (l); l->at++)
    {
      FewPicture *picture = few_examples_get_picture (examples, l->ids[l->at]);
      int row = picture ? few_view_get_row (view, picture) : -1;
      if (row < 0)
        continue;
      few_sight_ask (l->sight, picture,
                     few_view_get_class (view, few_view_get_predicted (view)[row]));
      return; /* it may all be over by now */
    }
  finish (l);
}

static void
changed_cb (Looking *l)
{
  guint done, total;
  const float *map = few_sight_get_map (l->sight, FEW_SIGHT_ADAPTED);
  if (!map && few_sight_is_asking (l->sight, &done, &total))
    return;
  if (map && is_in_view (l))
    few_report_set_heat (l->report, l->ids[l->at], few_sight_get_info (l->sight), map);
  l->at++;
  go_on (l);
}

void
few_report_look (FewReport *report, FewSession *session, FewReportReady ready, gpointer user)
{
  g_return_if_fail (report && FEW_IS_SESSION (session) && ready);
  Looking *l = g_new0 (Looking, 1);
  l->report = report;
  l->session = g_object_ref (session);
  l->ready = ready;
  l->user = user;
  l->snapshot = few_snapshot_ref (few_view_get_snapshot (few_session_get_view (session)));
  l->alpha = few_view_get_alpha (few_session_get_view (session));
  l->sight = few_sight_new (few_session_get_desk (session), few_session_get_examples (session),
                            few_session_get_view (session));
  /* behind other work of the worker's the file would wait with it */
  if (few_runs_get_training (few_session_get_runs (session)) == FEW_TRAINING_IDLE
      && !few_comparison_is_running (few_session_get_comparison (session)))
    l->n = few_report_list_worst (report, l->ids, FEW_REPORT_HEATS);
  g_signal_connect_swapped (l->sight, "changed", G_CALLBACK (changed_cb), l);
  go_on (l);
}
