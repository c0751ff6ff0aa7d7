/* SPDX-License-Identifier: MIT */
/* What predict does with a picture beside answering: a copy in the folder of its class, a keyword
 * in its metadata. */
#pragma once
#include "cli/answers.h"
#include "cli/given.h"
#include "common/sorter.h"

typedef struct
{
  const char *sort;  /* the folder of the folders; NULL: nothing is copied */
  const char *tags;  /* what the keywords stand below; NULL: there are none */
  const char *watch; /* the folder that is watched; NULL: pictures that were named */
  gboolean refuses;  /* the classifier tells what is none of its classes */
  const CliGiven *given;
  /* so far */
  guint64 copied, there, failed, untagged;
  /* inside */
  FewSorter *sorter;
  FewTagJournal *journal;
  char *model;      /* what makes the keywords */
  const char *none; /* the folder of what is refused */
} CliActs;

/* The first members are set. FALSE: keywords cannot be written. */
gboolean cli_acts_begin (CliActs *acts, GError **error);
void cli_acts_clear (CliActs *acts);
/* Before a batch. FALSE: what is watched would be answered without being done. */
gboolean cli_acts_check (const CliActs *acts, GError **error);
/* Of a picture that was read. What goes wrong is told and counted; FALSE where the next would meet
 * it, too. */
gboolean cli_acts_do (CliActs *acts, const CliAnswer *answer, GCancellable *cancellable,
                      GError **error);
