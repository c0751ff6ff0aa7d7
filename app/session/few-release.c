/* SPDX-License-Identifier: MIT */
/* The last reference goes in a thread. */
#include "session/few-release.h"
#include <gio/gio.h>

static void
release_in_thread (GTask *task G_GNUC_UNUSED, gpointer source G_GNUC_UNUSED, gpointer snapshot,
                   GCancellable *cancellable G_GNUC_UNUSED)
{
  few_snapshot_unref (snapshot);
}

void
few_release_snapshot (FewSnapshot *snapshot)
{
  if (!snapshot)
    return;
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_set_task_data (task, snapshot, NULL);
  g_task_run_in_thread (task, release_in_thread);
}
