/* SPDX-License-Identifier: MIT */
/* Thumbnails of the pictures of one class or of all; the class's name and prompt above. */
#pragma once
#include "widgets/few-page.h"

G_BEGIN_DECLS
#define FEW_TYPE_EXAMPLES_PAGE (few_examples_page_get_type ())
G_DECLARE_FINAL_TYPE (FewExamplesPage, few_examples_page, FEW, EXAMPLES_PAGE, GtkWidget)

/* What a person can do with examples; in few-examples-actions.c. */
void few_examples_actions_install (GActionMap *window, FewSession *session, FewPage *page);
/* Labels that are there already; in few-labels-actions.c, installed with the above. */
void few_labels_actions_install (GActionMap *window, FewSession *session);
void few_archive_actions_install (GActionMap *window, FewSession *session);
/* One class each, or any number; in few-several-actions.c, likewise. */
void few_several_actions_install (GActionMap *window, FewSession *session);
/* What the button for "win.move-to" does, in words. */
void few_several_name_button (GtkButton *button, FewExamples *examples);
/* Pictures by the camera; in few-take-actions.c, likewise. */
void few_take_actions_install (GActionMap *window, FewSession *session, FewExamplesPage *page);

/* NULL: all classes. It is the property "shown-class". */
void few_examples_page_set_class (FewExamplesPage *self, FewClass *klass);
FewClass *few_examples_page_get_class (FewExamplesPage *self);
/* The same by its place in the list at the side; −1: all classes. */
void few_examples_page_select_class (FewExamplesPage *self, int index);
/* Move the focus to the name or the prompt of the class in view. */
void few_examples_page_edit_name (FewExamplesPage *self);
void few_examples_page_edit_prompt (FewExamplesPage *self);
/* Labels that may be wrong, in a window of their own. */
GtkWindow *few_examples_page_check (FewExamplesPage *self);
G_END_DECLS
