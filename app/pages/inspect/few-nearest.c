/* SPDX-License-Identifier: MIT */
/* The training pictures most like the chosen one, as a row of thumbnails. */
#include "pages/inspect/few-nearest.h"
#include "widgets/few-wheel.h"
#include <glib/gi18n.h>

enum { COUNT = 5, SIDE = 64 };

struct _FewNearest
{
  GtkWidget parent;
  FewSession *session;
  FewExamples *examples; /* the session's */
  FewView *view;         /* likewise */
  FewThumbnails *thumbnails;
  GtkWidget *box;
  FewPicture *asked; /* what is near it is shown; NULL: none */
  struct
  {
    GtkWidget *box, *image, *caption;
    FewPicture *picture;
  } near[COUNT];
};

G_DEFINE_FINAL_TYPE (FewNearest, few_nearest, GTK_TYPE_WIDGET)

static void
texture_changed_cb (FewNearest *self)
{
  for (guint i = 0; i < COUNT; i++)
    gtk_picture_set_paintable (GTK_PICTURE (self->near[i].image),
                               self->near[i].picture
                                   ? GDK_PAINTABLE (few_picture_get_texture (self->near[i].picture))
                                   : NULL);
}

static void
set_near (FewNearest *self, guint i, FewPicture *picture)
{
  FewPicture *old = self->near[i].picture;
  if (old)
    {
      g_signal_handlers_disconnect_by_data (old, self);
      few_thumbnails_unwant (self->thumbnails, old);
    }
  g_set_object (&self->near[i].picture, picture);
  gtk_widget_set_visible (self->near[i].box, picture != NULL);
  if (!picture)
    return;
  g_signal_connect_swapped (picture, "notify::texture", G_CALLBACK (texture_changed_cb), self);
  few_thumbnails_want (self->thumbnails, picture);
}

static void
nearest_cb (FewView *view, GArray *near, FewNearest *self)
{
  guint shown = 0;
  for (guint i = 0; i < COUNT; i++) /* one may come back at another place */
    set_near (self, i, NULL);
  for (guint i = 0; i < near->len && shown < COUNT; i++)
    {
      const FewNear *one = &g_array_index (near, FewNear, i);
      FewPicture *picture = few_examples_get_picture (self->examples, one->id);
      if (!picture)
        continue;
      g_autofree char *klass = few_picture_name_classes (picture);
      /* Translators: a training picture's file, its class, a cosine */
      g_autofree char *spoken = g_strdup_printf (
          _ ("%s, %s, cosine %.3f"), few_picture_get_name (picture), klass, one->cosine);
      set_near (self, shown, picture);
      gtk_label_set_text (GTK_LABEL (self->near[shown].caption), klass);
      gtk_widget_set_tooltip_text (self->near[shown].box, spoken);
      gtk_picture_set_alternative_text (GTK_PICTURE (self->near[shown].image), spoken);
      shown++;
    }
  texture_changed_cb (self);
  gtk_widget_set_visible (GTK_WIDGET (self), self->near[0].picture != NULL);
}

/* Another model finds others near it, and pictures may have gone or be of other classes. */
static void
renew_cb (FewNearest *self)
{
  if (self->asked && !few_view_is_live (self->view))
    few_view_request_nearest (self->view, self->asked, COUNT);
}

static void
few_nearest_dispose (GObject *object)
{
  FewNearest *self = FEW_NEAREST (object);
  if (self->session)
    {
      g_signal_handlers_disconnect_by_data (self->view, self);
      for (guint i = 0; i < COUNT; i++)
        set_near (self, i, NULL);
    }
  g_clear_object (&self->asked);
  g_clear_object (&self->session);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->thumbnails);
  G_OBJECT_CLASS (few_nearest_parent_class)->dispose (object);
}

static void
few_nearest_class_init (FewNearestClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_nearest_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
few_nearest_init (FewNearest *self)
{
  GtkWidget *title = gtk_label_new (_ ("Nearest training pictures"));
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *across = gtk_scrolled_window_new (); /* in narrow windows */
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
  gtk_widget_add_css_class (title, "caption-heading");
  for (guint i = 0; i < COUNT; i++)
    {
      self->near[i].box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
      self->near[i].image = gtk_picture_new ();
      gtk_picture_set_can_shrink (GTK_PICTURE (self->near[i].image), TRUE);
      gtk_widget_set_size_request (self->near[i].image, SIDE, SIDE);
      self->near[i].caption = gtk_label_new (NULL);
      gtk_label_set_ellipsize (GTK_LABEL (self->near[i].caption), PANGO_ELLIPSIZE_END);
      gtk_label_set_max_width_chars (GTK_LABEL (self->near[i].caption), 8);
      gtk_widget_add_css_class (self->near[i].caption, "caption");
      gtk_box_append (GTK_BOX (self->near[i].box), self->near[i].image);
      gtk_box_append (GTK_BOX (self->near[i].box), self->near[i].caption);
      gtk_box_append (GTK_BOX (row), self->near[i].box);
    }
  gtk_box_append (GTK_BOX (self->box), title);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (across), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (across), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (across), row);
  gtk_accessible_update_property (GTK_ACCESSIBLE (across), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Nearest training pictures"), -1); /* it has the focus */
  few_wheel_page_first (across);
  gtk_box_append (GTK_BOX (self->box), across);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_hide (GTK_WIDGET (self));
}

GtkWidget *
few_nearest_new (void)
{
  return g_object_new (FEW_TYPE_NEAREST, NULL);
}

void
few_nearest_set_session (FewNearest *self, FewSession *session, FewThumbnails *thumbnails)
{
  g_return_if_fail (FEW_IS_NEAREST (self));
  self->session = g_object_ref (session);
  self->examples = few_session_get_examples (session);
  self->view = few_session_get_view (session);
  self->thumbnails = g_object_ref (thumbnails);
  g_signal_connect (self->view, "nearest", G_CALLBACK (nearest_cb), self);
  g_signal_connect_swapped (self->view, "snapshot", G_CALLBACK (renew_cb), self);
  g_signal_connect_object (self->examples, "changed", G_CALLBACK (renew_cb), self,
                           G_CONNECT_SWAPPED);
}

void
few_nearest_set_picture (FewNearest *self, FewPicture *picture)
{
  g_return_if_fail (FEW_IS_NEAREST (self));
  if (picture != self->asked && few_view_is_live (self->view))
    picture = NULL; /* nothing answers before the run has ended */
  if (!g_set_object (&self->asked, picture))
    return;
  if (picture)
    few_view_request_nearest (self->view, picture, COUNT);
  else
    gtk_widget_hide (GTK_WIDGET (self));
}

FewPicture *
few_nearest_get_picture (FewNearest *self, guint i)
{
  g_return_val_if_fail (FEW_IS_NEAREST (self), NULL);
  return i < COUNT ? self->near[i].picture : NULL;
}
