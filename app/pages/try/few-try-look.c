/* SPDX-License-Identifier: MIT */
/* Nothing is computed before a person asks for it. */
#include "pages/try/few-try-look.h"
#include "widgets/few-box-bar.h"
#include <glib/gi18n.h>

struct _FewTryLook
{
  GtkWidget parent;
  GtkWidget *box, *toggle, *revealer;
  GtkWidget *draw, *draw_revealer; /* a part of it */
  FewBoxBar *box_bar;
  FewLargePicture *target;
  FewSession *session; /* NULL: not yet */
  FewLookBar *bar;
  FewTrial *trial; /* NULL: none */
};

G_DEFINE_FINAL_TYPE (FewTryLook, few_try_look, GTK_TYPE_WIDGET)

static void
update_cb (FewTryLook *self)
{
  gboolean wanted = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->toggle));
  gboolean known = self->trial && few_trial_get_snapshot (self->trial, NULL);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), wanted && known);
  gtk_widget_set_visible (GTK_WIDGET (self), known);
  if (!self->session)
    return;
  if (wanted && known)
    few_look_bar_set_seen (self->bar, few_trial_get_picture (self->trial),
                           few_trial_get_nearest (self->trial));
  else
    few_look_bar_set_picture (self->bar, NULL);
}

/* ---- a part of it */

static void
update_box (FewTryLook *self)
{
  gboolean wanted = self->trial && gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->draw));
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->draw_revealer), wanted);
  few_box_bar_set_picture (self->box_bar, wanted ? few_trial_get_picture (self->trial) : NULL);
}

static void
draw_toggled_cb (FewTryLook *self)
{
  gboolean wanted = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->draw));
  if (!self->session)
    return;
  if (wanted)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->toggle), FALSE);
  update_box (self);
  if (!wanted && self->trial)
    few_large_picture_show (self->target, few_trial_get_picture (self->trial));
}

static void
look_toggled_cb (FewTryLook *self)
{
  if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->toggle)))
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->draw), FALSE);
  update_cb (self);
}

static void
part_chosen_cb (FewTryLook *self)
{
  const FewCrop crop = *few_box_bar_get_crop (self->box_bar);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->draw), FALSE);
  if (self->trial)
    few_trials_try_part (few_session_get_trials (self->session), self->trial, &crop);
}

void
few_try_look_set_trial (FewTryLook *self, FewTrial *trial)
{
  g_return_if_fail (FEW_IS_TRY_LOOK (self));
  gboolean other = g_set_object (&self->trial, trial);
  update_cb (self);
  if (other && self->session && gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->draw)))
    update_box (self);
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
  g_return_if_fail (FEW_IS_TRY_LOOK (self) && !self->session);
  few_look_bar_set_session (self->bar, session, target);
  few_box_bar_set_target (self->box_bar, target);
  self->target = g_object_ref (target);
  self->session = g_object_ref (session);
}

static void
few_try_look_dispose (GObject *object)
{
  FewTryLook *self = FEW_TRY_LOOK (object);
  g_clear_object (&self->trial);
  g_clear_object (&self->target);
  g_clear_object (&self->session);
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
  GtkWidget *toggles = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *box_bar = few_box_bar_new ();
  self->box_bar = FEW_BOX_BAR (box_bar);
  self->draw = gtk_toggle_button_new ();
  self->draw_revealer = gtk_revealer_new ();
  gtk_button_set_icon_name (GTK_BUTTON (self->draw), "edit-select-all-symbolic");
  gtk_widget_set_tooltip_text (self->draw, _ ("Box: Try a Part of the Picture"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->draw), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Box: Try a Part of the Picture"), -1);
  gtk_widget_set_halign (toggles, GTK_ALIGN_CENTER);
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), bar);
  gtk_revealer_set_child (GTK_REVEALER (self->draw_revealer), box_bar);
  gtk_box_append (GTK_BOX (toggles), self->toggle);
  gtk_box_append (GTK_BOX (toggles), self->draw);
  gtk_box_append (GTK_BOX (self->box), toggles);
  gtk_box_append (GTK_BOX (self->box), self->revealer);
  gtk_box_append (GTK_BOX (self->box), self->draw_revealer);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect_swapped (self->toggle, "toggled", G_CALLBACK (look_toggled_cb), self);
  g_signal_connect_swapped (self->draw, "toggled", G_CALLBACK (draw_toggled_cb), self);
  g_signal_connect_swapped (box_bar, "chosen", G_CALLBACK (part_chosen_cb), self);
}
