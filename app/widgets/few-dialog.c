/* SPDX-License-Identifier: MIT */
/* What every window over another one has. */
#include "widgets/few-dialog.h"
#include "widgets/few-wrap.h"
#include <adwaita.h>

static gboolean
close_cb (GtkWidget *dialog, GVariant *arguments, gpointer user)
{
  gtk_window_close (GTK_WINDOW (dialog));
  return TRUE;
}

static void
closed_cb (GtkWindow *dialog)
{
  gtk_window_set_transient_for (dialog, NULL);
}

void
few_dialog_let_go (GtkWindow *dialog)
{
  g_return_if_fail (GTK_IS_WINDOW (dialog));
  g_signal_connect_after (dialog, "unrealize", G_CALLBACK (closed_cb), NULL);
}

static void
realized_cb (GtkWindow *dialog)
{
  GtkWindow *parent = gtk_window_get_transient_for (dialog);
  int room = parent ? gtk_widget_get_width (GTK_WIDGET (parent)) : 0;
  int width, height;
  gtk_window_get_default_size (dialog, &width, &height);
  if (room > 0 && width > room)
    gtk_window_set_default_size (dialog, room, height);
}

void
few_dialog_keep_narrow (GtkWindow *dialog)
{
  g_return_if_fail (GTK_IS_WINDOW (dialog));
  g_signal_connect (dialog, "realize", G_CALLBACK (realized_cb), NULL);
}

void
few_dialog_measure (GtkWidgetClass *parent, GtkWidget *dialog, GtkOrientation orientation,
                    int for_size, int *minimum, int *natural, int *minimum_baseline,
                    int *natural_baseline)
{
  g_return_if_fail (GTK_IS_WIDGET_CLASS (parent) && GTK_IS_WINDOW (dialog));
  int narrowest, wanted, least_baseline, baseline; /* all: a class is given none of them as NULL */
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    for_size = -1;
  else if (for_size < 0)
    {
      parent->measure (dialog, GTK_ORIENTATION_HORIZONTAL, -1, &narrowest, &wanted, &least_baseline,
                       &baseline);
      for_size = narrowest;
    }
  parent->measure (dialog, orientation, for_size, minimum, natural, minimum_baseline,
                   natural_baseline);
}

void
few_dialog_attach (GtkWindow *dialog, GtkWindow *parent)
{
  few_wrap_buttons (GTK_WIDGET (dialog));
  g_return_if_fail (GTK_IS_WINDOW (dialog) && GTK_IS_WINDOW (parent));
  GtkEventController *keys = gtk_shortcut_controller_new ();
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                        gtk_callback_action_new (close_cb, NULL, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (dialog), keys);
  gtk_window_set_application (dialog, gtk_window_get_application (parent));
  gtk_window_set_transient_for (dialog, parent);
  gtk_window_set_destroy_with_parent (dialog, TRUE);
  few_dialog_keep_narrow (dialog);
  few_dialog_let_go (dialog);
}

GtkWindow *
few_dialog_new (GtkWindow *parent, const char *title, GtkWidget *content)
{
  g_return_val_if_fail (title && GTK_IS_WIDGET (content), NULL);
  GtkWidget *dialog = adw_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_vexpand (content, TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), content);
  adw_window_set_content (ADW_WINDOW (dialog), box);
  gtk_window_set_title (GTK_WINDOW (dialog), title);
  few_dialog_attach (GTK_WINDOW (dialog), parent);
  return GTK_WINDOW (dialog);
}
