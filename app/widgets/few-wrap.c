/* SPDX-License-Identifier: MIT */
/* A second line for the label of a button, which begins with a word. */
#include "widgets/few-wrap.h"
#include <string.h>

/* Han and kana have no spaces between words, and a line of them ends anywhere. So many of them are
 * no more than a word. */
enum { WORD = 8 };

static gboolean
may_break (const char *run, gsize length)
{
  gunichar first = g_utf8_get_char (run);
  return g_utf8_strlen (run, (gssize) length) > WORD && g_unichar_iswide (first)
         && g_unichar_get_script (first) != G_UNICODE_SCRIPT_HANGUL;
}

/* By an attribute, for where a line may end in a word differs from writing to writing. */
static void
keep_words_cb (GtkLabel *label)
{
  static const char between[] = " \n";
  const char *text = gtk_label_get_text (label);
  PangoAttrList *kept = pango_attr_list_new ();
  for (const char *run = text + strspn (text, between); *run; run += strspn (run, between))
    {
      gsize length = strcspn (run, between);
      if (!may_break (run, length))
        {
          PangoAttribute *whole = pango_attr_allow_breaks_new (FALSE);
          whole->start_index = (guint) (run - text);
          whole->end_index = whole->start_index + (guint) length;
          pango_attr_list_insert (kept, whole);
        }
      run += length;
    }
  gtk_label_set_attributes (label, kept);
  pango_attr_list_unref (kept);
}

void
few_wrap_label (GtkLabel *label)
{
  g_return_if_fail (GTK_IS_LABEL (label));
  gtk_label_set_ellipsize (label, PANGO_ELLIPSIZE_NONE);
  gtk_label_set_wrap_mode (label, PANGO_WRAP_WORD);
  gtk_label_set_wrap (label, TRUE);
  gtk_label_set_natural_wrap_mode (label, GTK_NATURAL_WRAP_NONE);
  g_signal_connect (label, "notify::label", G_CALLBACK (keep_words_cb), NULL);
  keep_words_cb (label);
}

void
few_wrap_buttons (GtkWidget *widget)
{
  GtkWidget *label = GTK_IS_BUTTON (widget) ? gtk_button_get_child (GTK_BUTTON (widget)) : NULL;
  if (GTK_IS_LABEL (label))
    {
      few_wrap_label (GTK_LABEL (label));
      gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    few_wrap_buttons (child);
}
