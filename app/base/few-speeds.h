/* SPDX-License-Identifier: MIT */
/* How long work takes on this computer, as it was measured last: kept in the settings, by the name
 * of the work. The UI thread only. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
/* `amount`: of anything that the time is in proportion to, the same in both. */
void few_speeds_note (const char *work, double amount, double seconds);
/* NAN: it was never measured, or with so much less that it says nothing. */
double few_speeds_guess (const char *work, double amount);
/* "under a second", "about 20 seconds", "about 3 minutes", no more exact than a guess is; NULL of
 * NAN. Free with g_free. */
char *few_speeds_words (double seconds);
G_END_DECLS
