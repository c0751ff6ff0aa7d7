/* SPDX-License-Identifier: MIT */
/* The watched folders of a person: settings, how each goes, notifications, and the program that
 * goes on without a window where the desktop lets it. UI thread. */
#pragma once
#include "watch/few-background.h"
#include "watch/few-watched.h"

G_BEGIN_DECLS
#define FEW_TYPE_WATCHER (few_watcher_get_type ())
G_DECLARE_FINAL_TYPE (FewWatcher, few_watcher, FEW, WATCHER, GObject)

typedef struct
{
  guint64 done;  /* pictures, since the program began */
  gboolean busy; /* some wait */
  char *problem; /* a sentence; NULL: none */
  char *tail;    /* the log's last lines */
} FewWatcherState;

/* Signals: "changed" (): the folders, the pause, what the desktop allows; "state" (s): of the
 * folder with this id. */
FewWatcher *few_watcher_new (GApplication *application);
/* Ends the thread; before the application ends. */
void few_watcher_stop (FewWatcher *self);
/* The program may end with its last window, from now on. */
void few_watcher_leave (FewWatcher *self);
/* It did not: a window that could not be saved stays open. */
void few_watcher_stay (FewWatcher *self);

/* FewWatched *, until the next "changed". */
const GPtrArray *few_watcher_get_folders (FewWatcher *self);
/* Both NULL: there is none of that id. */
FewWatched *few_watcher_find (FewWatcher *self, const char *id);
const FewWatcherState *few_watcher_get_state (FewWatcher *self, const char *id);
/* In the place of what the folder had before. */
void few_watcher_put (FewWatcher *self, FewWatched *watched);
/* Its log stays, and so does what was answered. */
void few_watcher_remove (FewWatcher *self, const char *id);
gboolean few_watcher_get_paused (FewWatcher *self);
FewBackgroundState few_watcher_get_background (FewWatcher *self);
/* The classifier that takes the place of "", the setting “last-classifier”; "": none was exported.
 * Free with g_free. */
char *few_watcher_last_exported (void);
/* What was told by notifications is seen. */
void few_watcher_see (FewWatcher *self);
G_END_DECLS
