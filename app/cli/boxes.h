/* SPDX-License-Identifier: MIT */
/* Boxes that others drew, as options: --boxes and what goes with it. */
#pragma once
#include "cli/cli.h"

typedef struct
{
  char *boxes, *least, *categories; /* as they were given */
  /* what they mean */
  FewBoxJob job;
  char **names;
} CliBoxes;

/* The three options, of a command that learns from labelled pictures. */
GOptionEntry cli_boxes_entry (CliBoxes *boxes);
GOptionEntry cli_boxes_least_entry (CliBoxes *boxes);
GOptionEntry cli_boxes_category_entry (CliBoxes *boxes);
void cli_boxes_clear (CliBoxes *boxes);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliBoxes, cli_boxes_clear)
/* Fills the job. What is wrong with the options; NULL: nothing. */
const char *cli_boxes_check (CliBoxes *boxes);
/* "x,y,width,height", inside the picture whose sides are 1. FALSE: it is something else. */
gboolean cli_box_parse (const char *text, FewCrop *crop);
