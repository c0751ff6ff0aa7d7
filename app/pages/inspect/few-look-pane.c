/* SPDX-License-Identifier: MIT */
/* A large picture beside its controls. */
#include "pages/inspect/few-look-pane.h"
#include "widgets/few-large-picture.h"
#include "widgets/few-look-bar.h"

/* WIDTH, HEIGHT: of the picture on screen; SIDE: of what is decoded for it */
enum { WIDTH = 190, HEIGHT = 160, SIDE = 600 };

struct _FewLookPane
{
  GtkWidget parent;
  GtkWidget *box;
  FewLargePicture *image;
  FewLookBar *bar;
  FewPicture *picture;
};

G_DEFINE_FINAL_TYPE (FewLookPane, few_look_pane, GTK_TYPE_WIDGET)

static void
few_look_pane_dispose (GObject *object)
{
  FewLookPane *self = FEW_LOOK_PANE (object);
  g_clear_object (&self->picture);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (few_look_pane_parent_class)->dispose (object);
}

static void
few_look_pane_class_init (FewLookPaneClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_look_pane_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
few_look_pane_init (FewLookPane *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  self->image = g_object_new (FEW_TYPE_LARGE_PICTURE, NULL);
  self->bar = FEW_LOOK_BAR (few_look_bar_new ());
  gtk_widget_set_size_request (GTK_WIDGET (self->image), WIDTH, HEIGHT);
  few_large_picture_set_fits (self->image, TRUE);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->image));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->bar));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
few_look_pane_new (void)
{
  return g_object_new (FEW_TYPE_LOOK_PANE, NULL);
}

void
few_look_pane_set_session (FewLookPane *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_LOOK_PANE (self));
  few_large_picture_set_session (self->image, session, SIDE);
  few_look_bar_set_session (self->bar, session, self->image);
}

void
few_look_pane_set_picture (FewLookPane *self, FewPicture *picture)
{
  g_return_if_fail (FEW_IS_LOOK_PANE (self));
  if (g_set_object (&self->picture, picture))
    few_large_picture_show (self->image, picture);
  few_look_bar_set_picture (self->bar, picture);
}

void
few_look_pane_set_narrow (FewLookPane *self, gboolean narrow)
{
  g_return_if_fail (FEW_IS_LOOK_PANE (self));
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->box),
                                  narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
}
