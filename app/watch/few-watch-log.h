/* SPDX-License-Identifier: MIT */
/* What was answered in a watched folder, a line a picture: time, class, probability, path, what was
 * wrong; tabs between them. Among the user's state files; one of 16 MB becomes the older half. One
 * thread. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS
typedef struct FewWatchLog FewWatchLog;

/* Where the log of this folder is; free with g_free. Any thread. */
char *few_watch_log_path (const char *folder);

FewWatchLog *few_watch_log_new (const char *folder, GError **error);
void few_watch_log_free (FewWatchLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewWatchLog, few_watch_log_free)
/* problem: NULL where nothing was wrong. */
gboolean few_watch_log_add (FewWatchLog *log, const char *path, const char *label,
                            double probability, const char *problem, GError **error);
/* The last line: its path, and its time as g_get_real_time; NULL: there is none. Free with
 * g_free. */
char *few_watch_log_last (const FewWatchLog *log, gint64 *time);
/* The last lines for people, the newest first: "10:02  owl, 97 %  IMG_1.jpg". Free with g_free. */
char *few_watch_log_tail (const FewWatchLog *log);
G_END_DECLS
