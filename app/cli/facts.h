/* SPDX-License-Identifier: MIT */
/* What a classifier's file tells, for info. */
#pragma once
#include "cli/cli.h"

void cli_facts_print (const Cli *cli, const FewClassifier *classifier);
