/* SPDX-License-Identifier: MIT */
/* The colour of a class, the same wherever it stands. The UI thread only. */
#pragma once
#include "session/few-class.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* Of a class for as long as it is in the session, however the others come and go. dark: as the
 * ground is. */
GdkRGBA few_class_colour (FewClass *klass, gboolean dark);

/* "■ name", the dot as a letter. */
void few_class_dot_write (GtkLabel *label, FewClass *klass);
G_END_DECLS
