/* SPDX-License-Identifier: MIT */
/* Where what is in view looks in one picture: asked of the worker, one question at a time, so that
 * it follows α as fast as it is answered. The UI thread only.
 *
 * Signals
 *   changed ()   a map came, or how far it is, or why there is none */
#pragma once
#include "session/few-view.h"

G_BEGIN_DECLS
#define FEW_TYPE_SIGHT (few_sight_get_type ())
G_DECLARE_FINAL_TYPE (FewSight, few_sight, FEW, SIGHT, GObject)

typedef enum { FEW_SIGHT_ADAPTED, FEW_SIGHT_CLIP, FEW_SIGHT_DIFFERENCE, FEW_SIGHTS } FewSightKind;

FewSight *few_sight_new (FewDesk *desk, FewExamples *examples, FewView *view);
/* From now on in this picture, for this class. NULL: nothing more. What is looked for in another
 * picture ends. */
void few_sight_ask (FewSight *self, FewPicture *picture, FewClass *klass);
/* [rows, columns]; NULL: not known yet. Valid until the next “changed”. */
const float *few_sight_get_map (FewSight *self, FewSightKind kind);
/* Of the map. */
const FewHeatInfo *few_sight_get_info (FewSight *self);
/* Whether an answer is waited for; done of total places, 0 of 0 where it does not take places. */
gboolean few_sight_is_asking (FewSight *self, guint *done, guint *total);
/* Why there is no map; NULL. */
const char *few_sight_get_problem (FewSight *self);
G_END_DECLS
