/* SPDX-License-Identifier: MIT */
/* A bar, its pace in words. */
#include "pages/try/few-try-working.h"
#include "widgets/few-beside.h"
#include "base/few-rate.h"

struct _FewTryWorking
{
  GtkWidget parent;
  GtkRevealer *revealer;
  GtkLabel *label;
  GtkProgressBar *progress;
  FewRate rate;
};

G_DEFINE_FINAL_TYPE (FewTryWorking, few_try_working, GTK_TYPE_WIDGET)

void
few_try_working_show (FewTryWorking *self, guint done, guint total)
{
  g_return_if_fail (FEW_IS_TRY_WORKING (self));
  gtk_revealer_set_reveal_child (self->revealer, total > 0);
  if (total == 0)
    {
      self->rate = (FewRate) { 0 };
      gtk_label_set_text (self->label, ""); /* screen readers find what is folded away, too */
      return;
    }
  g_autofree char *text = few_rate_describe (&self->rate, done, total);
  gtk_progress_bar_set_fraction (self->progress, (double) done / total);
  gtk_label_set_text (self->label, text);
}

static void
few_try_working_dispose (GObject *object)
{
  FewTryWorking *self = FEW_TRY_WORKING (object);
  if (self->revealer)
    gtk_widget_unparent (GTK_WIDGET (self->revealer));
  self->revealer = NULL;
  G_OBJECT_CLASS (few_try_working_parent_class)->dispose (object);
}

static void
few_try_working_class_init (FewTryWorkingClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_try_working_dispose;
  g_type_ensure (FEW_TYPE_BESIDE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/try/few-try-working.ui");
  gtk_widget_class_bind_template_child (widget_class, FewTryWorking, revealer);
  gtk_widget_class_bind_template_child (widget_class, FewTryWorking, label);
  gtk_widget_class_bind_template_child (widget_class, FewTryWorking, progress);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_try_working_init (FewTryWorking *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
