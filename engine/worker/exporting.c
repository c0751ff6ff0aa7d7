/* SPDX-License-Identifier: MIT */
/* Adapters to files, read back and compared with what is on the screen. */
#include "adapt/method.h"
#include "base/memory.h"
#include "clip/model.h"
#include "worker/jobs.h"
#include <fewshot/lens.h>
#include <string.h>

/* How many of the snapshot's pictures the adapter that was written predicts as the lens does. */
static gboolean
count_agreement (FewWorker *worker, const FewExportCommand *c, const FewClassifier *classifier,
                 guint *agree, guint *total, GError **error)
{
  const FewSnapshotInfo *info = few_snapshot_info (c->snapshot);
  if (!worker->model || few_classifier_info (classifier)->dim != few_model_dim (worker->model))
    return TRUE; /* another model meanwhile */
  g_autofree guint32 *predicted =
      few_try_copy (NULL, info->n, sizeof *predicted, "what was predicted", error);
  if (!predicted)
    return FALSE;
  g_autofree float *cosines = g_new (float, info->n_classes);
  g_autofree float *both = g_new (float, 2 * (gsize) info->dim);
  few_lens_predict (c->snapshot, c->alpha, predicted, NULL);
  for (guint i = 0; i < info->n; i++)
    {
      const float *feature =
          g_hash_table_lookup (worker->features, GUINT_TO_POINTER (info->ids[i]));
      if (!feature)
        continue; /* removed since */
      if (info->inserted)
        {
          memcpy (both, feature, info->dim * sizeof *both);
          memcpy (both + info->dim, info->inserted + (gsize) i * info->dim,
                  info->dim * sizeof *both);
          feature = both;
        }
      few_classifier_predict (classifier, feature, c->alpha, cosines, NULL);
      *total += 1;
      *agree += few_run_argmax (cosines, info->n_classes) == predicted[i];
    }
  return TRUE;
}

void
few_job_export (FewWorker *worker, const FewExportCommand *c)
{
  const FewSnapshotInfo *info = few_snapshot_info (c->snapshot);
  GError *error = NULL;
  g_autoptr (FewClassifier) classifier = NULL;
  FewEvent event = { .kind = FEW_EVENT_EXPORTED };
  if (g_str_has_suffix (c->path, ".onnx"))
    few_classifier_save_onnx (info->classifier, c->alpha, c->path, &error);
  else if (few_snapshot_save (c->snapshot, c->alpha, c->path, &error))
    classifier = few_classifier_load (c->path, &error);
  if (classifier)
    count_agreement (worker, c, classifier, &event.done, &event.total, &error);
  event.error = error;
  few_worker_post (worker, event);
}
