/* SPDX-License-Identifier: MIT */
/* What the two marks of a FewPairBar are, each beside one as it is drawn. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_BAR_LEGEND (few_bar_legend_get_type ())
G_DECLARE_FINAL_TYPE (FewBarLegend, few_bar_legend, FEW, BAR_LEGEND, GtkWidget)

typedef enum {
  FEW_LEGEND_NONE,
  FEW_LEGEND_BOTH,    /* adapted, and CLIP alone */
  FEW_LEGEND_ADAPTED, /* of a model without texts: nothing was answered before it learned */
  FEW_LEGEND_SHARE    /* few_pair_bar_set_share */
} FewLegendKind;

GtkWidget *few_bar_legend_new (void);
void few_bar_legend_set_kind (FewBarLegend *self, FewLegendKind kind);
G_END_DECLS
