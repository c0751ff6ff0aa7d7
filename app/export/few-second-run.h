/* SPDX-License-Identifier: MIT */
/* The run beside that in view: which one, and its snapshot. The UI thread only. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* index: of few_runs_get_list. */
typedef void (*FewSecondRunChosen) (gpointer object, guint index);
/* Asks in a dialog; object: a GObject. */
void few_second_run_ask (GtkWindow *window, FewSession *session, FewSecondRunChosen chosen,
                         gpointer object);

/* The snapshot of a run, from memory or from its weights; NULL with an error. It is kept. */
typedef void (*FewSecondRunReady) (FewProjectRun *run, FewSnapshot *snapshot, const GError *error,
                                   gpointer user);
void few_second_run_fetch (FewSession *session, guint index, FewSecondRunReady ready,
                           gpointer user);
G_END_DECLS
