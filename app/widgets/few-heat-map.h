/* SPDX-License-Identifier: MIT */
/* Validation accuracy over a grid of one or two settings: a table of shaded cells, each with its
 * number. */
#pragma once
#include <fewshot.h>
#include <gtk/gtk.h>

/* grid is read, not kept. */
GtkWidget *few_heat_map_new (const FewGrid *grid);
