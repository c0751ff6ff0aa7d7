/* SPDX-License-Identifier: MIT */
/* Asks how the model of a folder keeps its weights. The UI thread only. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* half: f16, f32 otherwise. Not called when the question is left. */
typedef void (*FewFolderAnswered) (gpointer object, gboolean half);

/* object: a GObject; nothing is asked any more once it has gone. */
void few_folder_ask (GtkWindow *window, FewFolderAnswered answered, gpointer object);
G_END_DECLS
