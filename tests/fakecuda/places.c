/* SPDX-License-Identifier: MIT */
/* Where each call came from: a number for the way through the program that led to it. A test that
 * lets calls fail one after another need not try the thousandth from one place as it did the
 * first. */
#include "fake.h"
#include <execinfo.h>

enum { FRAMES = 5 };

static GArray *places; /* guint, one for each call since the last reset */

FAKE_EXPORT guint fakecuda_place (guint64 call);

void
places_reset (void)
{
  if (!places)
    places = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_set_size (places, 0);
}

void
places_add (void)
{
  gpointer frames[FRAMES];
  guint n = (guint) backtrace (frames, FRAMES);
  guint place = 5381;
  for (guint i = 0; i < n; i++)
    place = place * 33 + (guint) GPOINTER_TO_SIZE (frames[i]);
  if (!places)
    places_reset ();
  g_array_append_val (places, place);
}

/* call: from 1, as fakecuda_fail_at counts. */
guint
fakecuda_place (guint64 call)
{
  g_assert (call > 0 && places && call <= places->len);
  return g_array_index (places, guint, call - 1);
}
