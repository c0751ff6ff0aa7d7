/* SPDX-License-Identifier: MIT */
/* Colours for the eye: what a picture's profile says becomes sRGB. Models get the numbers as they
 * stand in the file, for so did they learn. */
#pragma once
#include <gdk-pixbuf/gdk-pixbuf.h>

/* In place; a picture without a profile, or with one that cannot be used, stays as it is, and so
 * does every one in a build without lcms2. */
void few_colour_to_srgb (GdkPixbuf *picture);
