/* SPDX-License-Identifier: MIT */
/* Says where the box is, clears it, and has it used. */
#include "widgets/few-box-bar.h"
#include "widgets/few-wrap.h"
#include <glib/gi18n.h>

struct _FewBoxBar
{
  GtkWidget parent;
  GtkWidget *box, *clear, *use;
  GtkLabel *words;
  FewLargePicture *target;
  FewBoxEditor *editor;
  FewPicture *picture; /* NULL: none is drawn in */
};

enum { CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewBoxBar, few_box_bar, GTK_TYPE_WIDGET)

static void
update_cb (FewBoxBar *self)
{
  const FewCrop *crop = few_box_editor_get_crop (self->editor);
  gboolean whole = few_crop_is_whole (crop);
  double box[4];
  few_crop_box (crop, box);
  g_autofree char *text =
      whole ? g_strdup (_ ("Drag over the part that counts, or use the arrow keys."))
            /* Translators: percent of the picture's width and height */
            : g_strdup_printf (_ ("%.0f %% × %.0f %% of the picture"), 100 * box[2], 100 * box[3]);
  gtk_label_set_text (self->words, text);
  gtk_widget_set_sensitive (self->clear, !whole);
  gtk_widget_set_sensitive (
      self->use, self->picture && !few_crop_is_equal (crop, few_picture_get_crop (self->picture)));
  gtk_button_set_label (GTK_BUTTON (self->use),
                        whole ? _ ("Use the _Whole Picture") : _ ("_Use This Part"));
}

void
few_box_bar_set_picture (FewBoxBar *self, FewPicture *picture)
{
  g_return_if_fail (FEW_IS_BOX_BAR (self) && self->editor);
  g_return_if_fail (!picture || FEW_IS_PICTURE (picture));
  g_set_object (&self->picture, picture);
  few_large_picture_set_whole (self->target, picture != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->editor), picture != NULL);
  if (!picture)
    return;
  few_large_picture_show (self->target, picture);
  few_box_editor_set_crop (self->editor, few_picture_get_crop (picture));
  update_cb (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->editor));
}

const FewCrop *
few_box_bar_get_crop (FewBoxBar *self)
{
  g_return_val_if_fail (FEW_IS_BOX_BAR (self) && self->editor, NULL);
  return few_box_editor_get_crop (self->editor);
}

static void
clear_cb (FewBoxBar *self)
{
  few_box_editor_clear (self->editor);
  gtk_widget_grab_focus (GTK_WIDGET (self->editor));
}

static void
use_cb (FewBoxBar *self)
{
  g_signal_emit (self, signals[CHOSEN], 0);
}

/* ---- life */

void
few_box_bar_set_target (FewBoxBar *self, FewLargePicture *target)
{
  g_return_if_fail (FEW_IS_BOX_BAR (self) && FEW_IS_LARGE_PICTURE (target) && !self->editor);
  GtkWidget *overlay = gtk_widget_get_parent (GTK_WIDGET (target));
  g_return_if_fail (GTK_IS_OVERLAY (overlay));
  GtkWidget *editor = g_object_new (FEW_TYPE_BOX_EDITOR, NULL);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), editor);
  self->target = g_object_ref (target);
  self->editor = g_object_ref (FEW_BOX_EDITOR (editor));
  few_box_editor_set_target (self->editor, target);
  gtk_widget_set_visible (editor, FALSE);
  g_signal_connect_object (editor, "changed", G_CALLBACK (update_cb), self, G_CONNECT_SWAPPED);
  update_cb (self);
}

static void
few_box_bar_dispose (GObject *object)
{
  FewBoxBar *self = FEW_BOX_BAR (object);
  g_clear_object (&self->target);
  g_clear_object (&self->editor);
  g_clear_object (&self->picture);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (few_box_bar_parent_class)->dispose (object);
}

static void
few_box_bar_class_init (FewBoxBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_box_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[CHOSEN] = g_signal_new ("chosen", FEW_TYPE_BOX_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
}

static void
few_box_bar_init (FewBoxBar *self)
{
  GtkWidget *words = gtk_label_new (NULL);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->words = GTK_LABEL (words);
  self->clear = gtk_button_new_with_mnemonic (_ ("_Clear"));
  self->use = gtk_button_new_with_mnemonic (_ ("_Use This Part"));
  gtk_label_set_wrap (self->words, TRUE);
  gtk_label_set_xalign (self->words, 0);
  gtk_widget_set_halign (buttons, GTK_ALIGN_END);
  gtk_widget_add_css_class (words, "caption");
  gtk_widget_add_css_class (self->use, "suggested-action");
  gtk_box_append (GTK_BOX (buttons), self->clear);
  gtk_box_append (GTK_BOX (buttons), self->use);
  gtk_box_append (GTK_BOX (self->box), words);
  gtk_box_append (GTK_BOX (self->box), buttons);
  few_wrap_buttons (self->box);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect_swapped (self->clear, "clicked", G_CALLBACK (clear_cb), self);
  g_signal_connect_swapped (self->use, "clicked", G_CALLBACK (use_cb), self);
}

GtkWidget *
few_box_bar_new (void)
{
  return g_object_new (FEW_TYPE_BOX_BAR, NULL);
}
