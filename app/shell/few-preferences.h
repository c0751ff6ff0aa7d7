/* SPDX-License-Identifier: MIT */
/* The preferences window. */
#pragma once
#include "session/few-session.h"
#include "watch/few-watcher.h"
#include <adwaita.h>

#define FEW_TYPE_PREFERENCES (few_preferences_get_type ())
G_DECLARE_FINAL_TYPE (FewPreferences, few_preferences, FEW, PREFERENCES, AdwPreferencesWindow)

/* session: whose model “Use the Open One” takes. watcher: whose folders are shown. Either may be
 * NULL. */
GtkWindow *few_preferences_new (GtkWindow *parent, FewSession *session, FewWatcher *watcher);
/* The page of watched folders comes into view. */
void few_preferences_show_folders (GtkWindow *preferences);
