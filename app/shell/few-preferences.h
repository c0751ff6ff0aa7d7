/* SPDX-License-Identifier: MIT */
/* The preferences window. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

/* session: whose model “Use the Open One” takes; may be NULL. */
GtkWindow *few_preferences_new (GtkWindow *parent, FewSession *session);
