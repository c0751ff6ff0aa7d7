/* SPDX-License-Identifier: MIT */
/* Undo on the page of examples: the pictures that it brought back, or put back where they were, are
 * chosen and scrolled to; the keyboard's focus goes along if it is among the pictures. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* The model of the view, of FewPicture, is there. What it does not show is not looked for. */
void few_show_returned_install (GtkGridView *view, FewSession *session);
G_END_DECLS
