/* SPDX-License-Identifier: MIT */
/* Follows the texture of one picture. */
#include "widgets/few-thumb.h"
#include "widgets/few-still.h"

struct _FewThumb
{
  GtkWidget parent;
  FewThumbnails *thumbnails;
  FewPicture *picture;
  GtkWidget *image;
  gulong texture_handler;
};

G_DEFINE_FINAL_TYPE (FewThumb, few_thumb, GTK_TYPE_WIDGET)

/* One in sight that made room for others comes back: there are fewer of these than are kept. */
static void
texture_changed_cb (FewThumb *self)
{
  if (!few_picture_get_texture (self->picture) && gtk_widget_get_mapped (GTK_WIDGET (self)))
    few_thumbnails_want (self->thumbnails, self->picture);
  few_still_set_texture (FEW_STILL (self->image), few_picture_get_texture (self->picture));
}

void
few_thumb_set_picture (FewThumb *self, FewPicture *picture)
{
  g_return_if_fail (FEW_IS_THUMB (self));
  g_return_if_fail (!picture || FEW_IS_PICTURE (picture));
  if (self->picture == picture)
    return;
  if (self->picture)
    {
      g_clear_signal_handler (&self->texture_handler, self->picture);
      few_thumbnails_unwant (self->thumbnails, self->picture);
      few_still_set_texture (FEW_STILL (self->image), NULL);
    }
  g_set_object (&self->picture, picture);
  if (!picture)
    return;
  self->texture_handler =
      g_signal_connect_swapped (picture, "notify::texture", G_CALLBACK (texture_changed_cb), self);
  few_thumbnails_want (self->thumbnails, picture);
  texture_changed_cb (self);
}

static void
few_thumb_dispose (GObject *object)
{
  FewThumb *self = FEW_THUMB (object);
  if (self->image)
    few_thumb_set_picture (self, NULL);
  g_clear_pointer (&self->image, gtk_widget_unparent);
  g_clear_object (&self->thumbnails);
  G_OBJECT_CLASS (few_thumb_parent_class)->dispose (object);
}

static void
few_thumb_class_init (FewThumbClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_thumb_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_PRESENTATION);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "thumb");
}

static void
few_thumb_init (FewThumb *self)
{
  self->image = few_still_new ();
  gtk_widget_set_parent (self->image, GTK_WIDGET (self));
}

GtkWidget *
few_thumb_new (FewThumbnails *thumbnails, int side)
{
  g_return_val_if_fail (FEW_IS_THUMBNAILS (thumbnails), NULL);
  FewThumb *self = g_object_new (FEW_TYPE_THUMB, NULL);
  self->thumbnails = g_object_ref (thumbnails);
  gtk_widget_set_size_request (self->image, side, side);
  return GTK_WIDGET (self);
}

/* ---- a column */

typedef struct
{
  FewThumbnails *thumbnails;
  int side;
  FewPicture *(*get_picture) (gpointer item);
} Column;

static void
column_free_cb (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  Column *column = data;
  g_object_unref (column->thumbnails);
  g_free (column);
}

static void
setup_cb (GtkListItemFactory *factory G_GNUC_UNUSED, GtkListItem *item, const Column *column)
{
  gtk_list_item_set_child (item, few_thumb_new (column->thumbnails, column->side));
}

static void
bind_cb (GtkListItemFactory *factory G_GNUC_UNUSED, GtkListItem *item, const Column *column)
{
  few_thumb_set_picture (FEW_THUMB (gtk_list_item_get_child (item)),
                         column->get_picture (gtk_list_item_get_item (item)));
}

static void
unbind_cb (GtkListItemFactory *factory G_GNUC_UNUSED, GtkListItem *item,
           const Column *column G_GNUC_UNUSED)
{
  few_thumb_set_picture (FEW_THUMB (gtk_list_item_get_child (item)), NULL);
}

void
few_thumb_add_column (GtkColumnView *view, FewThumbnails *thumbnails, int side,
                      FewPicture *(*get_picture) (gpointer item))
{
  g_return_if_fail (GTK_IS_COLUMN_VIEW (view) && FEW_IS_THUMBNAILS (thumbnails));
  g_return_if_fail (get_picture);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  Column *column = g_new (Column, 1);
  *column = (Column) { g_object_ref (thumbnails), side, get_picture };
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), column);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), column);
  g_signal_connect_data (factory, "bind", G_CALLBACK (bind_cb), column, column_free_cb, 0);
  g_autoptr (GtkColumnViewColumn) first = gtk_column_view_column_new (NULL, factory);
  gtk_column_view_insert_column (view, 0, first);
}
