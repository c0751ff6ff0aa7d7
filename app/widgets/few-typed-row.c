/* SPDX-License-Identifier: MIT */
/* The title stands above what is typed. */
#include "widgets/few-typed-row.h"

struct _FewTypedRow
{
  AdwPreferencesRow parent;
  GtkWidget *text;
};

enum { PROP_OF_EDITABLE = 1 };

static void few_typed_row_editable_init (GtkEditableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FewTypedRow, few_typed_row, ADW_TYPE_PREFERENCES_ROW,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_EDITABLE,
                                                      few_typed_row_editable_init))

static GtkEditable *
few_typed_row_get_delegate (GtkEditable *editable)
{
  return GTK_EDITABLE (FEW_TYPED_ROW (editable)->text);
}

static void
few_typed_row_editable_init (GtkEditableInterface *iface)
{
  iface->get_delegate = few_typed_row_get_delegate;
}

static void
few_typed_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  gtk_editable_delegate_set_property (object, id, value, pspec);
}

static void
few_typed_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  gtk_editable_delegate_get_property (object, id, value, pspec);
}

static gboolean
few_typed_row_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (FEW_TYPED_ROW (widget)->text);
}

static void
few_typed_row_dispose (GObject *object)
{
  FewTypedRow *self = FEW_TYPED_ROW (object);
  if (self->text)
    gtk_editable_finish_delegate (GTK_EDITABLE (self));
  self->text = NULL;
  G_OBJECT_CLASS (few_typed_row_parent_class)->dispose (object);
}

static void
few_typed_row_class_init (FewTypedRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_typed_row_dispose;
  G_OBJECT_CLASS (klass)->set_property = few_typed_row_set_property;
  G_OBJECT_CLASS (klass)->get_property = few_typed_row_get_property;
  GTK_WIDGET_CLASS (klass)->grab_focus = few_typed_row_grab_focus;
  gtk_editable_install_properties (G_OBJECT_CLASS (klass), PROP_OF_EDITABLE);
}

static void
few_typed_row_init (FewTypedRow *self)
{
  enum { EDGE = 12 };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *title = gtk_label_new (NULL);
  self->text = gtk_text_new ();
  gtk_widget_set_hexpand (self->text, TRUE);
  gtk_text_set_activates_default (GTK_TEXT (self->text), TRUE);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
  gtk_label_set_mnemonic_widget (GTK_LABEL (title), self->text);
  gtk_widget_add_css_class (title, "caption");
  gtk_widget_add_css_class (title, "dim-label");
  g_object_bind_property (self, "title", title, "label", G_BINDING_SYNC_CREATE);
  gtk_widget_set_margin_start (box, EDGE);
  gtk_widget_set_margin_end (box, EDGE);
  gtk_widget_set_margin_top (box, EDGE / 2);
  gtk_widget_set_margin_bottom (box, EDGE / 2);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), self->text);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_widget_set_focusable (GTK_WIDGET (self), FALSE);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (self->text), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  title, NULL, -1);
  gtk_editable_init_delegate (GTK_EDITABLE (self));
}
