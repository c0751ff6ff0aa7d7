/* SPDX-License-Identifier: MIT */
/* Percentages, spelt in one way wherever they are read. */
#pragma once
#include <glib.h>

/* "87.5 %" of .875 with 1 digit, never parted at the end of a line; "–" of NAN. Free with g_free.
 */
char *few_percent (double fraction, int digits);
