/* SPDX-License-Identifier: MIT */
/* Flags of changes, kept over a saving that may fail. */
#include "document/few-unwritten.h"

gboolean
few_unwritten_note (FewUnwritten *unwritten)
{
  g_return_val_if_fail (unwritten, FALSE);
  gboolean first = !unwritten->newer;
  if (first)
    unwritten->since = g_get_monotonic_time ();
  unwritten->dirty = unwritten->newer = TRUE;
  return first;
}

void
few_unwritten_begin (FewUnwritten *unwritten)
{
  g_return_if_fail (unwritten);
  unwritten->dirty_before = unwritten->dirty;
  unwritten->newer_before = unwritten->newer;
  unwritten->dirty = unwritten->newer = FALSE;
}

void
few_unwritten_succeed (FewUnwritten *unwritten, gboolean home)
{
  g_return_if_fail (unwritten);
  unwritten->dirty = unwritten->dirty || !home;
}

void
few_unwritten_fail (FewUnwritten *unwritten)
{
  g_return_if_fail (unwritten);
  unwritten->dirty = unwritten->dirty || unwritten->dirty_before;
  unwritten->newer = unwritten->newer || unwritten->newer_before;
}

void
few_unwritten_forget (FewUnwritten *unwritten)
{
  g_return_if_fail (unwritten);
  *unwritten = (FewUnwritten) { 0 };
}

guint
few_unwritten_get_delay (const FewUnwritten *unwritten, guint delay)
{
  g_return_val_if_fail (unwritten, 0);
  gint64 passed = (g_get_monotonic_time () - unwritten->since) / 1000;
  return (guint) CLAMP ((gint64) delay - passed, 0, (gint64) delay);
}
