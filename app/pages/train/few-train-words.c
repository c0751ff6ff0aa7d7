/* SPDX-License-Identifier: MIT */
/* Of a run in steps, of one in epochs, of one beside an answer that stands. */
#include "pages/train/few-train-words.h"
#include "base/few-percent.h"
#include <glib/gi18n.h>

/* Of a run that tells only how far it is: what is told elsewhere is of the one before. */
static char *
describe_steps (const FewTrainStatus *status)
{
  g_autofree char *share = few_percent (status->progress, 0);
  char *words = g_strdup_printf (
      status->training == FEW_TRAINING_PAUSED ? _ ("Paused at %s") : _ ("Learning, %s"), share);
  if (!status->info || !status->info->trained)
    return words;
  g_autofree char *learning = words;
  return g_strdup_printf (/* Translators: “Learning, 16 %” */
                          _ ("%s. Until it has learned, the run before is shown"), learning);
}

/* Of the adapter beside an answer that stands. */
static char *
describe_beside (const FewTrainStatus *status)
{
  const FewSnapshotInfo *info = status->info;
  g_autofree char *share = few_percent (status->progress, 0);
  if (status->training == FEW_TRAINING_PAUSED)
    return g_strdup_printf (_ ("The answer stands; adapter paused at %s"), share);
  if (info->epoch == 0)
    return g_strdup_printf (_ ("The answer stands; adapter learning, %s"), share);
  return g_strdup_printf (_ ("The answer stands; adapter at epoch %u of %u, %.0f s left"),
                          info->epoch, info->epochs, info->seconds_left);
}

char *
few_train_words (const FewTrainStatus *status)
{
  g_return_val_if_fail (status != NULL, NULL);
  const FewSnapshotInfo *info = status->info;
  gboolean idle = status->training == FEW_TRAINING_IDLE;
  if (idle && status->stale)
    return g_strdup (_ ("The pictures changed since this run: train again to use them"));
  if (status->answer && info)
    return describe_beside (status);
  if (!idle && !status->live)
    return describe_steps (status);
  if (!info || !info->trained)
    return g_strdup (idle ? _ ("Ready to train") : _ ("Preparing…"));
  if (status->training == FEW_TRAINING_RUNNING)
    return g_strdup_printf (_ ("Learning: epoch %u of %u, %.0f s left"), info->epoch, info->epochs,
                            info->seconds_left);
  if (status->training == FEW_TRAINING_PAUSED)
    return g_strdup_printf (_ ("Paused at epoch %u of %u"), info->epoch, info->epochs);
  if (info->epoch == 0)
    return g_strdup_printf (_ ("Learned in %.1f s"), info->seconds);
  return g_strdup_printf (_ ("%u epochs in %.1f s"), info->epoch, info->seconds);
}

double
few_train_words_progress (const FewTrainStatus *status)
{
  g_return_val_if_fail (status != NULL, 0);
  const FewSnapshotInfo *info = status->info;
  if (status->training != FEW_TRAINING_IDLE && !status->live)
    return status->progress;
  if (!info || !info->trained)
    return 0;
  return info->epochs ? (double) info->epoch / info->epochs : 1;
}
