/* SPDX-License-Identifier: MIT */
/* Thumbnails of the pictures of one class or of all; the class's name and prompt above. */
#pragma once
#include "session/few-session.h"
#include "widgets/few-thumbnails.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_EXAMPLES_PAGE (few_examples_page_get_type ())
G_DECLARE_FINAL_TYPE (FewExamplesPage, few_examples_page, FEW, EXAMPLES_PAGE, GtkWidget)
void few_examples_page_set_session (FewExamplesPage *self, FewSession *session,
                                    FewThumbnails *thumbnails);
/* NULL: all classes. */
void few_examples_page_set_class (FewExamplesPage *self, FewClass *klass);
/* Moves the focus to the name of the class in view. */
void few_examples_page_edit_name (FewExamplesPage *self);
FewClass *few_examples_page_get_class (FewExamplesPage *self);
/* FewPicture *, owned; free with g_ptr_array_unref. */
GPtrArray *few_examples_page_get_selected (FewExamplesPage *self);
/* Of the window. */
void few_examples_page_set_width (FewExamplesPage *self, int width);
G_END_DECLS
