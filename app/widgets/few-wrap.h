/* SPDX-License-Identifier: MIT */
/* Words stay whole: those of buttons in narrow windows, and of running text. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* May take further lines, of whole words: it is as wide as its longest word at least. For words of
 * the program; a person's own may be of any length. */
void few_wrap_label (GtkLabel *label);
/* So the labels of the buttons in `widget`, which its template has made: words of other languages,
 * and in larger text, are longer. */
void few_wrap_buttons (GtkWidget *widget);
/* From now on running text in Korean is broken between words, as it is to be; for programs in that
 * language. Once, when GTK is there. */
void few_wrap_begin (void);
G_END_DECLS
