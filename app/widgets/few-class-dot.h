/* SPDX-License-Identifier: MIT */
/* The colour of a class, the same wherever it stands. The UI thread only. */
#pragma once
#include "session/few-class.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* Of a class for as long as it is in the session, however the others come and go. dark: as the
 * ground is, against which it has a contrast of 3 : 1 or more, as small marks need. */
GdkRGBA few_class_colour (FewClass *klass, gboolean dark);

/* "■ name", the dot as a letter: free with g_free, and the dot's colour. What the text is in is the
 * ink of all other words. */
char *few_class_dot_text (FewClass *klass);
PangoAttrList *few_class_dot_attributes (FewClass *klass, gboolean dark);
void few_class_dot_write (GtkLabel *label, FewClass *klass);
G_END_DECLS
