/* SPDX-License-Identifier: MIT */
/* How far recognition or copying is, with a button that ends it; in view while it lasts. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_TRY_WORKING (few_try_working_get_type ())
G_DECLARE_FINAL_TYPE (FewTryWorking, few_try_working, FEW, TRY_WORKING, GtkWidget)

/* total 0: nothing is under way. */
void few_try_working_show (FewTryWorking *self, guint done, guint total);
G_END_DECLS
