/* SPDX-License-Identifier: MIT */
/* The pictures of a folder, those that are there and those that come, each once: what was answered
 * is written down and not given again after a restart, unless the file has become another. The
 * program and fewshot-cli share what is written down. One thread, whose default main context hears
 * of changes. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS
typedef struct FewWatch FewWatch;
/* Who was killed may hold a folder a moment longer, but not so long. */
enum { FEW_WATCH_RELEASED = 5 * G_USEC_PER_SEC };
/* `what` is what answers depend on (the classifier's file): of another, all are given again. NULL:
 * the folder is none, or somebody watches it with the same classifier (G_IO_ERROR_BUSY), which is
 * waited for, FEW_WATCH_RELEASED at most, where there is a `waits` to end that. */
FewWatch *few_watch_new (const char *folder, gboolean recursive, const char *what,
                         GCancellable *waits, GError **error);
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

/* Of the classes' own pictures that are taken for none of them, and the probability of a tag where
 * the classifier cannot tell which are none. */
#define FEW_WATCH_SHARE .05
#define FEW_WATCH_LEAST .5

/* What the next picture would meet, too: a full disk, or that it was cancelled. */
gboolean few_watch_is_of_all (const GError *error);
/* Whether something can be written into the folder, which is made where there is none. */
gboolean few_watch_check_writable (const char *folder, GError **error);
G_END_DECLS
