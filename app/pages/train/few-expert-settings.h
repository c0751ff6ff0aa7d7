/* SPDX-License-Identifier: MIT */
/* What experts may set of methods other than the live adapter: the priors of the classes. Hidden
 * where the method has none. */
#pragma once
#include "session/few-session.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_EXPERT_SETTINGS (few_expert_settings_get_type ())
G_DECLARE_FINAL_TYPE (FewExpertSettings, few_expert_settings, FEW, EXPERT_SETTINGS,
                      AdwPreferencesGroup)

/* Once. */
void few_expert_settings_set_session (FewExpertSettings *self, FewSession *session);
G_END_DECLS
