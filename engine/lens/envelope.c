/* SPDX-License-Identifier: MIT */
/* Made once of a snapshot, by whoever has the time. */
#include "lens/envelope.h"
#include "lens/contenders.h"
#include <string.h>

/* While it grows. */
typedef struct
{
  FewEnvelope *envelope;
  gsize n, room, most; /* entries */
} Growth;

static gboolean
grow_to (gpointer own, gsize n, gsize size)
{
  gpointer *array = own;
  gpointer larger = g_try_realloc (*array, n * size);
  if (larger)
    *array = larger;
  return larger != NULL;
}

static gboolean
make_room (Growth *growth, gsize more)
{
  FewEnvelope *e = growth->envelope;
  gsize room = MIN (growth->most, 2 * growth->room + FEW_CONTENDERS + 1);
  if (growth->n + more <= growth->room)
    return TRUE;
  if (growth->n + more > room || !grow_to (&e->classes, room, sizeof *e->classes)
      || !grow_to (&e->at, room, sizeof *e->at) || !grow_to (&e->ft, room, sizeof *e->ft))
    return FALSE;
  growth->room = room;
  return TRUE;
}

/* FALSE where there is no room. */
static gboolean
add_row (Growth *growth, const FewContenders *c, guint row, gboolean found)
{
  FewEnvelope *e = growth->envelope;
  guint32 n = found ? c->bounds[3] : 0;
  if (!make_room (growth, n))
    return FALSE;
  memcpy (e->classes + growth->n, c->classes, n * sizeof *c->classes);
  memcpy (e->at + growth->n, c->at, n * sizeof *c->at);
  memcpy (e->ft + growth->n, c->ft, n * sizeof *c->ft);
  for (guint i = 0; i < 3; i++)
    e->bounds[3 * (gsize) row + i + 1] = (guint32) growth->n + (found ? c->bounds[i + 1] : 0);
  growth->n += n;
  return TRUE;
}

FewEnvelope *
few_envelope_new (const FewSnapshot *snapshot, GCancellable *cancellable)
{
  enum { LITTLE = 1 << 16, SHARE = 16 }; /* entries: a quarter of the tables has 12 bytes each */
  const FewSnapshotInfo *info = &snapshot->info;
  gsize cells = (gsize) info->n * info->n_classes;
  g_autoptr (FewEnvelope) envelope = g_new0 (FewEnvelope, 1);
  g_autoptr (FewContenders) contenders = few_contenders_new (info->n_classes);
  Growth growth = { envelope, 0, 0, MIN (MAX (LITTLE, cells / SHARE), G_MAXUINT32) };
  envelope->bounds = g_try_new0 (guint32, 3 * (gsize) info->n + 1);
  if (!contenders || !envelope->bounds || !make_room (&growth, 1))
    return NULL;
  for (guint i = 0; i < info->n; i++)
    {
      gsize first = (gsize) i * info->n_classes;
      gboolean found = few_contenders_find (contenders, snapshot->at + first, snapshot->ft + first,
                                            info->labels[i]);
      if (!add_row (&growth, contenders, i, found) || g_cancellable_is_cancelled (cancellable))
        return NULL;
    }
  return g_steal_pointer (&envelope);
}

void
few_envelope_free (FewEnvelope *envelope)
{
  g_free (envelope->bounds);
  g_free (envelope->classes);
  g_free (envelope->at);
  g_free (envelope->ft);
  g_free (envelope);
}
