/* SPDX-License-Identifier: MIT */
/* The driver's library as far as Fewshot asks it: which CUDA it is for. FAKECUDA_DRIVER=12020
 * makes it an old one. */
#include <stdlib.h>

int cuDriverGetVersion (int *version);

int
cuDriverGetVersion (int *version)
{
  const char *said = getenv ("FAKECUDA_DRIVER");
  *version = said ? atoi (said) : 13000;
  return 0;
}
