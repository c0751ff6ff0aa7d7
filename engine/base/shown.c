/* SPDX-License-Identifier: MIT */
/* Names from files and folders, as text that a terminal or a log shows and does not obey. */
#include <fewshot/file.h>
#include <string.h>

/* Marks that turn or hide the writing around them: a name could show as another. */
static gboolean
turns_writing (gunichar c)
{
  return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e)
         || (c >= 0x2066 && c <= 0x2069);
}

char *
few_text_shown (const char *text)
{
  GString *shown = g_string_sized_new (strlen (text));
  for (const char *p = text; *p;)
    {
      gunichar c = g_utf8_get_char_validated (p, -1);
      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          g_string_append_printf (shown, "\\x%02X", (guint8) *p++);
          continue;
        }
      const char *next = g_utf8_next_char (p);
      if (g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029 || turns_writing (c))
        g_string_append_printf (shown, c < 0x100 ? "\\x%02X" : "\\u{%X}", c);
      else
        g_string_append_len (shown, p, next - p);
      p = next;
    }
  return g_string_free (shown, FALSE);
}
