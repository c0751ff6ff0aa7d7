/* SPDX-License-Identifier: MIT */
/* Each _ stands twice. */
#include "base/few-menu-label.h"

char *
few_menu_label (const char *name)
{
  g_return_val_if_fail (name, NULL);
  g_autoptr (GString) label = g_string_new (name);
  g_string_replace (label, "_", "__", 0);
  return g_string_free (g_steal_pointer (&label), FALSE);
}
