/* SPDX-License-Identifier: MIT */
/* Every picture as a point, near those that the model finds alike; the points follow α. Pressing
 * one chooses its picture. Near, they are small pictures.
 *
 * Signals
 *   chosen (picture)   FewPicture */
#pragma once
#include "session/few-session.h"
#include "pages/inspect/few-map-zoom.h"
#include "widgets/few-thumbnails.h"

G_BEGIN_DECLS
#define FEW_TYPE_FEATURE_MAP (few_feature_map_get_type ())
G_DECLARE_FINAL_TYPE (FewFeatureMap, few_feature_map, FEW, FEATURE_MAP, GtkWidget)

void few_feature_map_set_session (FewFeatureMap *self, FewSession *session,
                                  FewThumbnails *thumbnails);
/* Which part of it is in view: wheel, pinch, drag and keys move that. Borrowed. */
FewMapZoom *few_feature_map_get_zoom (FewFeatureMap *self);
/* Drawn with a ring; NULL: none. */
void few_feature_map_set_picture (FewFeatureMap *self, FewPicture *picture);
/* Where a picture is drawn; FALSE when it is not. */
gboolean few_feature_map_get_point (FewFeatureMap *self, FewPicture *picture, double *x, double *y);
G_END_DECLS
