/* SPDX-License-Identifier: MIT */
/* The window's pages. The first is there from the beginning; each other is made when it is first
 * wanted, or else once the window has been drawn, one a turn: together they would take as long as
 * all the rest that comes before the first frame. The UI thread only. */
#pragma once
#include "widgets/few-page.h"
#include <adwaita.h>

G_BEGIN_DECLS
typedef struct FewPages FewPages;

/* The stack has them all, by name and title. `window`, a GtkWindow, gets their actions, and lives
 * longer than what is returned; free that with few_pages_free. */
FewPages *few_pages_new (GActionMap *window, AdwViewStack *stack, FewSession *session,
                         FewThumbnails *thumbnails);
void few_pages_free (FewPages *pages);
/* Made, if it was not. NULL: there is none of that name. */
FewPage *few_pages_find (FewPages *pages, const char *name);
/* It takes what the page in view does not, and has what stands beside all. */
FewPage *few_pages_get_first (FewPages *pages);
/* How many there are already. */
guint few_pages_count_made (FewPages *pages);
gboolean few_pages_are_all_made (FewPages *pages);
/* The window's. */
void few_pages_set_width (FewPages *pages, int width);
G_END_DECLS
