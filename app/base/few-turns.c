/* SPDX-License-Identifier: MIT */
/* One queue and one source: the main loop dispatches all sources of a priority in the same turn. */
#include "base/few-turns.h"

typedef struct
{
  gpointer object;
  FewWork work;
} Piece;

static GQueue pieces; /* Piece * */
static guint source;

static void
forget_object_cb (gpointer user G_GNUC_UNUSED, GObject *object)
{
  for (GList *link = pieces.head, *next; link; link = next)
    {
      Piece *piece = link->data;
      next = link->next;
      if (piece->object != object)
        continue;
      g_free (piece);
      g_queue_delete_link (&pieces, link);
    }
}

static gboolean
take_turn_cb (gpointer user G_GNUC_UNUSED)
{
  g_autofree Piece *piece = g_queue_pop_head (&pieces);
  if (piece)
    {
      g_autoptr (GObject) kept = g_object_ref (piece->object);
      g_object_weak_unref (kept, forget_object_cb, NULL);
      piece->work (kept);
    }
  if (!g_queue_is_empty (&pieces))
    return G_SOURCE_CONTINUE;
  source = 0;
  return G_SOURCE_REMOVE;
}

void
few_turns_add (gpointer object, FewWork work)
{
  g_return_if_fail (G_IS_OBJECT (object) && work != NULL);
  for (GList *link = pieces.head; link; link = link->next)
    if (((Piece *) link->data)->object == object && ((Piece *) link->data)->work == work)
      return;
  Piece *piece = g_new (Piece, 1);
  *piece = (Piece) { object, work };
  g_object_weak_ref (object, forget_object_cb, NULL);
  g_queue_push_tail (&pieces, piece);
  if (!source)
    source = g_idle_add_full (G_PRIORITY_DEFAULT, take_turn_cb, NULL, NULL);
}

/* ---- after a while */

typedef struct
{
  GWeakRef object;
  FewWork work;
} Later;

static void
later_free (gpointer data)
{
  Later *later = data;
  g_weak_ref_clear (&later->object);
  g_free (later);
}

static gboolean
add_later_cb (gpointer data)
{
  Later *later = data;
  g_autoptr (GObject) object = g_weak_ref_get (&later->object);
  if (object)
    few_turns_add (object, later->work);
  return G_SOURCE_REMOVE;
}

void
few_turns_add_later (gpointer object, FewWork work, guint delay)
{
  g_return_if_fail (G_IS_OBJECT (object) && work != NULL);
  Later *later = g_new0 (Later, 1);
  g_weak_ref_init (&later->object, object);
  later->work = work;
  g_timeout_add_full (G_PRIORITY_DEFAULT, delay, add_later_cb, later, later_free);
}
