/* SPDX-License-Identifier: MIT */
/* Nothing is computed before a person asks for it. */
#include "pages/try/few-try-look.h"
#include <glib/gi18n.h>

struct _FewTryLook
{
  GtkWidget parent;
  GtkWidget *box, *toggle, *revealer;
  FewLookBar *bar;
  FewTrial *trial; /* NULL: none */
  gboolean has_session;
};

G_DEFINE_FINAL_TYPE (FewTryLook, few_try_look, GTK_TYPE_WIDGET)

static void
update_cb (FewTryLook *self)
{
  gboolean wanted = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->toggle));
  gboolean known = self->trial && few_trial_get_snapshot (self->trial, NULL);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), wanted && known);
  gtk_widget_set_visible (GTK_WIDGET (self), known);
  if (!self->has_session)
    return;
  if (wanted && known)
    few_look_bar_set_seen (self->bar, few_trial_get_picture (self->trial),
                           few_trial_get_nearest (self->trial));
  else
    few_look_bar_set_picture (self->bar, NULL);
}

void
few_try_look_set_trial (FewTryLook *self, FewTrial *trial)
{
  g_return_if_fail (FEW_IS_TRY_LOOK (self));
  g_set_object (&self->trial, trial);
  update_cb (self);
}

void
few_try_look_set_wanted (FewTryLook *self, gboolean wanted)
{
  g_return_if_fail (FEW_IS_TRY_LOOK (self));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->toggle), wanted);
}

void
few_try_look_set_session (FewTryLook *self, FewSession *session, FewLargePicture *target)
{
  g_return_if_fail (FEW_IS_TRY_LOOK (self) && !self->has_session);
  few_look_bar_set_session (self->bar, session, target);
  self->has_session = TRUE;
}

static void
few_try_look_dispose (GObject *object)
{
  FewTryLook *self = FEW_TRY_LOOK (object);
  g_clear_object (&self->trial);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (few_try_look_parent_class)->dispose (object);
}

static void
few_try_look_class_init (FewTryLookClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_try_look_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
few_try_look_init (FewTryLook *self)
{
  GtkWidget *bar = few_look_bar_new ();
  self->bar = FEW_LOOK_BAR (bar);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->toggle = gtk_toggle_button_new_with_label (_ ("Where It Looks"));
  self->revealer = gtk_revealer_new ();
  gtk_widget_set_halign (self->toggle, GTK_ALIGN_CENTER);
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), bar);
  gtk_box_append (GTK_BOX (self->box), self->toggle);
  gtk_box_append (GTK_BOX (self->box), self->revealer);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect_swapped (self->toggle, "toggled", G_CALLBACK (update_cb), self);
}
