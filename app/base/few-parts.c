/* SPDX-License-Identifier: MIT */
/* Joined as they come. */
#include "base/few-parts.h"

void
few_append_part (GString *text, const char *between, guint n, char *part)
{
  if (n > 0)
    g_string_append_printf (text, "%s%s", text->len ? between : "", part);
  g_free (part);
}
