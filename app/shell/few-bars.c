/* SPDX-License-Identifier: MIT */
/* Sentences with figures, revealed while there is something to say. */
#include "shell/few-bars.h"
#include <glib/gi18n.h>

/* A rate only once it means something: pictures come in handfuls. */
static char *
describe_reading (const FewBars *bars, guint done, guint total)
{
  double seconds = (double) (g_get_monotonic_time () - bars->started) / G_USEC_PER_SEC;
  double rate = (done - bars->done_at_start) / MAX (seconds, 0.001);
  if (seconds < 0.5 || rate <= 0)
    return g_strdup_printf (_ ("Reading pictures: %u of %u"), done, total);
  /* Translators: done, total, pictures a second, seconds left */
  return g_strdup_printf (_ ("Reading pictures: %u of %u, %.0f a second, %.0f s left"), done, total,
                          rate, (total - done) / rate);
}

void
few_bars_show_reading (FewBars *bars, guint done, guint total)
{
  g_return_if_fail (bars != NULL && GTK_IS_REVEALER (bars->reading_revealer));
  gtk_revealer_set_reveal_child (bars->reading_revealer, total > 0);
  if (total == 0)
    {
      bars->started = 0;
      return;
    }
  if (!bars->started)
    {
      bars->started = g_get_monotonic_time ();
      bars->done_at_start = done;
    }
  g_autofree char *text = describe_reading (bars, done, total);
  gtk_progress_bar_set_fraction (bars->reading_progress, (double) done / total);
  gtk_label_set_text (bars->reading_label, text);
}

void
few_bars_show_left_out (FewBars *bars, guint refused, guint missing)
{
  g_return_if_fail (bars != NULL && GTK_IS_REVEALER (bars->refused_revealer));
  g_autofree char *left_out = g_strdup_printf (
      ngettext ("%u file was left out", "%u files were left out", refused), refused);
  g_autofree char *gone = g_strdup_printf (
      ngettext ("%u picture is not where it was", "%u pictures are not where they were", missing),
      missing);
  gtk_label_set_text (bars->refused_label, left_out);
  gtk_revealer_set_reveal_child (bars->refused_revealer, refused > 0);
  gtk_label_set_text (bars->missing_label, gone);
  gtk_revealer_set_reveal_child (bars->missing_revealer, missing > 0);
}
