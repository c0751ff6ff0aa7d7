/* SPDX-License-Identifier: MIT */
/* A kept run as a row of a list. */
#pragma once
#include "session/few-runs.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* number: what win.delete-run takes for it, from 1. */
GtkWidget *few_run_row_new (const FewProjectRun *record, guint number);
G_END_DECLS
