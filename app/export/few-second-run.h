/* SPDX-License-Identifier: MIT */
/* The run beside that in view: which one, and its snapshot. The UI thread only. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
typedef void (*FewSecondRunChosen) (gpointer object, FewProjectRun *run);
/* Asks in a dialog; object: a GObject. */
void few_second_run_ask (GtkWindow *window, FewSession *session, FewSecondRunChosen chosen,
                         gpointer object);

/* The snapshot of a run, from memory or from its weights; NULL with an error. It is kept. */
typedef void (*FewSecondRunReady) (FewProjectRun *run, FewSnapshot *snapshot, const GError *error,
                                   gpointer user);
void few_second_run_fetch (FewSession *session, FewProjectRun *run, FewSecondRunReady ready,
                           gpointer user);
G_END_DECLS
