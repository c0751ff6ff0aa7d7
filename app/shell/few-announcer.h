/* SPDX-License-Identifier: MIT */
/* Long work ended while the person was elsewhere: the desktop says so. */
#pragma once
#include "document/few-document.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_ANNOUNCER (few_announcer_get_type ())
G_DECLARE_FINAL_TYPE (FewAnnouncer, few_announcer, FEW, ANNOUNCER, GObject)

/* Watches the session of a window until the window is gone or the announcer is freed. The document
 * gives the notification its second line. */
FewAnnouncer *few_announcer_new (GtkWindow *window, FewSession *session, FewDocument *document);
G_END_DECLS
