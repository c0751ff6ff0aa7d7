/* SPDX-License-Identifier: MIT */
/* What --reject means for the classifier that is given. */
#pragma once
#include "cli/given.h"

typedef struct
{
  const char *command; /* for sentences */
  const char *reject;  /* the share, as it was typed; NULL: nothing is refused */
  gboolean sets;       /* answer sets are wanted, too */
} CliRefusalWish;

/* “auto” becomes what watched folders are given: a share where the classifier can tell, and NULL
 * where it cannot. */
void cli_refusal_choose (char **reject, const CliGiven *given);
/* How strange a picture may be, by what the classifier knows of strangeness; by cosines where it
 * does not. FALSE: the sentence is on standard error; return *status. */
gboolean cli_refusal_find (const CliRefusalWish *wish, const CliGiven *given, FewRefusal *refusal,
                           int *status);
