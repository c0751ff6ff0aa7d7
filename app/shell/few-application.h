/* SPDX-License-Identifier: MIT */
/* The program: its windows, and what is one for all of them. */
#pragma once
#include "shell/few-window.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_APPLICATION (few_application_get_type ())
G_DECLARE_FINAL_TYPE (FewApplication, few_application, FEW, APPLICATION, AdwApplication)

/* Actions that windows use: "open-path (s)" opens a project in its window if there is one, in the
 * active window if that is fresh, in a new one otherwise. */
FewApplication *few_application_new (void);
/* A window with a project that holds nothing, not shown yet. */
FewWindow *few_application_new_window (FewApplication *self);
G_END_DECLS
