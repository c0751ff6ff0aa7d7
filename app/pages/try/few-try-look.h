/* SPDX-License-Identifier: MIT */
/* Where the model looks in the picture that is tried: a switch, and below it what the map is of. */
#pragma once
#include "session/few-trial.h"
#include "widgets/few-look-bar.h"

G_BEGIN_DECLS
#define FEW_TYPE_TRY_LOOK (few_try_look_get_type ())
G_DECLARE_FINAL_TYPE (FewTryLook, few_try_look, FEW, TRY_LOOK, GtkWidget)

/* Once; target: where the picture is shown. */
void few_try_look_set_session (FewTryLook *self, FewSession *session, FewLargePicture *target);
/* What the target shows, with its answer as it is now; NULL: nothing. */
void few_try_look_set_trial (FewTryLook *self, FewTrial *trial);
/* Whether maps are shown. */
void few_try_look_set_wanted (FewTryLook *self, gboolean wanted);
G_END_DECLS
