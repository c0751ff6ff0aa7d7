/* SPDX-License-Identifier: MIT */
/* The page shows either its pictures or the camera. Whatever closes the camera, the page that is
 * left or the window that hides, brings the pictures back. */
#include "pages/try/few-try-camera.h"
#include "camera/few-capture.h"
#include "widgets/few-actions.h"
#include <glib/gi18n.h>

enum { NARROW = 860 }; /* as the page has it */

#define FEW_TYPE_TRY_CAMERA (few_try_camera_get_type ())
G_DECLARE_FINAL_TYPE (FewTryCamera, few_try_camera, FEW, TRY_CAMERA, FewActions)

struct _FewTryCamera
{
  FewActions parent;
  GtkStack *views;   /* weak: of the page */
  FewLivePane *pane; /* weak */
  FewCapture *capture;
};

G_DEFINE_FINAL_TYPE (FewTryCamera, few_try_camera, FEW_TYPE_ACTIONS)

static void
show_state (FewTryCamera *self, gboolean on)
{
  GtkWindow *window = few_actions_get_window (FEW_ACTIONS (self));
  GAction *action =
      window ? g_action_map_lookup_action (G_ACTION_MAP (window), "try-camera") : NULL;
  if (action)
    g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (on));
  few_actions_enable (FEW_ACTIONS (self), "try-keep-frame", on);
  if (self->views)
    gtk_stack_set_visible_child_name (self->views, on ? "camera" : "pictures");
}

static void
change_camera_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *value, gpointer user)
{
  FewTryCamera *self = user;
  if (!self->pane)
    return;
  FewCamera *camera = few_live_pane_get_camera (self->pane);
  if (!g_variant_get_boolean (value))
    {
      few_camera_close (camera);
      show_state (self, FALSE);
      return;
    }
  few_actions_activate (user, "page", g_variant_new_string ("try"));
  show_state (self, TRUE);
  g_clear_pointer (&self->capture, few_capture_free);
  self->capture = few_capture_new (NULL);
  few_camera_open (camera);
}

static void
camera_on_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer user)
{
  GtkWindow *window = few_actions_get_window (user);
  g_action_group_change_action_state (G_ACTION_GROUP (window), "try-camera",
                                      g_variant_new_boolean (TRUE));
}

/* Out of view, it is closed (few-camera-view.c). */
static void
unmap_cb (FewTryCamera *self)
{
  show_state (self, FALSE);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  FewActions *self = FEW_ACTIONS (source);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = few_capture_finish (result, &error);
  if (!path)
    {
      few_actions_say (self, error->message);
      return;
    }
  g_autofree char *name = g_filename_display_basename (path);
  /* Translators: a file */
  g_autofree char *text = g_strdup_printf (_ ("Kept as %s"), name);
  few_trials_try (few_session_get_trials (few_actions_get_session (self)),
                  (const char *const[]) { path, NULL });
  few_actions_say_of_file (self, text, path);
}

static void
keep_frame_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
               gpointer user)
{
  FewTryCamera *self = user;
  if (self->pane && self->capture)
    few_capture_take (self->capture, few_live_pane_get_camera (self->pane), written_cb,
                      G_OBJECT (self), NULL);
}

static void
width_changed_cb (FewTryCamera *self)
{
  GtkWindow *window = few_actions_get_window (FEW_ACTIONS (self));
  int width, height; /* both: GTK 4.8 writes through either */
  if (!window || !self->pane)
    return;
  gtk_window_get_default_size (window, &width, &height);
  few_live_pane_set_narrow (self->pane, width < NARROW);
}

static void
few_try_camera_dispose (GObject *object)
{
  FewTryCamera *self = FEW_TRY_CAMERA (object);
  g_clear_weak_pointer (&self->views);
  g_clear_weak_pointer (&self->pane);
  g_clear_pointer (&self->capture, few_capture_free);
  G_OBJECT_CLASS (few_try_camera_parent_class)->dispose (object);
}

static void
few_try_camera_class_init (FewTryCameraClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_try_camera_dispose;
}

static void
few_try_camera_init (FewTryCamera *self)
{
}

void
few_try_camera_install (GActionMap *window, FewSession *session, FewTryPage *page)
{
  static const GActionEntry entries[] = {
    { "try-camera", NULL, NULL, "false", change_camera_cb },
    { "try-camera-on", camera_on_cb },
    { "try-keep-frame", keep_frame_cb },
  };
  static const FewKeys accels[] = { { "win.try-camera", { "<Control>j" } } };
  g_return_if_fail (FEW_IS_TRY_PAGE (page));
  FewTryCamera *self = few_actions_new (FEW_TYPE_TRY_CAMERA, window, session);
  GtkStack *views = GTK_STACK (gtk_widget_get_first_child (GTK_WIDGET (page)));
  FewLivePane *pane = FEW_LIVE_PANE (gtk_stack_get_child_by_name (views, "camera"));
  g_set_weak_pointer (&self->views, views);
  g_set_weak_pointer (&self->pane, pane);
  few_live_pane_set_session (pane, session);
  few_actions_set_accels (accels, G_N_ELEMENTS (accels));
  few_actions_add (FEW_ACTIONS (self), entries, G_N_ELEMENTS (entries));
  g_signal_connect_object (pane, "unmap", G_CALLBACK (unmap_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (window, "notify::default-width", G_CALLBACK (width_changed_cb), self,
                           G_CONNECT_SWAPPED);
  width_changed_cb (self);
  show_state (self, FALSE);
}
