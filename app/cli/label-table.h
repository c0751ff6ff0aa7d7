/* SPDX-License-Identifier: MIT */
/* A table of labels as CSV, which train, bench, embed and labels take as DATA. */
#pragma once
#include <fewshot.h>

typedef struct
{
  const char *output;
  gboolean several; /* the column is called labels */
  gboolean roles, boxes; /* has columns for them */
  char *folder; /* inside: what it names lies below it */
  GString *text;
} CliLabelTable;

/* The members above the folder are set. */
void cli_label_table_begin (CliLabelTable *table);
void cli_label_table_clear (CliLabelTable *table);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliLabelTable, cli_label_table_clear)
/* FALSE: the picture's file does not lie below the table's folder. */
gboolean cli_label_table_add (CliLabelTable *table, const char *address, const char *labels,
                              const char *role, GError **error);
gboolean cli_label_table_write (const CliLabelTable *table, GError **error);
