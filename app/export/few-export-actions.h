/* SPDX-License-Identifier: MIT */
/* What leaves the program: adapters, reports, tables of numbers, as actions of a window. */
#pragma once
#include "session/few-session.h"

/* What a report is called; freed with g_free. */
typedef char *(*FewExportTitle) (gpointer titled);

/* title (titled) gives reports their title, whatever document has it. */
void few_export_actions_install (GActionMap *window, FewSession *session, FewExportTitle title,
                                 GObject *titled);
