/* SPDX-License-Identifier: MIT */
/* A line of a journal: one file, as it was before it was written. */
#pragma once
#include "metadata/keywords.h"
#include <fewshot/tags.h>

typedef struct
{
  char *file; /* absolute */
  gboolean inside;
  char *was;             /* SHA-256 of the file before; NULL: there was none */
  char *after;           /* … and as it is then written */
  char *text;            /* the sidecar before; NULL: there was none, or inside */
  gsize length;
  FewKeywords *keywords; /* inside: what the picture had */
} FewJournalEntry;

void few_journal_entry_clear (FewJournalEntry *entry);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewJournalEntry, few_journal_entry_clear)
/* One line without its end; free with g_free. */
char *few_journal_entry_to_line (const FewJournalEntry *entry);
/* FALSE with a sentence; `entry` is zeroed before, and cleared by the caller in any case. */
gboolean few_journal_entry_parse (const char *line, gsize length, const char *name,
                                  FewJournalEntry *entry, GError **error);
/* The first line; the folder of one, NULL where it is no journal of ours. */
char *few_journal_head_to_line (const char *folder);
char *few_journal_head_parse (const char *line, gsize length, const char *name, GError **error);
/* What runs that were killed have left beside the file goes, once a folder. */
void few_tag_journal_sweep (FewTagJournal *journal, const char *file);
/* It is on the disk when this returns. */
gboolean few_tag_journal_add (FewTagJournal *journal, const FewJournalEntry *entry, GError **error);
