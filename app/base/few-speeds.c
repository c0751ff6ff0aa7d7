/* SPDX-License-Identifier: MIT */
/* Two numbers a work: what was done, and in which time. */
#include "base/few-speeds.h"
#include "base/few-settings.h"
#include <glib/gi18n.h>
#include <math.h>

static const char KEY[] = "speeds";
enum { MOST = 64, REACH = 50 }; /* works that are kept; how much more than measured is guessed at */

static void
add_others (GVariantBuilder *builder, const char *work)
{
  g_autoptr (GVariant) known = g_settings_get_value (few_settings (), KEY);
  gsize n = g_variant_n_children (known);
  for (gsize i = n >= MOST ? n - MOST + 1 : 0; i < n; i++)
    {
      g_autoptr (GVariant) one = g_variant_get_child_value (known, i);
      const char *name;
      g_variant_get (one, "{&s(dd)}", &name, NULL, NULL);
      if (!g_str_equal (name, work))
        g_variant_builder_add_value (builder, one);
    }
}

void
few_speeds_note (const char *work, double amount, double seconds)
{
  g_return_if_fail (work != NULL);
  if (!(amount > 0 && seconds > 0 && isfinite (amount) && isfinite (seconds)))
    return;
  GVariantBuilder builder;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{s(dd)}"));
  add_others (&builder, work);
  g_variant_builder_add (&builder, "{s(dd)}", work, amount, seconds);
  g_settings_set_value (few_settings (), KEY, g_variant_builder_end (&builder));
}

double
few_speeds_guess (const char *work, double amount)
{
  g_return_val_if_fail (work != NULL, NAN);
  g_autoptr (GVariant) known = g_settings_get_value (few_settings (), KEY);
  double measured, seconds;
  if (!g_variant_lookup (known, work, "(dd)", &measured, &seconds) || !(measured > 0)
      || !(amount <= measured * REACH))
    return NAN;
  return seconds * amount / measured;
}

char *
few_speeds_words (double seconds)
{
  enum { EXACT = 10, STEP = 5, MINUTE = 60, HOUR = 3600 };
  if (!isfinite (seconds))
    return NULL;
  if (seconds < 1)
    return g_strdup (_ ("under a second"));
  guint n = (guint) MIN (lround (seconds), G_MAXINT32);
  if (n >= EXACT)
    n = (n + STEP / 2) / STEP * STEP;
  if (n < MINUTE)
    return g_strdup_printf (ngettext ("about %u second", "about %u seconds", n), n);
  if (n < HOUR)
    {
      guint minutes = (n + MINUTE / 2) / MINUTE;
      return g_strdup_printf (ngettext ("about %u minute", "about %u minutes", minutes), minutes);
    }
  guint hours = (n + HOUR / 2) / HOUR;
  return g_strdup_printf (ngettext ("about %u hour", "about %u hours", hours), hours);
}
