/* SPDX-License-Identifier: MIT */
/* Answers over HTTP, for programs on the same computer. */
#pragma once
#include "cli/judge.h"

typedef struct
{
  Cli *cli;
  FewModel *model;
  CliJudge *judge;
  const CliAnswerOptions *shown;
  const char *address; /* "127.0.0.1:8080", "[::1]:0"; "systemd": the socket handed over */
  gboolean expose;     /* addresses that other computers can reach */
} CliServing;

/* Until it is cancelled; the exit code. */
int cli_serve (const CliServing *serving);
