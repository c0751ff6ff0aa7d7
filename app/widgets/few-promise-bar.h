/* SPDX-License-Identifier: MIT */
/* How often the right class is to be among those that an answer names: a slider, which the sets of
 * all pictures follow. In view where the classifier knows its own answers. */
#pragma once
#include "session/few-view.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_PROMISE_BAR (few_promise_bar_get_type ())
G_DECLARE_FINAL_TYPE (FewPromiseBar, few_promise_bar, FEW, PROMISE_BAR, GtkWidget)

/* Once. */
void few_promise_bar_set_view (FewPromiseBar *self, FewView *view);
G_END_DECLS
