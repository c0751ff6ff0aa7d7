/* SPDX-License-Identifier: MIT */
/* What a run of train has come to, in words or as JSON. */
#pragma once
#include "cli/data.h"

typedef struct
{
  const CliData *data;
  const CliTrainJob *job;
  const FewModelInfo *info;
  const FewSnapshot *snapshot;
  FewAlphaChoice choice;
  double alpha, seconds;
  /* filled by cli_train_report */
  double before;
  FewScores test;
  guint counts[FEW_ROLE_UNUSED + 1];
} CliTrainReport;

/* FALSE where memory is short; what was learned is written all the same. */
gboolean cli_train_report (const Cli *cli, CliTrainReport *report, GError **error);
