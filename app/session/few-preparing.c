/* SPDX-License-Identifier: MIT */
/* A task a snapshot, which nobody waits for: its answers are the same without. */
#include "session/few-preparing.h"

struct FewPreparing
{
  GCancellable *cancellable; /* of the last task; NULL: there was none */
};

static void
prepare_in_thread (GTask *task G_GNUC_UNUSED, gpointer source G_GNUC_UNUSED, gpointer snapshot,
                   GCancellable *cancellable)
{
  few_lens_prepare (snapshot, cancellable);
  few_snapshot_unref (snapshot); /* here: the last one frees much memory */
}

static void
stop (FewPreparing *preparing)
{
  if (preparing->cancellable)
    g_cancellable_cancel (preparing->cancellable);
  g_clear_object (&preparing->cancellable);
}

void
few_preparing_begin (FewPreparing *preparing, FewSnapshot *snapshot)
{
  g_return_if_fail (preparing != NULL);
  stop (preparing);
  if (!snapshot)
    return;
  preparing->cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (NULL, preparing->cancellable, NULL, NULL);
  g_task_set_task_data (task, few_snapshot_ref (snapshot), NULL);
  g_task_run_in_thread (task, prepare_in_thread);
}

FewPreparing *
few_preparing_new (void)
{
  return g_new0 (FewPreparing, 1);
}

void
few_preparing_free (FewPreparing *preparing)
{
  g_return_if_fail (preparing != NULL);
  stop (preparing);
  g_free (preparing);
}
