/* SPDX-License-Identifier: MIT */
/* A picture in a grid: thumbnail, its class or what α makes of it, a badge when it does not take
 * part. */
#pragma once
#include "session/few-session.h"
#include "widgets/few-thumbnails.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_TILE (few_tile_get_type ())
G_DECLARE_FINAL_TYPE (FewTile, few_tile, FEW, TILE, GtkWidget)

/* For a view of FewPicture, or of FewSlot that hold them. predictions: the caption is the predicted
 * class and its cosine at α, and follows it. */
GtkListItemFactory *few_tile_factory (FewSession *session, FewThumbnails *thumbnails,
                                      gboolean predictions);
/* For a view of FewPicture that lie class by class: the first of each class says its name. `model`
 * is the view's and lives as long. */
GtkListItemFactory *few_tile_factory_headed (FewSession *session, FewThumbnails *thumbnails,
                                             GListModel *model);
/* After other pictures came into the view. */
void few_tiles_update_headings (GtkGridView *grid);
/* NULL while it shows none. */
FewPicture *few_tile_get_picture (FewTile *self);
/* Becomes what is chosen in its view, unless it is among that already. */
void few_tile_choose (FewTile *self);
/* See few-in-sight.h: tiles catch up with what they put off while they were out of sight. */
void few_tiles_catch_up (GtkGridView *grid);
/* A grid keeps thirty rows of tiles ready, of as many columns as it may have, not has: no more
 * than fit a window of that width, or every change of its list takes twice as long. */
void few_tiles_fit (GtkGridView *grid, int width);
G_END_DECLS
