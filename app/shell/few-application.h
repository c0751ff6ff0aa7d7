/* SPDX-License-Identifier: MIT */
#pragma once
#include "models/few-models.h"
#include "shell/few-window.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_APPLICATION (few_application_get_type ())
G_DECLARE_FINAL_TYPE (FewApplication, few_application, FEW, APPLICATION, AdwApplication)
FewApplication *few_application_new (void);
/* One for all windows; made when first wanted. */
FewModels *few_application_get_models (FewApplication *self);
/* Opens a project in its window if there is one, in `window` (may be NULL) if that is fresh, in
 * a new one otherwise. */
void few_application_open (FewApplication *self, FewWindow *window, const char *path);
G_END_DECLS
