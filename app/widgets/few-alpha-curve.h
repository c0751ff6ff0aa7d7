/* SPDX-License-Identifier: MIT */
/* Accuracy on validation pictures against α: the plateau shaded, the best starred, the trained α
 * ticked. */
#pragma once
#include <fewshot.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_ALPHA_CURVE (few_alpha_curve_get_type ())
G_DECLARE_FINAL_TYPE (FewAlphaCurve, few_alpha_curve, FEW, ALPHA_CURVE, GtkWidget)

/* NULL clears. */
void few_alpha_curve_set_snapshot (FewAlphaCurve *self, FewSnapshot *snapshot);
/* What the curve says, as one sentence. */
const char *few_alpha_curve_get_summary (FewAlphaCurve *self);
G_END_DECLS
