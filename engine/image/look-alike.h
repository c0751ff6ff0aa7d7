/* SPDX-License-Identifier: MIT */
/* Whether two files show the same picture, saved again: at another quality or as another kind of
 * file. */
#pragma once
#include "image/budget.h"
#include <glib.h>

enum { FEW_PRINT_SIDE = 16 };

/* What is left of a picture at FEW_PRINT_SIDE squared, over white. */
typedef struct
{
  float pixels[FEW_PRINT_SIDE * FEW_PRINT_SIDE * 3];
  float mean[3];  /* of each channel */
  float contrast; /* standard deviation around them */
} FewPrint;

/* FALSE where the file cannot be read or decoded. */
gboolean few_print_read (const char *path, FewDecodeBudget *budget, FewPrint *print);
/* The same colours in the mean, within what rounding does, and little difference beside the
 * contrast. What shows nothing is like nothing. */
gboolean few_print_is_alike (const FewPrint *one, const FewPrint *other);
