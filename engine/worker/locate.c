/* SPDX-License-Identifier: MIT */
/* Looks below folders for pictures with known contents. */
#include "worker/locate.h"
#include "base/hex.h"
#include "image/picture.h"
#include "worker/jobs.h"
#include "worker/scan.h"
#include <fewshot/worker.h>

GPtrArray *
few_locate (const char *const *folders, const char *const *hashes, guint n,
            FewMethodProgress progress, gpointer user, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) files = few_scan (folders, NULL, FALSE, cancellable);
  g_autoptr (GHashTable) wanted = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *found = few_found_list_new ();
  for (guint i = 0; i < n; i++)
    g_hash_table_add (wanted, (char *) hashes[i]);
  for (guint i = 0; i < files->len && g_hash_table_size (wanted) > 0
                    && !g_cancellable_is_cancelled (cancellable);
       i++)
    {
      const FewFound *file = files->pdata[i];
      guint8 hash[32];
      char hex[65];
      progress (user, i, files->len);
      g_autoptr (GBytes) bytes = file->picture ? few_image_read (file->path, hash, NULL) : NULL;
      if (!bytes)
        continue;
      few_hex (hash, sizeof hash, hex);
      if (g_hash_table_remove (wanted, hex))
        few_found_list_add (found, file->path, hex, TRUE, file->role);
    }
  return found;
}

static void
post_progress (gpointer user, guint done, guint total)
{
  few_worker_post (user, (FewEvent) { .kind = FEW_EVENT_PROGRESS, .done = done, .total = total });
}

void
few_job_locate (FewWorker *worker, guint ticket, const FewLocateCommand *c,
                GCancellable *cancellable)
{
  GPtrArray *found = few_locate ((const char *const *) c->folders, (const char *const *) c->hashes,
                                 c->n, post_progress, worker, cancellable);
  few_worker_post (worker, (FewEvent) { .kind = FEW_EVENT_LOCATED, .id = ticket, .found = found });
}
