/* SPDX-License-Identifier: MIT */
/* Which catalogues the sentences come from. */
#include <config.h>
#include "base/few-language.h"
#include <gtk/gtk.h>
#include <libintl.h>
#include <locale.h>

void
few_language_begin (void)
{
  const char *folder = g_getenv ("FEWSHOT_LOCALEDIR");
  /* Numbers have a point in every language, in the window as in files. */
  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  gtk_disable_setlocale ();
  bindtextdomain (FEW_GETTEXT_PACKAGE, folder ? folder : FEW_LOCALEDIR);
  bind_textdomain_codeset (FEW_GETTEXT_PACKAGE, "UTF-8");
  textdomain (FEW_GETTEXT_PACKAGE);
}
