/* SPDX-License-Identifier: MIT */
/* Drawn as large as fits. */
#include "widgets/few-still.h"

struct _FewStill
{
  GtkWidget parent;
  GdkTexture *texture;
};

G_DEFINE_FINAL_TYPE (FewStill, few_still, GTK_TYPE_WIDGET)

static void
few_still_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FewStill *self = FEW_STILL (widget);
  double width = gtk_widget_get_width (widget);
  double height = gtk_widget_get_height (widget);
  if (!self->texture || width <= 0 || height <= 0)
    return;
  double across = gdk_texture_get_width (self->texture);
  double down = gdk_texture_get_height (self->texture);
  double scale = MIN (width / across, height / down);
  across *= scale;
  down *= scale;
  gtk_snapshot_append_texture (snapshot, self->texture,
                               &GRAPHENE_RECT_INIT ((float) (int) ((width - across) / 2),
                                                    (float) (int) ((height - down) / 2),
                                                    (float) across, (float) down));
}

static void
few_still_dispose (GObject *object)
{
  g_clear_object (&FEW_STILL (object)->texture);
  G_OBJECT_CLASS (few_still_parent_class)->dispose (object);
}

static void
few_still_class_init (FewStillClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_still_dispose;
  GTK_WIDGET_CLASS (klass)->snapshot = few_still_snapshot;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_PRESENTATION);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "still");
}

static void
few_still_init (FewStill *self G_GNUC_UNUSED)
{
}

GtkWidget *
few_still_new (void)
{
  return g_object_new (FEW_TYPE_STILL, NULL);
}

void
few_still_set_texture (FewStill *self, GdkTexture *texture)
{
  g_return_if_fail (FEW_IS_STILL (self));
  g_return_if_fail (!texture || GDK_IS_TEXTURE (texture));
  if (g_set_object (&self->texture, texture))
    gtk_widget_queue_draw (GTK_WIDGET (self));
}
