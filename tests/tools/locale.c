/* SPDX-License-Identifier: MIT */
/* A test follows the locale of its environment, as applications do; the engine must not. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__ ((constructor)) static void
follow_locale (void)
{
  if (setlocale (LC_ALL, ""))
    return;
  puts ("Bail out! there is no such locale");
  exit (1);
}
