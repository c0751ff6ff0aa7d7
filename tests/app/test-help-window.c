/* SPDX-License-Identifier: MIT */
/* The help that the program shows itself, in process. */
#include "shell/few-help.h"
#include "shell/few-help-page.h"
#include "world.h"
#include <string.h>

static void
test_page (void)
{
  static const char text[] =
      "<page id='x'><info><license><p>not this</p></license><desc>what &amp; why</desc></info>"
      "<title>A\ntitle</title><p>Press <gui>Go &lt;on&gt;</gui> "
      "(<keyseq><key>Ctrl</key><key>T</key></keyseq>) or <key>X</key>.</p>"
      "<steps><item><p>one</p></item><item><p>two</p></item></steps>"
      "<list><item><p>point</p></item></list>"
      "<media type='image' mime='image/png' src='figures/x.png'><p>a &lt;hall&gt;</p></media>"
      "<section id='s'><title>Part</title><p>end</p></section></page>";
  static const struct
  {
    FewHelpKind kind;
    const char *markup, *source;
  } blocks[] = {
    { FEW_HELP_TEXT, "Press <b>Go &lt;on&gt;</b> (<tt>Ctrl</tt>+<tt>T</tt>) or <tt>X</tt>.", NULL },
    { FEW_HELP_STEP, "one", NULL },
    { FEW_HELP_STEP, "two", NULL },
    { FEW_HELP_ITEM, "point", NULL },
    { FEW_HELP_PICTURE, "a &lt;hall&gt;", "figures/x.png" },
    { FEW_HELP_HEADING, "Part", NULL },
    { FEW_HELP_TEXT, "end", NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (FewHelpPage) page = few_help_page_parse (text, sizeof text - 1, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (page->title, ==, "A title");
  g_assert_cmpstr (page->summary, ==, "what &amp; why");
  g_assert_cmpuint (page->blocks->len, ==, G_N_ELEMENTS (blocks));
  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    {
      const FewHelpBlock *block = page->blocks->pdata[i];
      g_assert_cmpuint (block->kind, ==, blocks[i].kind);
      g_assert_cmpstr (block->markup, ==, blocks[i].markup);
      g_assert_cmpstr (block->source, ==, blocks[i].source);
    }
  g_assert_cmpuint (((FewHelpBlock *) page->blocks->pdata[2])->number, ==, 2);
  g_assert_null (few_help_page_parse ("<page><p>", 9, &error));
  g_assert_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_PARSE);
}

/* It can be shown, and says what it shows. */
static void
assert_picture (const FewHelpBlock *block)
{
  g_autofree char *path = g_build_filename ("/io/github/fewshot/Fewshot/help", block->source, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new_from_resource (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gdk_pixbuf_get_width (pixbuf), >=, 200);
  g_assert_cmpuint (strlen (block->markup), >, 10);
}

/* Every page is there in both languages, and is markup that Pango reads. */
static void
test_pages (void)
{
  static const char *const languages[] = { "C", "ko" };
  for (guint k = 0; k < G_N_ELEMENTS (languages); k++)
    {
      g_autofree char *folder =
          g_strconcat ("/io/github/fewshot/Fewshot/help/", languages[k], NULL);
      g_auto (GStrv) names = g_resources_enumerate_children (folder, 0, NULL);
      g_assert_cmpuint (g_strv_length (names), ==, 14);
      for (guint i = 0; names[i]; i++)
        {
          g_autofree char *path = g_build_filename (folder, names[i], NULL);
          g_autoptr (GBytes) bytes = g_resources_lookup_data (path, 0, NULL);
          g_autoptr (GError) error = NULL;
          g_autoptr (FewHelpPage) page = few_help_page_parse (g_bytes_get_data (bytes, NULL),
                                                              g_bytes_get_size (bytes), &error);
          g_assert_no_error (error);
          g_assert_true (*page->title && *page->summary && page->blocks->len > 0);
          for (guint b = 0; b < page->blocks->len; b++)
            {
              const FewHelpBlock *block = page->blocks->pdata[b];
              g_assert_true (pango_parse_markup (block->markup, -1, 0, NULL, NULL, NULL, NULL));
              if (block->kind == FEW_HELP_PICTURE)
                assert_picture (block);
            }
        }
    }
}

static void
test_window (void)
{
  World *w = world_new ();
  GtkWindow *help = few_help_new (GTK_WINDOW (w->window));
  gtk_window_present (help);
  GtkWidget *list = world_find_styled (GTK_WIDGET (help), GTK_TYPE_LIST_BOX, "boxed-list");
  guint rows = 0;
  while (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), (int) rows))
    rows++;
  g_assert_cmpuint (rows, ==, 13);
  GtkWidget *stack = world_find_widget (GTK_WIDGET (help), GTK_TYPE_STACK);
  gtk_widget_activate (GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 1)));
  g_assert_cmpstr (gtk_stack_get_visible_child_name (GTK_STACK (stack)), ==, "page");
  GtkWidget *title = world_find_styled (GTK_WIDGET (help), GTK_TYPE_LABEL, "title-1");
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (title)), ==, "Train");
  g_assert_false (world_says (GTK_WIDGET (help), "The help is in English only."));
  few_help_show_page (FEW_HELP (help), "index");
  g_assert_cmpstr (gtk_stack_get_visible_child_name (GTK_STACK (stack)), ==, "list");
  gtk_window_destroy (help);
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/help/page", test_page);
  g_test_add_func ("/help/pages", test_pages);
  g_test_add_func ("/help/window", test_window);
  return g_test_run ();
}
