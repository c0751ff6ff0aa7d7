/* SPDX-License-Identifier: MIT */
/* A line of text, or two, whose room does not depend on what it says: what changes many times a
 * second, or in many places at once, lays nothing out anew. Whoever shows it speaks for it. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_LINE (few_line_get_type ())
G_DECLARE_FINAL_TYPE (FewLine, few_line, FEW, LINE, GtkWidget)

/* xalign: as of a GtkLabel. least, chars: how many characters it needs, and wants. */
GtkWidget *few_line_new (float xalign, int least, int chars);
/* 1 unless it is told. */
void few_line_set_lines (FewLine *self, int lines);
/* cut: of each line that is too long. */
void few_line_set_text (FewLine *self, const char *text, PangoEllipsizeMode cut);
G_END_DECLS
