/* SPDX-License-Identifier: MIT */
/* Everything that the commands print goes through here: names come from files and folders, and a
 * terminal would obey the escape sequences in them. */
#include "cli/cli.h"
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

/* UTF-8 in every locale. A failure stays in the stream until the end. Flushed with its last line:
 * who reads from a pipe has it, and a kill does not leave half of it. */
static void
put (FILE *file, const char *text)
{
  fputs (text, file);
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

/* Nothing that is printed or written follows the user's locale. */
static void
set_locale (void)
{
  if (!setlocale (LC_CTYPE, "C.UTF-8"))
    setlocale (LC_CTYPE, "");
}

void
cli_print_init (void)
{
  static char buffer[1 << 16]; /* what is put at once is one write */
  setvbuf (stdout, buffer, _IOFBF, sizeof buffer);
  set_locale ();
  g_set_print_handler (print_cb);
  g_set_printerr_handler (printerr_cb);
}

int
cli_print_finish (int status)
{
  gboolean failed = ferror (stdout) != 0;
  errno = 0;
  if (fflush (stdout) == 0 && !failed)
    return status;
  g_printerr ("fewshot-cli: The answer could not be written to standard output%s%s.\n",
              errno ? ": " : "", errno ? g_strerror (errno) : "");
  return status == CLI_OK ? CLI_FAILURE : status;
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
      if ((guchar) *p < 0x7f) /* nearly all of it */
        {
          g_string_append_c (out, *p++);
          continue;
        }
      const char *next = g_utf8_next_char (p);
      gunichar c = g_utf8_get_char (p);
      g_autofree char *character = g_strndup (p, (gsize) (next - p));
      g_autofree char *shown = few_text_shown (character);
      if (g_str_equal (shown, character))
        g_string_append (out, character);
      else
        g_string_append_printf (out, "\\u%04x", c); /* below U+10000, all of them */
      p = next;
    }
  g_string_append_c (out, '\n');
  put (stdout, out->str);
}
