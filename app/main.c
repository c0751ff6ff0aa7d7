/* SPDX-License-Identifier: MIT */
/* The program: its language first, then the application. */
#include "base/few-language.h"
#include "shell/few-application.h"

int
main (int argc, char **argv)
{
  few_language_begin ();
  g_set_application_name ("Fewshot");
  g_autoptr (FewApplication) application = few_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
