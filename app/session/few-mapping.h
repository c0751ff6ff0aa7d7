/* SPDX-License-Identifier: MIT */
/* The map of the snapshot in view: asked of the worker while somebody looks, one at a time, and
 * stopped when nobody does. The UI thread only.
 *
 * Signals
 *   changed ()    the map is another one, or there is none
 *   progress ()   how far the next is */
#pragma once
#include "session/few-view.h"

G_BEGIN_DECLS
#define FEW_TYPE_MAPPING (few_mapping_get_type ())
G_DECLARE_FINAL_TYPE (FewMapping, few_mapping, FEW, MAPPING, GObject)

FewMapping *few_mapping_new (FewDesk *desk, FewView *view);
/* Whether somebody looks. */
void few_mapping_want (FewMapping *self, gboolean wanted);
void few_mapping_set_kind (FewMapping *self, FewMapKind kind);
FewMapKind few_mapping_get_kind (FewMapping *self);
/* Ends what is made: a first map that came of it stays; without one it is the plane again. */
void few_mapping_stop (FewMapping *self);
/* NULL until one came; another kind, or an older one, until the next did. Borrowed. */
FewMap *few_mapping_get_map (FewMapping *self);
/* Whether one is made: done of total steps, 0 of 0 before it is known. */
gboolean few_mapping_is_asking (FewMapping *self, guint *done, guint *total);
G_END_DECLS
