/* SPDX-License-Identifier: MIT */
/* Buttons in narrow windows. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* May take further lines, of whole words: it is as wide as its longest word at least. For words of
 * the program; a person's own may be of any length. */
void few_wrap_label (GtkLabel *label);
/* So the labels of the buttons in `widget`, which its template has made: words of other languages,
 * and in larger text, are longer. */
void few_wrap_buttons (GtkWidget *widget);
G_END_DECLS
