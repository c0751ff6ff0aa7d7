/* SPDX-License-Identifier: MIT */
/* Buttons in narrow windows. */
#pragma once
#include <gtk/gtk.h>

/* Labels of the buttons in `widget`, which its template has made, may take a second line: words of
 * other languages, and in larger text, are longer. They do so only where there is no room. */
void few_wrap_buttons (GtkWidget *widget);
