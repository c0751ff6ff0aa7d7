/* SPDX-License-Identifier: MIT */
/* A bar that is told, or that looks every tenth of a second. */
#include "widgets/few-progress-dialog.h"
#include <glib/gi18n.h>

enum { LOOK_EVERY = 100 /* ms */, WHOLE = 1000 };

struct _FewProgressDialog
{
  AdwMessageDialog parent;
  GtkProgressBar *bar; /* NULL: it was closed */
  GCancellable *stop;
};

G_DEFINE_FINAL_TYPE (FewProgressDialog, few_progress_dialog, ADW_TYPE_MESSAGE_DIALOG)

GCancellable *
few_progress_dialog_get_stop (FewProgressDialog *self)
{
  g_return_val_if_fail (FEW_IS_PROGRESS_DIALOG (self), NULL);
  return self->stop;
}

void
few_progress_dialog_tell (FewProgressDialog *self, const char *heading, double fraction)
{
  g_return_if_fail (FEW_IS_PROGRESS_DIALOG (self));
  if (!self->bar)
    return;
  gtk_progress_bar_set_fraction (self->bar, fraction);
  if (heading)
    adw_message_dialog_set_heading (ADW_MESSAGE_DIALOG (self), heading);
}

/* ---- following a task */

typedef struct
{
  FewProgressDialog *dialog;
  GTask *task;
  const int *thousandths; /* the task's */
} Following;

static void
following_free (gpointer data)
{
  Following *following = data;
  g_object_unref (following->dialog);
  g_object_unref (following->task);
  g_free (following);
}

static gboolean
look_cb (gpointer data)
{
  const Following *following = data;
  if (g_task_get_completed (following->task))
    return G_SOURCE_REMOVE;
  few_progress_dialog_tell (following->dialog, NULL,
                            (double) g_atomic_int_get (following->thousandths) / WHOLE);
  return G_SOURCE_CONTINUE;
}

void
few_progress_dialog_follow (FewProgressDialog *self, GTask *task, const int *thousandths)
{
  g_return_if_fail (FEW_IS_PROGRESS_DIALOG (self) && G_IS_TASK (task) && thousandths);
  Following *following = g_new (Following, 1);
  *following = (Following) { g_object_ref (self), g_object_ref (task), thousandths };
  g_timeout_add_full (G_PRIORITY_DEFAULT, LOOK_EVERY, look_cb, following, following_free);
}

/* ---- life */

void
few_progress_dialog_clear (FewProgressDialog **self)
{
  g_return_if_fail (self != NULL);
  if (*self)
    gtk_window_destroy (GTK_WINDOW (*self));
  g_clear_object (self);
}

static void
few_progress_dialog_response (AdwMessageDialog *dialog, const char *id G_GNUC_UNUSED)
{
  g_cancellable_cancel (FEW_PROGRESS_DIALOG (dialog)->stop);
}

static void
few_progress_dialog_dispose (GObject *object)
{
  FEW_PROGRESS_DIALOG (object)->bar = NULL;
  G_OBJECT_CLASS (few_progress_dialog_parent_class)->dispose (object);
}

static void
few_progress_dialog_finalize (GObject *object)
{
  g_object_unref (FEW_PROGRESS_DIALOG (object)->stop);
  G_OBJECT_CLASS (few_progress_dialog_parent_class)->finalize (object);
}

static void
few_progress_dialog_class_init (FewProgressDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_progress_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = few_progress_dialog_finalize;
  ADW_MESSAGE_DIALOG_CLASS (klass)->response = few_progress_dialog_response;
}

static void
few_progress_dialog_init (FewProgressDialog *self)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (self);
  self->stop = g_cancellable_new ();
  self->bar = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Progress"), -1);
  adw_message_dialog_set_extra_child (dialog, GTK_WIDGET (self->bar));
  adw_message_dialog_add_response (dialog, "stop", _ ("_Stop"));
  adw_message_dialog_set_close_response (dialog, "stop");
}

FewProgressDialog *
few_progress_dialog_new (GtkWindow *over, const char *heading)
{
  g_return_val_if_fail (heading != NULL, NULL);
  FewProgressDialog *self =
      g_object_new (FEW_TYPE_PROGRESS_DIALOG, "transient-for", over, "heading", heading, NULL);
  gtk_window_present (GTK_WINDOW (self));
  return g_object_ref (self);
}
