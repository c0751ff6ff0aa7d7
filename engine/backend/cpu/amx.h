/* SPDX-License-Identifier: MIT */
/* AMX's tile registers, for kernel sources only: 16 rows of 64 bytes each. Four hold the sums of 32
 * rows by 32 columns, two 16 rows of a each and two 16 units of K of half a panel each: what is
 * loaded is half of what is multiplied. Panels lie as a register of the right side wants them:
 * K by columns of four bytes. */
#pragma once
#include "backend/cpu/kernel-table.h"
#if defined __AMX_TILE__
#include <immintrin.h>

enum { AMX_ROWS = 16, AMX_TILE_ROWS = 2 * AMX_ROWS, AMX_COLUMNS = 32 };
/* A panel's part and as much of the rows are 32 KB of L1's 48; processors with AMX have 2 MB of
 * L2. */
enum { AMX_PART = 128, AMX_BLOCK_BYTES = 1400000 };

/* FewTile's open and close. Products of fewer rows than a register has take registers of so
 * many. */
static inline void
few_amx_open (guint m)
{
  struct
  {
    guint8 palette, start_row, reserved[14];
    guint16 row_bytes[16];
    guint8 rows[16];
  } shape __attribute__ ((aligned (64))) = { .palette = 1 };
  for (int i = 0; i < 8; i++)
    {
      gboolean of_panel = i >= 6;
      shape.row_bytes[i] = 64;
      shape.rows[i] = (guint8) (of_panel ? FEW_UNITS_AT_ONCE : MIN (m, AMX_ROWS));
    }
  __asm__ volatile ("" : : "r"(&shape) : "memory"); /* gcc takes it for a pointer that is read */
  _tile_loadconfig (&shape);
}

static inline void
few_amx_close (void)
{
  _tile_release ();
}

#define FEW_AMX_BYTES (AMX_COLUMNS * sizeof (float)) /* of a row of sums or of a panel */

/* sums [m, 32] of 4 bytes = a [m, K] · panel [K, 32] by `multiply`, an instruction of tiles, and
 * what they were where e has a part of K that is not the first. Where m is no multiple of 16 rows,
 * two registers have some in common and tell the same of them. The lines that are fetched ahead
 * are ahead_step for each 16 of K. */
#define FEW_AMX_PRODUCT(multiply, m, k, a, lda, panel, ahead, ahead_step, e, sums)                 \
  do                                                                                               \
    {                                                                                              \
      gboolean two = (m) > AMX_ROWS;                                                               \
      gsize below = two ? (m) - AMX_ROWS : 0;                                                      \
      guint8 *upper_sums = (gpointer) (sums);                                                      \
      guint8 *lower_sums = upper_sums + below * FEW_AMX_BYTES;                                     \
      _tile_zero (0);                                                                              \
      _tile_zero (1);                                                                              \
      _tile_zero (2);                                                                              \
      _tile_zero (3);                                                                              \
      if ((e)->partial && !(e)->is_first)                                                          \
        {                                                                                          \
          _tile_loadd (0, upper_sums, FEW_AMX_BYTES);                                              \
          _tile_loadd (1, upper_sums + FEW_AMX_BYTES / 2, FEW_AMX_BYTES);                          \
          _tile_loadd (2, lower_sums, FEW_AMX_BYTES);                                              \
          _tile_loadd (3, lower_sums + FEW_AMX_BYTES / 2, FEW_AMX_BYTES);                          \
        }                                                                                          \
      for (guint j = 0; j < (k); j += FEW_UNITS_AT_ONCE)                                           \
        {                                                                                          \
          const float *right = (panel) + (gsize) j * AMX_COLUMNS;                                  \
          const float *next = (ahead) + (gsize) j * (ahead_step);                                  \
          _tile_loadd (6, right, FEW_AMX_BYTES);                                                   \
          _tile_loadd (7, right + AMX_COLUMNS / 2, FEW_AMX_BYTES);                                 \
          _tile_loadd (4, (a) + j, (lda) * sizeof (float));                                        \
          for (guint i = 0; i < (ahead_step); i++)                                                 \
            __builtin_prefetch (next + (gsize) i * AMX_ROWS, 0, 2);                                \
          multiply (0, 4, 6);                                                                      \
          multiply (1, 4, 7);                                                                      \
          if (!two)                                                                                \
            continue;                                                                              \
          _tile_loadd (5, (a) + below * (lda) + j, (lda) * sizeof (float));                        \
          multiply (2, 5, 6);                                                                      \
          multiply (3, 5, 7);                                                                      \
        }                                                                                          \
      _tile_stored (0, upper_sums, FEW_AMX_BYTES);                                                 \
      _tile_stored (1, upper_sums + FEW_AMX_BYTES / 2, FEW_AMX_BYTES);                             \
      if (two)                                                                                     \
        {                                                                                          \
          _tile_stored (2, lower_sums, FEW_AMX_BYTES);                                             \
          _tile_stored (3, lower_sums + FEW_AMX_BYTES / 2, FEW_AMX_BYTES);                         \
        }                                                                                          \
  } while (0)

#endif
