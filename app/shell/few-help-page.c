/* SPDX-License-Identifier: MIT */
/* One pass over the elements: what stands in p, title and desc becomes text, what stands in them
 * becomes bold or of one width. */
#include "shell/few-help-page.h"
#include <string.h>

typedef struct
{
  FewHelpPage *page;
  GString *text;    /* of the paragraph that is read */
  gboolean reading; /* inside of one */
  guint infos, sections, keys;
  gboolean numbered, in_item, in_keys;
  char *source; /* of the picture that is read */
  guint step;
} Reader;

static void
block_free (gpointer data)
{
  FewHelpBlock *block = data;
  g_free (block->markup);
  g_free (block->source);
  g_free (block);
}

/* Elements that stand in a line, and how they look. */
static const char *
find_style (const char *element)
{
  if (g_str_equal (element, "gui"))
    return "b";
  if (g_str_equal (element, "key") || g_str_equal (element, "code")
      || g_str_equal (element, "file"))
    return "tt";
  return NULL;
}

static gboolean
is_paragraph (const char *element)
{
  return g_str_equal (element, "p") || g_str_equal (element, "title")
         || g_str_equal (element, "desc");
}

static void
begin_element (Reader *reader, const char *element)
{
  const char *style = find_style (element);
  if (is_paragraph (element))
    {
      reader->reading = TRUE;
      g_string_truncate (reader->text, 0);
    }
  if (g_str_equal (element, "keyseq"))
    {
      reader->in_keys = TRUE;
      reader->keys = 0;
    }
  if (g_str_equal (element, "key") && reader->in_keys && reader->keys++ > 0)
    g_string_append_c (reader->text, '+');
  if (style)
    g_string_append_printf (reader->text, "<%s>", style);
  reader->infos += g_str_equal (element, "info");
  reader->sections += g_str_equal (element, "section");
  if (g_str_equal (element, "steps") || g_str_equal (element, "list"))
    {
      reader->numbered = g_str_equal (element, "steps");
      reader->step = 0;
    }
  if (g_str_equal (element, "item"))
    {
      reader->in_item = TRUE;
      reader->step++;
    }
}

static void
start_element_cb (GMarkupParseContext *context G_GNUC_UNUSED, const char *element,
                  const char **names, const char **values, gpointer user,
                  GError **error G_GNUC_UNUSED)
{
  Reader *reader = user;
  begin_element (reader, element);
  for (guint i = 0; g_str_equal (element, "media") && names[i]; i++)
    if (g_str_equal (names[i], "src"))
      {
        g_free (reader->source);
        reader->source = g_strdup (values[i]);
      }
}

static void
add_block (Reader *reader, FewHelpKind kind)
{
  FewHelpBlock *block = g_new (FewHelpBlock, 1);
  *block = (FewHelpBlock) { kind, reader->step, g_strdup (g_strstrip (reader->text->str)),
                            g_steal_pointer (&reader->source) };
  g_ptr_array_add (reader->page->blocks, block);
}

static FewHelpKind
find_kind (const Reader *reader)
{
  if (reader->source)
    return FEW_HELP_PICTURE;
  if (!reader->in_item)
    return FEW_HELP_TEXT;
  return reader->numbered ? FEW_HELP_STEP : FEW_HELP_ITEM;
}

static void
end_paragraph (Reader *reader, const char *element)
{
  FewHelpPage *page = reader->page;
  reader->reading = FALSE;
  if (g_str_equal (element, "desc"))
    {
      g_free (page->summary);
      page->summary = g_strdup (reader->text->str);
    }
  else if (g_str_equal (element, "title") && reader->sections == 0)
    {
      g_free (page->title);
      page->title = g_strdup (reader->text->str);
    }
  else if (g_str_equal (element, "title"))
    add_block (reader, FEW_HELP_HEADING);
  else if (reader->infos == 0) /* there stands the licence */
    add_block (reader, find_kind (reader));
}

static void
end_element_cb (GMarkupParseContext *context G_GNUC_UNUSED, const char *element, gpointer user,
                GError **error G_GNUC_UNUSED)
{
  Reader *reader = user;
  const char *style = find_style (element);
  if (style)
    g_string_append_printf (reader->text, "</%s>", style);
  if (is_paragraph (element))
    end_paragraph (reader, element);
  reader->infos -= g_str_equal (element, "info");
  reader->sections -= g_str_equal (element, "section");
  if (g_str_equal (element, "item"))
    reader->in_item = FALSE;
  if (g_str_equal (element, "keyseq"))
    reader->in_keys = FALSE;
}

/* Line breaks of the file are no line breaks of the text. */
static void
text_cb (GMarkupParseContext *context G_GNUC_UNUSED, const char *text, gsize length, gpointer user,
         GError **error G_GNUC_UNUSED)
{
  Reader *reader = user;
  if (!reader->reading)
    return;
  g_autofree char *escaped = g_markup_escape_text (text, (gssize) length);
  g_string_append (reader->text, g_strdelimit (escaped, "\r\n\t", ' '));
}

FewHelpPage *
few_help_page_parse (const char *text, gsize length, GError **error)
{
  static const GMarkupParser parser = { start_element_cb, end_element_cb, text_cb, NULL, NULL };
  g_return_val_if_fail (text, NULL);
  g_autoptr (FewHelpPage) page = g_new0 (FewHelpPage, 1);
  g_autoptr (GString) line = g_string_new (NULL);
  Reader reader = { .page = page, .text = line };
  page->title = g_strdup ("");
  page->summary = g_strdup ("");
  page->blocks = g_ptr_array_new_with_free_func (block_free);
  g_autoptr (GMarkupParseContext) context =
      g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &reader, NULL);
  gboolean parsed = g_markup_parse_context_parse (context, text, (gssize) length, error)
                    && g_markup_parse_context_end_parse (context, error);
  g_free (reader.source);
  return parsed ? g_steal_pointer (&page) : NULL;
}

void
few_help_page_free (FewHelpPage *page)
{
  g_free (page->title);
  g_free (page->summary);
  g_ptr_array_unref (page->blocks);
  g_free (page);
}
