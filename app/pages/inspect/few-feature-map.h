/* SPDX-License-Identifier: MIT */
/* Every picture as a point, near those that the model finds alike; the points follow α. Pressing
 * one chooses its picture, arrows go from one to the next, a line around some chooses them all.
 * Near, they are small pictures.
 *
 * Signals
 *   chosen (picture)      FewPicture
 *   activated (picture)   FewPicture: Enter, or a second press
 *   circled (pictures)    GPtrArray of FewPicture that the line goes around; it may be empty */
#pragma once
#include "pages/inspect/few-map-zoom.h"
#include "session/few-mapping.h"
#include "session/few-session.h"
#include "widgets/few-thumbnails.h"

G_BEGIN_DECLS
#define FEW_TYPE_FEATURE_MAP (few_feature_map_get_type ())
G_DECLARE_FINAL_TYPE (FewFeatureMap, few_feature_map, FEW, FEATURE_MAP, GtkWidget)

void few_feature_map_set_session (FewFeatureMap *self, FewSession *session,
                                  FewThumbnails *thumbnails);
/* What it draws. Borrowed. */
FewMapping *few_feature_map_get_mapping (FewFeatureMap *self);
/* Which part of it is in view: wheel, pinch, drag and keys move that. Borrowed. */
FewMapZoom *few_feature_map_get_zoom (FewFeatureMap *self);
/* Drawn with a ring; NULL: none. */
void few_feature_map_set_picture (FewFeatureMap *self, FewPicture *picture);
/* Ids that are drawn strong, and all others faint; NULL: none is. */
void few_feature_map_set_among (FewFeatureMap *self, GHashTable *among);
/* Where a picture is drawn; FALSE when it is not. */
gboolean few_feature_map_get_point (FewFeatureMap *self, FewPicture *picture, double *x, double *y);
/* As a line that a person draws, through n corners [n, 2] in its pixels. */
void few_feature_map_circle (FewFeatureMap *self, const double *corners, guint n);
/* As an arrow key: to the nearest in that direction, or to the one in the middle. */
void few_feature_map_walk (FewFeatureMap *self, int dx, int dy);
G_END_DECLS
