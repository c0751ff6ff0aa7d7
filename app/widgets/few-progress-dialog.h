/* SPDX-License-Identifier: MIT */
/* A dialog over work that goes on elsewhere: how far it is, and Stop. It closes as Stop is pressed;
 * what it is asked after that does nothing. UI thread. */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_PROGRESS_DIALOG (few_progress_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FewProgressDialog, few_progress_dialog, FEW, PROGRESS_DIALOG,
                      AdwMessageDialog)

/* Shown over the window; a reference of the caller's, for few_progress_dialog_clear. */
FewProgressDialog *few_progress_dialog_new (GtkWindow *over, const char *heading);
/* Cancelled by Stop; the dialog's. */
GCancellable *few_progress_dialog_get_stop (FewProgressDialog *self);
/* heading: NULL to stay. */
void few_progress_dialog_tell (FewProgressDialog *self, const char *heading, double fraction);
/* Tells *thousandths, which a thread sets atomically, until the task has ended; the task keeps what
 * it points into. */
void few_progress_dialog_follow (FewProgressDialog *self, GTask *task, const int *thousandths);
/* Closes it, when the work has ended. *self may be NULL, and is after it. */
void few_progress_dialog_clear (FewProgressDialog **self);
G_END_DECLS
