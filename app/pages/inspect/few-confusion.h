/* SPDX-License-Identifier: MIT */
/* Which class is taken for which: a matrix whose cells are buttons, for few classes, and the
 * most frequent mistakes, for any number.
 *
 * Signals
 *   chosen (label, predicted)   a cell or a mistake was pressed; indices of the snapshot's
 *     classes */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_CONFUSION (few_confusion_get_type ())
G_DECLARE_FINAL_TYPE (FewConfusion, few_confusion, FEW, CONFUSION, GtkWidget)

void few_confusion_set_session (FewConfusion *self, FewSession *session);
/* Where there is little height: names of columns are cut earlier. */
void few_confusion_set_low (FewConfusion *self, gboolean low);
/* Pictures of class `label` that are taken for `predicted`, as shown. */
guint few_confusion_get_count (FewConfusion *self, guint label, guint predicted);
G_END_DECLS
