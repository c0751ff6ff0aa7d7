/* SPDX-License-Identifier: MIT */
/* What the commands say of themselves, for the manual page and for completions. */
#pragma once
#include "cli/cli.h"

/* One command as its table of options states it. Strings are the program's own. */
typedef struct
{
  const char *name;
  char *usage;     /* "MODEL DATA" */
  char *summary;   /* "Train an adapter on folders of pictures" */
  GArray *options; /* GOptionEntry: its own, without those of every command */
} ManualCommand;

typedef struct
{
  GPtrArray *commands; /* ManualCommand * */
  GArray *common;      /* GOptionEntry: what every command has */
} Manual;

/* Whether an option's value is the name of a file or folder. */
gboolean manual_takes_file (const GOptionEntry *option);
/* Scripts that complete command lines, to be printed; free with g_free. */
char *manual_complete_bash (const Manual *manual);
char *manual_complete_zsh (const Manual *manual);
char *manual_complete_fish (const Manual *manual);
