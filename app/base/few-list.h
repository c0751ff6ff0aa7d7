/* SPDX-License-Identifier: MIT */
/* A list that becomes another one. */
#pragma once
#include <gio/gio.h>

/* Makes the store hold these items, taken over. Only the stretch between the first and the last
 * difference is spliced, at once: what is outside keeps rows, selection and tiles. Not run by
 * run: a grid of thousands takes as long for each signal as for one that has it all. */
void few_list_become (GListStore *store, GPtrArray *items);
