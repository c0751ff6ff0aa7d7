/* SPDX-License-Identifier: MIT */
/* The About window, with the facts that somebody who helps will ask for. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

/* Both may be NULL: facts of a session are left out without one. */
void few_about_show (GtkWindow *parent, FewSession *session);
