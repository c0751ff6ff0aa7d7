/* SPDX-License-Identifier: MIT */
/* Texts on standard input, each closed by a zero byte, come out cleaned in the same way: for
 * test_clean.py, which compares them with ftfy's. With --plain as Hugging Face cleans. */
#include "text/clean.h"
#include <locale.h>
#include <stdio.h>
#include <string.h>

int
main (int argc, char **argv)
{
  gboolean plain = argc > 1 && g_str_equal (argv[1], "--plain");
  g_autoptr (GString) text = g_string_new (NULL);
  int c;
  setlocale (LC_ALL, "");
  while ((c = getchar ()) != EOF)
    {
      if (c != 0)
        {
          g_string_append_c (text, (char) c);
          continue;
        }
      g_autofree char *clean =
          plain ? few_text_clean_plainly (text->str) : few_text_clean (text->str);
      fwrite (clean, 1, strlen (clean) + 1, stdout);
      g_string_truncate (text, 0);
    }
  return fflush (stdout) == 0 ? 0 : 1;
}
