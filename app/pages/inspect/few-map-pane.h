/* SPDX-License-Identifier: MIT */
/* The map of pictures with what chooses it: which map, whether a drag goes around points, how far
 * the next map is. */
#pragma once
#include "pages/inspect/few-feature-map.h"

G_BEGIN_DECLS
#define FEW_TYPE_MAP_PANE (few_map_pane_get_type ())
G_DECLARE_FINAL_TYPE (FewMapPane, few_map_pane, FEW, MAP_PANE, GtkWidget)

/* Borrowed. */
FewFeatureMap *few_map_pane_get_map (FewMapPane *self);
void few_map_pane_set_session (FewMapPane *self, FewSession *session, FewThumbnails *thumbnails);
void few_map_pane_set_kind (FewMapPane *self, FewMapKind kind);
G_END_DECLS
