/* SPDX-License-Identifier: MIT */
/* What edits of a project hold the main loop for. */
#pragma once
#include "app.h"

/* Excludes, removes, moves some pictures, moves α; each with undo and redo, so many times. Prints
 * what each took by the thread's own time, and the longest turn without drawing that followed. */
void bench_edits (FewWindow *window, guint times);
