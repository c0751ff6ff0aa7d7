/* SPDX-License-Identifier: MIT */
/* What may be believed of a classifier's answers, in words and as JSON. */
#pragma once
#include "cli/cli.h"

/* Lines; nothing without a trust (NULL). */
void cli_trust_print (const FewTrust *trust);
/* Members; nothing without a trust (NULL). */
void cli_trust_json (JsonBuilder *builder, const FewTrust *trust);
