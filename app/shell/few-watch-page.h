/* SPDX-License-Identifier: MIT */
/* The page of watched folders in Preferences. */
#pragma once
#include "watch/few-watcher.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_WATCH_PAGE (few_watch_page_get_type ())
G_DECLARE_FINAL_TYPE (FewWatchPage, few_watch_page, FEW, WATCH_PAGE, AdwPreferencesPage)

void few_watch_page_set_watcher (FewWatchPage *self, FewWatcher *watcher);
G_END_DECLS
