/* SPDX-License-Identifier: MIT */
/* Notifications about watched folders: one a folder, with the number of its pictures since they
 * were last looked at. UI thread. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS
typedef struct FewWatchNewsDesk FewWatchNewsDesk;
FewWatchNewsDesk *few_watch_news_desk_new (GApplication *application);
void few_watch_news_desk_free (FewWatchNewsDesk *desk);
/* labels: char *, of the pictures that were answered. quiet: no more are waiting now. */
void few_watch_news_desk_add (FewWatchNewsDesk *desk, const char *id, const char *name,
                              const GPtrArray *labels, gboolean quiet);
/* All was seen. */
void few_watch_news_desk_clear (FewWatchNewsDesk *desk);
G_END_DECLS
