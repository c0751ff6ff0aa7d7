/* SPDX-License-Identifier: MIT */
/* One after the other. */
#include "pages/try/few-try-parts.h"
#include "pages/try/few-live-pane.h"

enum { TOP = 8 };

static gpointer
put_behind (GtkLabel *label, GtkWidget *widget)
{
  GtkWidget *box = gtk_widget_get_parent (GTK_WIDGET (label));
  gtk_box_insert_child_after (GTK_BOX (box), widget, GTK_WIDGET (label));
  return widget;
}

gboolean
few_try_parts_build (FewTryParts *parts, GtkStack *views, GtkBox *content, GtkLabel *may_be,
                     GtkLabel *file)
{
  g_return_val_if_fail (parts != NULL && GTK_IS_STACK (views) && GTK_IS_BOX (content), FALSE);
  g_return_val_if_fail (GTK_IS_LABEL (may_be) && GTK_IS_LABEL (file), FALSE);
  switch (parts->built++)
    {
    case 0:
      parts->promise = put_behind (may_be, g_object_new (FEW_TYPE_PROMISE_BAR, NULL));
      parts->top = put_behind (file, few_top_classes_new (TOP));
      return TRUE;
    case 1:
      parts->look = put_behind (file, g_object_new (FEW_TYPE_TRY_LOOK, NULL));
      return TRUE;
    case 2:
      parts->working = g_object_new (FEW_TYPE_TRY_WORKING, NULL);
      gtk_box_append (content, GTK_WIDGET (parts->working));
      gtk_stack_add_named (views, g_object_new (FEW_TYPE_LIVE_PANE, NULL), "camera");
      return TRUE;
    default:
      return FALSE;
    }
}
