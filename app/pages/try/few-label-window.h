/* SPDX-License-Identifier: MIT */
/* Label These Next: one picture large, its class by a key, by typing or by a click. */
#pragma once
#include "session/few-labelling.h"
#include "session/few-session.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_LABEL_WINDOW (few_label_window_get_type ())
G_DECLARE_FINAL_TYPE (FewLabelWindow, few_label_window, FEW, LABEL_WINDOW, AdwWindow)

/* Not yet presented; goes with its parent. */
FewLabelWindow *few_label_window_new (GtkWindow *parent, FewSession *session);
/* What it asks about. Borrowed. */
FewLabelling *few_label_window_get_labelling (FewLabelWindow *self);
/* As if that had been typed and Enter pressed. */
void few_label_window_type (FewLabelWindow *self, const char *text);
G_END_DECLS
