/* SPDX-License-Identifier: MIT */
/* The window: pages, what stands beside and below them, and the action groups of all rooms. */
#pragma once
#include "document/few-document.h"
#include "models/few-models.h"
#include "widgets/few-page.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_WINDOW (few_window_get_type ())
G_DECLARE_FINAL_TYPE (FewWindow, few_window, FEW, WINDOW, AdwApplicationWindow)

/* Actions that rooms use: "page (s)" shows a page by its name; "say (sb)" is few-toasts.h; "take
 * (asb)" gives paths that were pasted (TRUE) or dropped to the page in view. */
FewWindow *few_window_new (AdwApplication *application, FewModels *models);
FewSession *few_window_get_session (FewWindow *self);
FewDocument *few_window_get_document (FewWindow *self);
FewThumbnails *few_window_get_thumbnails (FewWindow *self);
/* The name of the page in view, or "welcome". */
const char *few_window_get_page (FewWindow *self);
/* Made, if it was not. NULL: there is none of that name. */
FewPage *few_window_find_page (FewWindow *self, const char *name);
/* How many pages there are already. */
guint few_window_count_pages (FewWindow *self);
gboolean few_window_has_all_pages (FewWindow *self);
G_END_DECLS
