/* SPDX-License-Identifier: MIT */
/* A watched folder in Preferences: how it goes, and what is set. */
#pragma once
#include "watch/few-watcher.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_WATCH_ROW (few_watch_row_get_type ())
G_DECLARE_FINAL_TYPE (FewWatchRow, few_watch_row, FEW, WATCH_ROW, AdwExpanderRow)

FewWatchRow *few_watch_row_new (FewWatcher *watcher, const char *id);
const char *few_watch_row_get_id (FewWatchRow *self);
/* What the watcher says now. */
void few_watch_row_update (FewWatchRow *self);
G_END_DECLS
