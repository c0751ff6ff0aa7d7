/* SPDX-License-Identifier: MIT */
/* The widgets of Inspect that have much in them, made some a turn of the main loop. */
#pragma once
#include "pages/inspect/few-class-bars.h"
#include "pages/inspect/few-class-table.h"
#include "pages/inspect/few-confusion.h"
#include "pages/inspect/few-look-pane.h"
#include "pages/inspect/few-map-pane.h"
#include "pages/inspect/few-match-pane.h"
#include "pages/inspect/few-nearest.h"
#include "pages/inspect/few-trust-pane.h"
#include "widgets/few-top-classes.h"

G_BEGIN_DECLS
typedef struct
{
  guint built;
  /* in the stack */
  FewClassBars *bars;
  FewConfusion *confusion;
  FewClassTable *class_table;
  FewMapPane *map_pane;
  FewFeatureMap *map; /* the pane's */
  FewTrustPane *trust;
  /* of the chosen picture */
  FewTopClasses *top;
  FewNearest *nearest;
  GtkWidget *nearest_box; /* gives way to where it looks */
  FewLookPane *look_pane;
  FewMatchPane *match_pane;
} FewInspectParts;

/* Some more of them; FALSE: all are there. */
gboolean few_inspect_parts_build (FewInspectParts *parts, GtkStack *side, GtkBox *detail);
G_END_DECLS
