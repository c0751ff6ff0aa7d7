/* SPDX-License-Identifier: MIT */
/* text-tokens FOLDER VOCABULARY CONTEXT: texts on standard input, each closed by a zero byte, come
 * out as lines of ids filled up to the context; for test_tokenizers.py. With --time as microseconds
 * that opening takes. */
#include "text/tokenizer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
print_ids (const FewTokenizer *tokenizer, const char *text, guint context)
{
  g_autofree gint32 *ids = g_new (gint32, context);
  guint n = few_tokenizer_encode (tokenizer, text, context, ids, NULL);
  for (guint i = 0; i < context; i++)
    printf ("%d ", i < n ? ids[i] : few_tokenizer_padding (tokenizer));
  printf ("\n");
}

int
main (int argc, char **argv)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  int c;
  if (argc < 4)
    return 2;
  gint64 start = g_get_monotonic_time ();
  g_autoptr (FewTokenizer) tokenizer =
      few_tokenizer_open (argv[1], (guint) strtoul (argv[2], NULL, 10), &error);
  gint64 took = g_get_monotonic_time () - start;
  if (!tokenizer)
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
  if (argc > 4)
    {
      printf ("%" G_GINT64_FORMAT "\n", took);
      return 0;
    }
  while ((c = getchar ()) != EOF)
    if (c != 0)
      g_string_append_c (text, (char) c);
    else
      {
        print_ids (tokenizer, text->str, (guint) strtoul (argv[3], NULL, 10));
        g_string_truncate (text, 0);
      }
  return fflush (stdout) == 0 ? 0 : 1;
}
