/* SPDX-License-Identifier: MIT */
/* One at a time in Exiv2, whatever was asked for. */
#include "metadata/xmp.h"

GMutex *
few_xmp_turn (void)
{
  static GMutex turn;
  return &turn;
}
