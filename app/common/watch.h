/* SPDX-License-Identifier: MIT */
/* The pictures of a folder, those that are there and those that come, each once: what was answered
 * is written down and not given again after a restart, unless the file has become another. The
 * program and fewshot-cli share what is written down. One thread, whose default main context hears
 * of changes. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS
typedef struct FewWatch FewWatch;
/* `what` is what answers depend on (the classifier's file): of another, all are given again. NULL:
 * the folder is none, or somebody watches it with the same classifier (for seconds: who was killed
 * may hold it a moment longer). */
FewWatch *few_watch_new (const char *folder, gboolean recursive, const char *what,
                         GCancellable *cancellable, GError **error);
void few_watch_free (FewWatch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewWatch, few_watch_free)

/* FOUND: a path. FAILED: why the folder cannot be looked through, once. WELL: it can be, again. */
typedef enum { FEW_WATCH_FOUND, FEW_WATCH_FAILED, FEW_WATCH_WELL } FewWatchNews;
typedef void (*FewWatchFunc) (FewWatchNews news, const char *text, gpointer user);
void few_watch_set_func (FewWatch *watch, FewWatchFunc func, gpointer user);

/* The next path, to be freed; NULL: there is none now. look: the folder is walked where that is
 * due, which something has to ask for now and then. */
char *few_watch_take (FewWatch *watch, gboolean look);
/* It was taken and comes again, before all others. */
void few_watch_give_back (FewWatch *watch, const char *path);
/* The answer for this path, which was taken, is out. FALSE: it still counts as taken. */
gboolean few_watch_answered (FewWatch *watch, const char *path, GError **error);
/* An answer that was out by then (real time) without being written down, because of a kill between
 * the two: it is written down, unless the file has changed since. */
gboolean few_watch_recall (FewWatch *watch, const char *path, gint64 then, GError **error);
/* What is written down so far outlasts the machine, too. */
gboolean few_watch_done (FewWatch *watch, GError **error);
G_END_DECLS
