/* SPDX-License-Identifier: MIT */
/* The help in a window of the program's own, for where there is no viewer: the same pages. The UI
 * thread only. */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_HELP (few_help_get_type ())
G_DECLARE_FINAL_TYPE (FewHelp, few_help, FEW, HELP, AdwWindow)

/* Not yet presented; goes with its parent. */
GtkWindow *few_help_new (GtkWindow *parent);
/* A page by its name, as "train"; "index" is the list of them. */
void few_help_show_page (FewHelp *self, const char *name);
G_END_DECLS
