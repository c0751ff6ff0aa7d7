/* SPDX-License-Identifier: MIT */
/* Figures that others published (reference: Gao et al., IJCV 2024; RN50), shown beside ours and
 * labelled so. Per cent. */
#pragma once

enum { LITERATURE_METHODS = 3 };

const char *literature_method (unsigned method);
/* figures at 1, 2, 4, 8, 16 shots; NULL for an unknown set */
const double *literature_find (const char *set, unsigned method);
/* the figure's place, −1 when there is none for so many shots */
int literature_column (unsigned shots);
