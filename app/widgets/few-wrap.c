/* SPDX-License-Identifier: MIT */
/* A second line for the label of a button, which begins with a word; running text whose words stay
 * whole where the writing allows a line to end in them. */
#include "widgets/few-wrap.h"
#include <adwaita.h>
#include <string.h>

/* Han and kana have no spaces between words, and a line of them ends anywhere. So many of them are
 * no more than a word. */
enum { WORD = 8 };
static const char between[] = " \n";

static gboolean
may_break (const char *run, gsize length)
{
  gunichar first = g_utf8_get_char (run);
  return g_utf8_strlen (run, (gssize) length) > WORD && g_unichar_iswide (first)
         && g_unichar_get_script (first) != G_UNICODE_SCRIPT_HANGUL;
}

static void
keep_whole (PangoAttrList *kept, const char *text, const char *run, gsize length)
{
  PangoAttribute *whole = pango_attr_allow_breaks_new (FALSE);
  whole->start_index = (guint) (run - text);
  whole->end_index = whole->start_index + (guint) length;
  pango_attr_list_insert (kept, whole);
}

/* By an attribute, for where a line may end in a word differs from writing to writing. */
static void
keep_words_cb (GtkLabel *label)
{
  const char *text = gtk_label_get_text (label);
  PangoAttrList *kept = pango_attr_list_new ();
  for (const char *run = text + strspn (text, between); *run; run += strspn (run, between))
    {
      gsize length = strcspn (run, between);
      if (!may_break (run, length))
        keep_whole (kept, text, run, length);
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

/* ---- running text in Korean, for Pango ends a line behind any syllable */

static gboolean
has_hangul (const char *run, gsize length)
{
  for (const char *at = run; at < run + length; at = g_utf8_next_char (at))
    if (g_unichar_get_script (g_utf8_get_char (at)) == G_UNICODE_SCRIPT_HANGUL)
      return TRUE;
  return FALSE;
}

static gboolean
is_break (PangoAttribute *attribute, gpointer user G_GNUC_UNUSED)
{
  return attribute->klass->type == PANGO_ATTR_ALLOW_BREAKS;
}

/* Letters; longer runs are mostly words and numbers in brackets, and would make a narrow window
 * wider, sooner in a row of settings, which has a control beside its words. */
enum { HANGUL = 8, HANGUL_IN_ROW = 4 };

static void
keep_hangul_cb (GtkLabel *label)
{
  const char *text = gtk_label_get_text (label);
  PangoAttrList *old = gtk_label_get_attributes (label);
  PangoAttrList *kept = old ? pango_attr_list_copy (old) : pango_attr_list_new ();
  PangoAttrList *gone = pango_attr_list_filter (kept, is_break, NULL);
  gboolean row = gtk_widget_get_ancestor (GTK_WIDGET (label), ADW_TYPE_ACTION_ROW) != NULL;
  int most = row ? HANGUL_IN_ROW : HANGUL;
  for (const char *run = text + strspn (text, between); *run; run += strspn (run, between))
    {
      gsize length = strcspn (run, between);
      if (g_utf8_strlen (run, (gssize) length) <= most && has_hangul (run, length))
        keep_whole (kept, text, run, length);
      run += length;
    }
  gtk_label_set_attributes (label, kept);
  pango_attr_list_unref (kept);
  g_clear_pointer (&gone, pango_attr_list_unref);
}

static gboolean
is_followed (GtkWidget *label, void (*by) (GtkLabel *))
{
  return g_signal_handler_find (label, G_SIGNAL_MATCH_FUNC, 0, 0, NULL, (gpointer) by, NULL) != 0;
}

/* Labels come from everywhere, libadwaita's rows and dialogs among them: each as it comes into
 * view. */
static gboolean
mapped_cb (GSignalInvocationHint *hint G_GNUC_UNUSED, guint n G_GNUC_UNUSED, const GValue *values,
           gpointer user G_GNUC_UNUSED)
{
  GtkWidget *widget = g_value_get_object (values);
  if (!GTK_IS_LABEL (widget) || !gtk_label_get_wrap (GTK_LABEL (widget))
      || is_followed (widget, keep_hangul_cb) || is_followed (widget, keep_words_cb))
    return TRUE;
  g_signal_connect (widget, "notify::label", G_CALLBACK (keep_hangul_cb), NULL);
  keep_hangul_cb (GTK_LABEL (widget));
  return TRUE;
}

void
few_wrap_begin (void)
{
  static gulong hook;
  if (hook || !g_str_has_prefix (g_get_language_names ()[0], "ko"))
    return;
  g_type_class_ref (GTK_TYPE_WIDGET); /* which has the signal, and stays */
  hook = g_signal_add_emission_hook (g_signal_lookup ("map", GTK_TYPE_WIDGET), 0, mapped_cb, NULL,
                                     NULL);
}
