/* SPDX-License-Identifier: MIT */
/* Memory of packed weights: matrices one behind the other in blocks of huge pages. A product runs
 * through hundreds of MB of them, and with small pages each 4 KB would be a miss of its own, where
 * what fetches ahead stops, too (a tenth of a ViT's time at one picture). Any thread. */
#pragma once
#include <glib.h>

typedef struct FewPanels FewPanels;

FewPanels *few_panels_new (void);
/* What was had of it must have been given back. */
void few_panels_free (FewPanels *panels);
/* n floats with any contents, 64-byte aligned, that few_panels_give_back takes */
float *few_panels_get (FewPanels *panels, gsize n, GError **error);
void few_panels_give_back (FewPanels *panels, float *memory);
