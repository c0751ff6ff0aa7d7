/* SPDX-License-Identifier: MIT */
/* The shares of the pictures that a run is tested on and chooses by. Insensitive where the number
 * of shots, or a person, says so already. */
#pragma once
#include "session/few-session.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_SHARE_SETTINGS (few_share_settings_get_type ())
G_DECLARE_FINAL_TYPE (FewShareSettings, few_share_settings, FEW, SHARE_SETTINGS,
                      AdwPreferencesGroup)

/* Once. */
void few_share_settings_set_session (FewShareSettings *self, FewSession *session);
G_END_DECLS
