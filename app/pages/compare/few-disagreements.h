/* SPDX-License-Identifier: MIT */
/* The test pictures that two methods call differently. */
#pragma once
#include "session/few-session.h"
#include "widgets/few-thumbnails.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_DISAGREEMENTS (few_disagreements_get_type ())
G_DECLARE_FINAL_TYPE (FewDisagreements, few_disagreements, FEW, DISAGREEMENTS, GtkWidget)

void few_disagreements_set_session (FewDisagreements *self, FewSession *session,
                                    FewThumbnails *thumbnails);
/* How many pictures the two methods in view call differently. */
guint few_disagreements_get_count (FewDisagreements *self);
G_END_DECLS
