/* SPDX-License-Identifier: MIT */
/* Standard output: UTF-8 in every locale, and an error when it is full or closed. */
#include "cli/cli.h"
#include <errno.h>
#include <stdio.h>

static void
print_out (const char *text)
{
  fputs (text, stdout); /* a failure stays in the stream */
}

static void
print_err (const char *text)
{
  fputs (text, stderr);
  fflush (stderr);
}

void
cli_output_begin (void)
{
  g_set_print_handler (print_out);
  g_set_printerr_handler (print_err);
}

int
cli_output_end (int status)
{
  gboolean failed = ferror (stdout) != 0;
  errno = 0;
  if (fflush (stdout) == 0 && !failed)
    return status;
  g_printerr ("fewshot-cli: The answer could not be written to standard output%s%s.\n",
              errno ? ": " : "", errno ? g_strerror (errno) : "");
  return status == CLI_OK ? CLI_FAILURE : status;
}
