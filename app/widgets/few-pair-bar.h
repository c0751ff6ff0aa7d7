/* SPDX-License-Identifier: MIT */
/* Two bars on one line: zero-shot CLIP hollow, adapted solid; cosines from `low` to `high`. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_PAIR_BAR (few_pair_bar_get_type ())
G_DECLARE_FINAL_TYPE (FewPairBar, few_pair_bar, FEW, PAIR_BAR, GtkWidget)

GtkWidget *few_pair_bar_new (void);
/* name is spoken by screen readers with both values; NaN draws nothing. */
void few_pair_bar_set (FewPairBar *self, const char *name, float zero_shot, float adapted,
                       float low, float high);
/* A probability alone, and the one that it has to reach, as a mark. */
void few_pair_bar_set_share (FewPairBar *self, const char *name, float share, float mark);
G_END_DECLS
