/* SPDX-License-Identifier: MIT */
/* Products of bytes of an architecture that this machine is not, at the level that QUADS names: as
 * kernels.c, and to the last bit. Prints TAP. */
#include "../engine/quads-reference.h"
#include <stdio.h>

enum { ROWS = 12, COLUMNS = 8 }; /* of a tile with vectors of 128 bits */

int
main (void)
{
  const FewQuadKernels *quads = &QUADS;
  guint tiles = 0;
  guint rows = 0;
  for (guint m = 1; m <= ROWS; m++)
    for (guint k = FEW_UNITS_AT_ONCE; k <= 3 * FEW_UNITS_AT_ONCE; k += FEW_UNITS_AT_ONCE)
      for (guint width = 1; width <= COLUMNS; width += 3)
        for (guint narrow = 0; narrow < 2; narrow++)
          tiles += quads_tile_faults (quads, m, k, COLUMNS, width, narrow);
  for (int what = 0; what <= 4; what++)
    for (guint n = 1; n < 100; n++)
      rows += quads_convert_faults (quads, n, what);
  printf ("1..2\n%s 1 - %s: every height and width (%u differ)\n", tiles ? "not ok" : "ok",
          quads->name, tiles);
  printf ("%s 2 - %s: rows to bytes (%u differ)\n", rows ? "not ok" : "ok", quads->name, rows);
  return tiles + rows > 0;
}
