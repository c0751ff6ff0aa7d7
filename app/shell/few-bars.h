/* SPDX-License-Identifier: MIT */
/* The bars below the title: how far pictures are read, and how many are left out or missing. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* Widgets are borrowed from the window; begin with the rest as zeros. */
typedef struct
{
  GtkRevealer *reading_revealer;
  GtkProgressBar *reading_progress;
  GtkLabel *reading_label;
  GtkRevealer *refused_revealer;
  GtkLabel *refused_label;
  GtkRevealer *missing_revealer;
  GtkLabel *missing_label;
  gint64 started;
  guint done_at_start;
} FewBars;

/* total 0: nothing is read any longer. */
void few_bars_show_reading (FewBars *bars, guint done, guint total);
void few_bars_show_left_out (FewBars *bars, guint refused, guint missing);
G_END_DECLS
