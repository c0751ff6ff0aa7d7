/* SPDX-License-Identifier: MIT */
/* A picture, a sentence in its place, a number over it. */
#include "widgets/few-camera-view.h"
#include <glib/gi18n.h>

struct _FewCameraView
{
  GtkWidget parent;
  GtkWidget *overlay;
  GtkPicture *picture;
  GtkLabel *status, *number;
  GtkWidget *again, *words;
  FewCamera *camera;
  GdkSurface *surface; /* that it is on, whose state is heard; NULL: none */
};

G_DEFINE_FINAL_TYPE (FewCameraView, few_camera_view, GTK_TYPE_WIDGET)

static void
update_words_cb (FewCameraView *self)
{
  guint width, height;
  const char *problem = few_camera_get_problem (self->camera);
  gboolean open = few_camera_is_open (self->camera);
  gboolean shows = open && few_camera_get_frame (self->camera, &width, &height);
  gtk_widget_set_visible (self->words, !shows);
  gtk_widget_set_visible (self->again, !open);
  const char *waiting = open ? _ ("The camera is being opened…") : _ ("The camera is off.");
  gtk_label_set_text (self->status, problem ? problem : waiting);
  if (!shows)
    gtk_picture_set_paintable (self->picture, NULL);
}

static void
frame_cb (FewCameraView *self)
{
  guint width, height;
  GBytes *frame = few_camera_get_frame (self->camera, &width, &height);
  g_autoptr (GdkTexture) texture = gdk_memory_texture_new (
      (int) width, (int) height, GDK_MEMORY_R8G8B8, frame, 3 * (gsize) width);
  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
  if (gtk_widget_get_visible (self->words))
    update_words_cb (self);
}

static void
again_clicked_cb (FewCameraView *self)
{
  few_camera_open (self->camera);
}

static void
state_cb (FewCameraView *self)
{
  if (gdk_toplevel_get_state (GDK_TOPLEVEL (self->surface)) & GDK_TOPLEVEL_STATE_MINIMIZED)
    few_camera_close (self->camera);
}

static void
few_camera_view_map (GtkWidget *widget)
{
  FewCameraView *self = FEW_CAMERA_VIEW (widget);
  GTK_WIDGET_CLASS (few_camera_view_parent_class)->map (widget);
  GdkSurface *surface = gtk_native_get_surface (gtk_widget_get_native (widget));
  if (!GDK_IS_TOPLEVEL (surface) || !g_set_object (&self->surface, surface))
    return;
  g_signal_connect_swapped (surface, "notify::state", G_CALLBACK (state_cb), self);
}

static void
forget_surface (FewCameraView *self)
{
  if (self->surface)
    g_signal_handlers_disconnect_by_data (self->surface, self);
  g_clear_object (&self->surface);
}

static void
few_camera_view_unmap (GtkWidget *widget)
{
  FewCameraView *self = FEW_CAMERA_VIEW (widget);
  few_camera_close (self->camera);
  forget_surface (self);
  GTK_WIDGET_CLASS (few_camera_view_parent_class)->unmap (widget);
}

static void
few_camera_view_dispose (GObject *object)
{
  FewCameraView *self = FEW_CAMERA_VIEW (object);
  forget_surface (self);
  if (self->camera)
    {
      g_signal_handlers_disconnect_by_data (self->camera, self);
      few_camera_close (self->camera);
    }
  g_clear_object (&self->camera);
  g_clear_pointer (&self->overlay, gtk_widget_unparent);
  G_OBJECT_CLASS (few_camera_view_parent_class)->dispose (object);
}

static void
few_camera_view_class_init (FewCameraViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_camera_view_dispose;
  widget_class->map = few_camera_view_map;
  widget_class->unmap = few_camera_view_unmap;
  gtk_widget_class_set_css_name (widget_class, "cameraview");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static GtkLabel *
make_label (const char *style)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (label, TRUE);
  gtk_label_set_justify (label, GTK_JUSTIFY_CENTER);
  gtk_widget_set_halign (GTK_WIDGET (label), GTK_ALIGN_CENTER);
  gtk_widget_set_valign (GTK_WIDGET (label), GTK_ALIGN_CENTER);
  if (style)
    gtk_widget_add_css_class (GTK_WIDGET (label), style);
  return label;
}

static void
add_words (FewCameraView *self)
{
  self->words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  self->status = make_label (NULL);
  self->again = gtk_button_new_with_mnemonic (_ ("_Try Again"));
  gtk_widget_set_halign (self->again, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->words, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_start (self->words, 12);
  gtk_widget_set_margin_end (self->words, 12);
  g_signal_connect_swapped (self->again, "clicked", G_CALLBACK (again_clicked_cb), self);
  gtk_box_append (GTK_BOX (self->words), GTK_WIDGET (self->status));
  gtk_box_append (GTK_BOX (self->words), self->again);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), self->words);
}

static void
few_camera_view_init (FewCameraView *self)
{
  self->camera = few_camera_new ();
  self->overlay = gtk_overlay_new ();
  self->picture = GTK_PICTURE (gtk_picture_new ());
  self->number = make_label ("countdown");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->picture), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What the camera shows"), -1);
  gtk_widget_set_can_target (GTK_WIDGET (self->number), FALSE);
  gtk_widget_hide (GTK_WIDGET (self->number));
  gtk_overlay_set_child (GTK_OVERLAY (self->overlay), GTK_WIDGET (self->picture));
  add_words (self);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), GTK_WIDGET (self->number));
  gtk_widget_set_parent (self->overlay, GTK_WIDGET (self));
  g_signal_connect_swapped (self->camera, "frame", G_CALLBACK (frame_cb), self);
  g_signal_connect_swapped (self->camera, "changed", G_CALLBACK (update_words_cb), self);
  update_words_cb (self);
}

FewCamera *
few_camera_view_get_camera (FewCameraView *self)
{
  g_return_val_if_fail (FEW_IS_CAMERA_VIEW (self), NULL);
  return self->camera;
}

void
few_camera_view_set_overlay (FewCameraView *self, const char *text)
{
  g_return_if_fail (FEW_IS_CAMERA_VIEW (self));
  gtk_label_set_text (self->number, text ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->number), text != NULL);
}
