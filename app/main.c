/* SPDX-License-Identifier: MIT */
/* The program: its language first, then the application. */
#include <config.h>
#include "shell/few-application.h"
#include <glib/gi18n.h>
#include <locale.h>

int
main (int argc, char **argv)
{
  /* Numbers have a point in every language, in the window as in files. */
  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  gtk_disable_setlocale ();
  bindtextdomain (FEW_GETTEXT_PACKAGE,
                  g_getenv ("FEWSHOT_LOCALEDIR") ? g_getenv ("FEWSHOT_LOCALEDIR") : FEW_LOCALEDIR);
  bind_textdomain_codeset (FEW_GETTEXT_PACKAGE, "UTF-8");
  textdomain (FEW_GETTEXT_PACKAGE);
  g_set_application_name ("Fewshot");
  g_autoptr (FewApplication) application = few_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
