/* SPDX-License-Identifier: MIT */
/* Names of others inside Markdown. */
#include "common/markdown.h"
#include <fewshot.h>
#include <string.h>

char *
few_markdown_quote (const char *text)
{
  g_autofree char *shown = few_text_shown (text);
  GString *out = g_string_new (NULL);
  const char *digits = shown + strspn (shown, "0123456789");
  for (const char *p = shown; *p; p++)
    {
      gboolean begins = p == shown && strchr ("-=", *p); /* a list, a rule or a heading */
      gboolean counts = p == digits && p > shown && *p == '.';
      if (begins || counts || strchr ("\\`*_{}[]()#+!|<>&~", *p))
        g_string_append_c (out, '\\');
      g_string_append_c (out, *p);
    }
  return g_string_free (out, FALSE);
}
