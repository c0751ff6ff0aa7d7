/* SPDX-License-Identifier: MIT */
/* A class a row: name, pair of bars, mean cosine, signed difference; the rows ranked by the
 * adapted mean. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_CLASS_BARS (few_class_bars_get_type ())
G_DECLARE_FINAL_TYPE (FewClassBars, few_class_bars, FEW, CLASS_BARS, GtkWidget)
void few_class_bars_set_session (FewClassBars *self, FewSession *session);
G_END_DECLS
