/* SPDX-License-Identifier: MIT */
/* A list model whose whole order is given at once. Its items are slots, one a place, that stay
 * while what they hold changes: re-ranking thousands of pictures then costs a list view only the
 * places that it shows. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS
#define FEW_TYPE_SLOT (few_slot_get_type ())
G_DECLARE_FINAL_TYPE (FewSlot, few_slot, FEW, SLOT, GObject)
/* What is in that place now; notify::item tells when it changes. NULL when the list has become
 * shorter. */
gpointer few_slot_get_item (FewSlot *self);

#define FEW_TYPE_RANKING (few_ranking_get_type ())
G_DECLARE_FINAL_TYPE (FewRanking, few_ranking, FEW, RANKING, GObject)

FewRanking *few_ranking_new (void);
/* Takes over an array of objects, which its free function owns, or which live on without.
 * "items-changed" speaks of the length alone. */
void few_ranking_take (FewRanking *self, GPtrArray *items);
G_END_DECLS
