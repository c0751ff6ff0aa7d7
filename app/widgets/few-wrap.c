/* SPDX-License-Identifier: MIT */
/* A second line for the label of a button. */
#include "widgets/few-wrap.h"

/* So many letters of a long label stay in one piece. */
enum { PIECE = 6, LONG = 10 };

static void
wrap (GtkLabel *label)
{
  if (g_utf8_strlen (gtk_label_get_text (label), -1) >= LONG)
    gtk_label_set_width_chars (label, PIECE);
  gtk_label_set_wrap_mode (label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_wrap (label, TRUE);
  gtk_label_set_natural_wrap_mode (label, GTK_NATURAL_WRAP_NONE);
  gtk_label_set_justify (label, GTK_JUSTIFY_CENTER);
}

void
few_wrap_buttons (GtkWidget *widget)
{
  GtkWidget *label = GTK_IS_BUTTON (widget) ? gtk_button_get_child (GTK_BUTTON (widget)) : NULL;
  if (GTK_IS_LABEL (label))
    wrap (GTK_LABEL (label));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    few_wrap_buttons (child);
}
