/* SPDX-License-Identifier: MIT */
/* A build without lcms2: colours are shown as they stand in the file. */
#include "image/colour.h"

void
few_colour_to_srgb (GdkPixbuf *picture G_GNUC_UNUSED)
{
}
