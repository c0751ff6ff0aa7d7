/* SPDX-License-Identifier: MIT */
/* A task a snapshot; the answers of older ones are dropped. */
#include "session/few-measuring.h"
#include "session/few-class.h"
#include <gio/gio.h>
#include <math.h>

/* What a thread finds out. */
typedef struct
{
  FewSnapshot *snapshot;
  int role;
  FewMeasuredOn on;
  FewSeveralScores *scores, *before;
  FewLabelSets *said;
  float *margins;
} Measured;

struct FewMeasuring
{
  void (*measured) (gpointer user);
  gpointer user;
  GCancellable *asked; /* of the task under way; NULL: none is */
  Measured *known;     /* NULL: nothing is */
};

static void
measured_free (gpointer data)
{
  Measured *measured = data;
  g_clear_pointer (&measured->scores, few_several_free);
  g_clear_pointer (&measured->before, few_several_free);
  g_clear_pointer (&measured->said, few_label_sets_unref);
  few_snapshot_unref (measured->snapshot);
  g_free (measured->margins);
  g_free (measured);
}

/* ---- in the thread */

/* By how much a label is given, or kept from the picture, with right; p, threshold:
 * probabilities. */
static float
get_margin (const FewSnapshotInfo *info, guint row, guint label, float p, float threshold)
{
  return few_label_sets_hold (info->sets, row, label) ? p - threshold : threshold - p;
}

/* FALSE where memory is short. */
static gboolean
judge_row (Measured *measured, guint row, float *probabilities, guint32 *said)
{
  const FewSnapshotInfo *info = few_snapshot_info (measured->snapshot);
  guint n = 0;
  measured->margins[row] = INFINITY;
  few_lens_probabilities (measured->snapshot, row, 1, probabilities);
  for (guint k = 0; k < info->n_classes; k++)
    {
      float p = probabilities[k];
      float margin = get_margin (info, row, k, p, info->thresholds[k]);
      if (p >= info->thresholds[k])
        said[n++] = k;
      measured->margins[row] = fminf (measured->margins[row], margin);
    }
  return few_label_sets_add (measured->said, said, n, NULL);
}

static void
judge_rows (Measured *measured, GCancellable *cancellable)
{
  const FewSnapshotInfo *info = few_snapshot_info (measured->snapshot);
  g_autofree float *probabilities = g_new (float, info->n_classes + 1);
  g_autofree guint32 *said = g_new (guint32, info->n_classes + 1);
  gboolean whole = TRUE;
  measured->said = few_label_sets_new ();
  measured->margins = g_new0 (float, info->n + 1);
  for (guint i = 0; whole && i < info->n && !g_cancellable_is_cancelled (cancellable); i++)
    whole = info->thresholds ? judge_row (measured, i, probabilities, said)
                             : few_label_sets_add (measured->said, said, 0, NULL);
}

static void
measure_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data,
                   GCancellable *cancellable)
{
  Measured *measured = data;
  const FewSnapshotInfo *info = few_snapshot_info (measured->snapshot);
  gboolean unseen = measured->role < 0 && info->several != NULL;
  if (unseen)
    measured->scores = few_several_copy (info->several, NULL);
  else
    measured->scores = few_several_of_snapshot (measured->snapshot, measured->role, 1, NULL);
  if (!unseen && info->trained)
    measured->before = few_several_of_snapshot (measured->snapshot, measured->role, 0, NULL);
  measured->on = unseen ? FEW_MEASURED_UNSEEN : FEW_MEASURED_ALL;
  if (measured->role >= 0)
    measured->on = FEW_MEASURED_TEST;
  judge_rows (measured, cancellable);
  g_task_return_boolean (task, TRUE);
}

/* ---- in the window's */

static void
measured_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user)
{
  Measured *measured = g_task_get_task_data (G_TASK (result));
  if (!g_task_propagate_boolean (G_TASK (result), NULL))
    {
      measured_free (measured);
      return; /* another one was asked about since, or the window went */
    }
  FewMeasuring *measuring = user;
  g_clear_object (&measuring->asked);
  g_clear_pointer (&measuring->known, measured_free);
  measuring->known = measured;
  measuring->measured (measuring->user);
}

static void
stop (FewMeasuring *measuring)
{
  if (measuring->asked)
    g_cancellable_cancel (measuring->asked);
  g_clear_object (&measuring->asked);
}

void
few_measuring_ask (FewMeasuring *measuring, FewSnapshot *snapshot, int role)
{
  g_return_if_fail (measuring != NULL);
  stop (measuring);
  g_clear_pointer (&measuring->known, measured_free);
  if (!snapshot || !few_snapshot_info (snapshot)->sets)
    return;
  Measured *measured = g_new0 (Measured, 1);
  measured->snapshot = few_snapshot_ref (snapshot);
  measured->role = role;
  measuring->asked = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (NULL, measuring->asked, measured_cb, measuring);
  g_task_set_task_data (task, measured, NULL);
  g_task_run_in_thread (task, measure_in_thread);
}

const FewSeveralScores *
few_measuring_get (const FewMeasuring *measuring)
{
  g_return_val_if_fail (measuring != NULL, NULL);
  return measuring->known ? measuring->known->scores : NULL;
}

FewMeasuredOn
few_measuring_get_on (const FewMeasuring *measuring)
{
  g_return_val_if_fail (measuring != NULL, FEW_MEASURED_ALL);
  return measuring->known ? measuring->known->on : FEW_MEASURED_ALL;
}

const FewSeveralScores *
few_measuring_get_before (const FewMeasuring *measuring)
{
  g_return_val_if_fail (measuring != NULL, NULL);
  return measuring->known ? measuring->known->before : NULL;
}

/* Of a whole snapshot, or not at all. */
const FewLabelSets *
few_measuring_get_said (const FewMeasuring *measuring)
{
  g_return_val_if_fail (measuring != NULL, NULL);
  const Measured *known = measuring->known;
  gboolean whole = known && known->said->n == few_snapshot_info (known->snapshot)->n;
  return whole ? known->said : NULL;
}

const float *
few_measuring_get_margins (const FewMeasuring *measuring)
{
  g_return_val_if_fail (measuring != NULL, NULL);
  return measuring->known ? measuring->known->margins : NULL;
}

void
few_measuring_tell (const FewMeasuring *measuring, const FewSnapshot *snapshot, GPtrArray *classes)
{
  g_return_if_fail (measuring != NULL && snapshot != NULL && classes != NULL);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  const FewSeveralScores *now = few_measuring_get (measuring);
  const FewSeveralScores *before = few_measuring_get_before (measuring);
  for (guint i = 0; i < info->n_classes; i++)
    {
      FewClassScores scores = { NAN, NAN, NAN, NAN, NAN, 0, info->trained };
      const FewSeveralLabel *label = now ? &now->labels[i] : NULL;
      float earlier = before ? (float) before->labels[i].ap : NAN;
      if (label)
        scores = (FewClassScores) { .precision = (float) label->precision,
                                    .recall = (float) label->recall,
                                    .ap = (float) label->ap,
                                    .f1 = (float) label->f1,
                                    .threshold = info->thresholds ? info->thresholds[i] : NAN,
                                    .pictures = label->pictures,
                                    .learned = info->trained };
      few_class_set_means (classes->pdata[i], info->trained ? earlier : scores.ap, scores.ap);
      few_class_set_scores (classes->pdata[i], &scores);
    }
}

FewMeasuring *
few_measuring_new (void (*measured) (gpointer user), gpointer user)
{
  g_return_val_if_fail (measured != NULL, NULL);
  FewMeasuring *measuring = g_new0 (FewMeasuring, 1);
  measuring->measured = measured;
  measuring->user = user;
  return measuring;
}

void
few_measuring_free (FewMeasuring *measuring)
{
  g_return_if_fail (measuring != NULL);
  stop (measuring);
  g_clear_pointer (&measuring->known, measured_free);
  g_free (measuring);
}
