/* SPDX-License-Identifier: MIT */
/* The settings of the live adapter: a preset, what differs from it and is marked, experts' folded.
 * The UI thread only. */
#pragma once
#include "session/few-session.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_ADAPTER_SETTINGS (few_adapter_settings_get_type ())
G_DECLARE_FINAL_TYPE (FewAdapterSettings, few_adapter_settings, FEW, ADAPTER_SETTINGS,
                      AdwPreferencesGroup)

/* Once. It shows the job of the session's runs, and writes what a person changes into it. */
void few_adapter_settings_set_session (FewAdapterSettings *self, FewSession *session);
/* How many settings are not as the preset has them. */
guint few_adapter_settings_count_changed (FewAdapterSettings *self);
G_END_DECLS
