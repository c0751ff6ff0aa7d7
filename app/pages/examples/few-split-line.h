/* SPDX-License-Identifier: MIT */
/* A line on how many of the pictures the next run would learn from and test on. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_SPLIT_LINE (few_split_line_get_type ())
G_DECLARE_FINAL_TYPE (FewSplitLine, few_split_line, FEW, SPLIT_LINE, GtkWidget)

void few_split_line_set_session (FewSplitLine *self, FewSession *session);
G_END_DECLS
