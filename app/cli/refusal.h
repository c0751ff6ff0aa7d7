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

/* How strange a picture may be, by what the classifier knows of strangeness; by cosines where it
 * does not. FALSE: the sentence is on standard error; return *status. */
gboolean cli_refusal_find (const CliRefusalWish *wish, const CliGiven *given, FewRefusal *refusal,
                           int *status);
