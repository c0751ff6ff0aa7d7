/* SPDX-License-Identifier: MIT */
/* Everything that the commands print goes through here: names come from files and folders, and a
 * terminal would obey the escape sequences in them. */
#include "cli/cli.h"
#include <stdio.h>
#include <string.h>

/* In the locale's encoding; what it does not have becomes “?”. */
static void
put (FILE *file, const char *text)
{
  const char *charset;
  g_autofree char *converted =
      g_get_charset (&charset)
          ? NULL
          : g_convert_with_fallback (text, -1, charset, "UTF-8", "?", NULL, NULL, NULL);
  fputs (converted ? converted : text, file);
  fflush (file);
}

/* The lines of a text, each as it can be shown; the sentences' own tabs stay. */
static void
put_shown (FILE *file, const char *text)
{
  g_autoptr (GString) out = g_string_new (NULL);
  while (*text)
    {
      gsize n = strcspn (text, "\n\t");
      g_autofree char *piece = g_strndup (text, n);
      g_autofree char *shown = few_text_shown (piece);
      g_string_append (out, shown);
      if (text[n])
        g_string_append_c (out, text[n++]);
      text += n;
    }
  put (file, out->str);
}

static void
print_cb (const char *text)
{
  put_shown (stdout, text);
}

static void
printerr_cb (const char *text)
{
  put_shown (stderr, text);
}

void
cli_print_init (void)
{
  g_set_print_handler (print_cb);
  g_set_printerr_handler (printerr_cb);
}

void
cli_complain (const char *what, const char *sentence)
{
  g_autofree char *shown = few_text_shown (sentence);
  g_printerr ("%s %s\n", what, shown);
}

void
cli_put_progress (const char *line)
{
  g_autofree char *shown = few_text_shown (line);
  fputs ("\r\033[K", stderr);
  put (stderr, shown);
}

void
cli_put_json (const char *json)
{
  g_autofree char *valid = g_utf8_make_valid (json, -1);
  g_autoptr (GString) out = g_string_sized_new (strlen (valid) + 2);
  for (const char *p = valid; *p;)
    {
      const char *next = g_utf8_next_char (p);
      gunichar c = g_utf8_get_char (p);
      g_autofree char *character = g_strndup (p, (gsize) (next - p));
      g_autofree char *shown = c < 0x7f ? NULL : few_text_shown (character);
      if (!shown || g_str_equal (shown, character))
        g_string_append (out, character);
      else
        g_string_append_printf (out, "\\u%04x", c); /* below U+10000, all of them */
      p = next;
    }
  g_string_append_c (out, '\n');
  fputs (out->str, stdout);
}
