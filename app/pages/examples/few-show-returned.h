/* SPDX-License-Identifier: MIT */
/* Undo on the page of examples: the pictures that it brought back, or put back where they were, are
 * chosen and scrolled to; the keyboard's focus goes along if it is among the pictures. */
#pragma once
#include "pages/examples/few-examples-model.h"
#include "session/few-session.h"

G_BEGIN_DECLS
/* The view's model is there, and shows what this list has, or the beginning of it. */
void few_show_returned_install (GtkGridView *view, FewExamplesModel *list, FewSession *session);
G_END_DECLS
