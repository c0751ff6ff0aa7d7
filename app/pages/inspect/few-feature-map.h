/* SPDX-License-Identifier: MIT */
/* Every picture as a point, near those that the model finds alike; the points follow α. Pressing
 * one chooses its picture, pointing at one shows it. The wheel, + and − zoom, dragging and arrows
 * move what is seen, 0 shows all.
 *
 * Signals
 *   chosen (picture)   FewPicture */
#pragma once
#include "widgets/few-thumbnails.h"
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_FEATURE_MAP (few_feature_map_get_type ())
G_DECLARE_FINAL_TYPE (FewFeatureMap, few_feature_map, FEW, FEATURE_MAP, GtkWidget)

void few_feature_map_set_session (FewFeatureMap *self, FewSession *session,
                                  FewThumbnails *thumbnails);
/* Drawn with a ring; NULL: none. */
void few_feature_map_set_picture (FewFeatureMap *self, FewPicture *picture);
/* Where a picture is drawn; FALSE when it is not. */
gboolean few_feature_map_get_point (FewFeatureMap *self, FewPicture *picture, double *x, double *y);
G_END_DECLS
