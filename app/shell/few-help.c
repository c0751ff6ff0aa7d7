/* SPDX-License-Identifier: MIT */
/* A list of pages, and one page; Back leads to the list. */
#include "shell/few-help.h"
#include "shell/few-help-page.h"
#include "few-help-pages.h"
#include "widgets/few-dialog.h"
#include <glib/gi18n.h>

#define HELP "/io/github/fewshot/Fewshot/help/"

/* In the order in which they are needed, as data/help lists them. */
static const char *const pages[] = { FEW_HELP_PAGES };

struct _FewHelp
{
  AdwWindow parent;
  GtkStack *stack;
  GtkListBox *list;
  GtkBox *box;
  GtkLabel *introduction, *language;
  GtkWidget *back;
  GtkScrolledWindow *scroller;
};

G_DEFINE_FINAL_TYPE (FewHelp, few_help, ADW_TYPE_WINDOW)

/* In the person's language, or in English, as *english says (it may be NULL). NULL only when the
 * program was built wrongly. */
static FewHelpPage *
load_page (const char *name, gboolean *english)
{
  const char *const *languages = g_get_language_names ();
  for (guint i = 0; languages[i]; i++)
    {
      g_autofree char *path = g_strdup_printf (HELP "%s/%s.page", languages[i], name);
      g_autoptr (GBytes) bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
      g_autoptr (GError) error = NULL;
      if (!bytes)
        continue;
      FewHelpPage *page =
          few_help_page_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
      if (!page)
        g_critical ("%s: %s", path, error->message);
      if (english)
        *english = g_str_equal (languages[i], "C");
      return page;
    }
  return NULL;
}

/* ---- a page */

static void
append_text (GtkBox *box, const char *markup, const char *style, gboolean heading)
{
  GtkWidget *label =
      g_object_new (GTK_TYPE_LABEL, "accessible-role",
                    heading ? GTK_ACCESSIBLE_ROLE_HEADING : GTK_ACCESSIBLE_ROLE_LABEL, NULL);
  gtk_label_set_markup (GTK_LABEL (label), markup);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  if (style)
    gtk_widget_add_css_class (label, style);
  gtk_box_append (box, label);
}

static void
append_picture (GtkBox *box, const FewHelpBlock *block)
{
  g_autofree char *path = g_strconcat (HELP, block->source, NULL);
  g_autofree char *shown = NULL;
  GtkWidget *picture = gtk_picture_new_for_resource (path);
  if (pango_parse_markup (block->markup, -1, 0, NULL, &shown, NULL, NULL))
    gtk_picture_set_alternative_text (GTK_PICTURE (picture), shown);
  gtk_widget_add_css_class (picture, "help-picture");
  gtk_widget_set_overflow (picture, GTK_OVERFLOW_HIDDEN);
  gtk_box_append (box, picture);
}

static void
append_block (GtkBox *box, const FewHelpBlock *block)
{
  g_autofree char *step = g_strdup_printf ("%u. %s", block->number, block->markup);
  g_autofree char *item = g_strdup_printf ("• %s", block->markup);
  switch (block->kind)
    {
    case FEW_HELP_HEADING:
      append_text (box, block->markup, "heading", TRUE);
      break;
    case FEW_HELP_STEP:
      append_text (box, step, NULL, FALSE);
      break;
    case FEW_HELP_ITEM:
      append_text (box, item, NULL, FALSE);
      break;
    case FEW_HELP_TEXT:
      append_text (box, block->markup, NULL, FALSE);
      break;
    case FEW_HELP_PICTURE:
      append_picture (box, block);
      break;
    }
}

static void
show_list (FewHelp *self)
{
  gtk_stack_set_visible_child_name (self->stack, "list");
  gtk_widget_set_visible (self->back, FALSE);
}

void
few_help_show_page (FewHelp *self, const char *name)
{
  g_return_if_fail (FEW_IS_HELP (self));
  g_return_if_fail (name);
  g_autoptr (FewHelpPage) page = g_str_equal (name, "index") ? NULL : load_page (name, NULL);
  GtkWidget *old;
  if (!page)
    {
      show_list (self);
      return;
    }
  while ((old = gtk_widget_get_first_child (GTK_WIDGET (self->box))))
    gtk_box_remove (self->box, old);
  append_text (self->box, page->title, "title-1", TRUE);
  for (guint i = 0; i < page->blocks->len; i++)
    append_block (self->box, page->blocks->pdata[i]);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
  gtk_stack_set_visible_child_name (self->stack, "page");
  gtk_widget_set_visible (self->back, TRUE);
  gtk_widget_grab_focus (self->back);
}

/* ---- the list */

static void
row_activated_cb (GtkListBox *list G_GNUC_UNUSED, GtkListBoxRow *row, FewHelp *self)
{
  few_help_show_page (self, pages[gtk_list_box_row_get_index (row)]);
}

static void
back_cb (FewHelp *self)
{
  show_list (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

/* Said in the window's language where that is another one, which the sentence's own translation
 * tells. */
static void
tell_language (FewHelp *self, gboolean english)
{
  const char *words = N_ ("The help is in English only.");
  gboolean foreign = english && !g_str_equal (_ (words), words);
  gtk_label_set_text (self->language, foreign ? _ (words) : "");
  gtk_widget_set_visible (GTK_WIDGET (self->language), foreign);
}

static void
fill_list (FewHelp *self)
{
  gboolean english = FALSE;
  g_autoptr (FewHelpPage) index = load_page ("index", &english);
  tell_language (self, english);
  for (guint i = 0; index && i < index->blocks->len; i++)
    gtk_label_set_markup (self->introduction,
                          ((const FewHelpBlock *) index->blocks->pdata[i])->markup);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      g_autoptr (FewHelpPage) page = load_page (pages[i], NULL);
      GtkWidget *row = adw_action_row_new ();
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), page ? page->title : pages[i]);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), page ? page->summary : "");
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
      gtk_list_box_append (self->list, row);
    }
}

/* ---- life */

static void
few_help_class_init (FewHelpClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fewshot/Fewshot/shell/few-help.ui");
  gtk_widget_class_bind_template_child (widget_class, FewHelp, stack);
  gtk_widget_class_bind_template_child (widget_class, FewHelp, list);
  gtk_widget_class_bind_template_child (widget_class, FewHelp, box);
  gtk_widget_class_bind_template_child (widget_class, FewHelp, introduction);
  gtk_widget_class_bind_template_child (widget_class, FewHelp, language);
  gtk_widget_class_bind_template_child (widget_class, FewHelp, back);
  gtk_widget_class_bind_template_child (widget_class, FewHelp, scroller);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);
}

static void
few_help_init (FewHelp *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  fill_list (self);
}

GtkWindow *
few_help_new (GtkWindow *parent)
{
  g_return_val_if_fail (GTK_IS_WINDOW (parent), NULL);
  GtkWindow *self = g_object_new (FEW_TYPE_HELP, NULL);
  few_dialog_attach (self, parent);
  return self;
}
