/* SPDX-License-Identifier: MIT */
/* While it is held, a picture every so often. What one hold has taken joins the class as one step,
 * which undo takes back. */
#include "pages/examples/few-take-window.h"
#include "camera/few-capture.h"
#include "widgets/few-camera-view.h"
#include "widgets/few-dialog.h"
#include "widgets/few-wrap.h"
#include <glib/gi18n.h>

enum { PERIOD = 250, COUNT_FROM = 3, SECOND = 1000 }; /* ms, numbers, ms */
enum { SIDE = 960 };                                  /* pixels: they are kept */

struct _FewTakeWindow
{
  AdwWindow parent;
  FewSession *session;
  FewClass *klass;
  FewCapture *capture;
  FewCameraView *camera_view;
  GtkButton *take;
  GtkCheckButton *countdown;
  GtkLabel *count, *place;
  GPtrArray *taken; /* char *: written since it was held, not yet in the project */
  guint writing;    /* on their way */
  guint written;    /* altogether */
  guint left;       /* of the countdown; 0: it is over */
  guint timer;      /* of the countdown, or between pictures; 0: nothing is under way */
  gboolean held;
};

G_DEFINE_FINAL_TYPE (FewTakeWindow, few_take_window, ADW_TYPE_WINDOW)

/* ---- what is shown */

static void
update_words (FewTakeWindow *self)
{
  FewCamera *camera = few_camera_view_get_camera (self->camera_view);
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u picture was taken.", "%u pictures were taken.", self->written), self->written);
  g_autofree char *number = self->left ? g_strdup_printf ("%u", self->left) : NULL;
  gtk_label_set_text (self->count, text);
  few_camera_view_set_overlay (self->camera_view, number);
  gtk_widget_set_sensitive (GTK_WIDGET (self->take), few_camera_is_open (camera));
}

/* ---- pictures */

/* Once the hold is over and all of it is written. */
static void
add_taken (FewTakeWindow *self)
{
  if (self->timer || self->writing || self->taken->len == 0)
    return;
  g_ptr_array_add (self->taken, NULL);
  few_import_begin (few_session_get_import (self->session),
                    (const char *const *) self->taken->pdata, self->klass);
  g_ptr_array_set_size (self->taken, 0);
}

static void stop_timer (FewTakeWindow *self);

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  FewTakeWindow *self = FEW_TAKE_WINDOW (source);
  g_autoptr (GError) error = NULL;
  char *path = few_capture_finish (result, &error);
  self->writing--;
  if (path)
    {
      g_ptr_array_add (self->taken, path);
      self->written++;
    }
  else
    {
      stop_timer (self); /* the next one would fail, too */
      few_session_say (self->session, error->message);
    }
  add_taken (self);
  if (self->capture) /* else it is closed */
    update_words (self);
}

static void
take_picture (FewTakeWindow *self)
{
  self->writing += few_capture_take (self->capture, few_camera_view_get_camera (self->camera_view),
                                     written_cb, G_OBJECT (self), NULL);
}

static void
stop_timer (FewTakeWindow *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->left = 0;
}

static gboolean
take_next_cb (gpointer user)
{
  FewTakeWindow *self = user;
  if (!self->held)
    {
      self->timer = 0;
      add_taken (self);
      return G_SOURCE_REMOVE;
    }
  take_picture (self);
  return G_SOURCE_CONTINUE;
}

static void
begin_taking (FewTakeWindow *self)
{
  take_picture (self); /* one at least, however short it was held */
  self->timer = g_timeout_add (PERIOD, take_next_cb, self);
}

static gboolean
count_down_cb (gpointer user)
{
  FewTakeWindow *self = user;
  self->left--;
  update_words (self);
  if (self->left > 0)
    return G_SOURCE_CONTINUE;
  self->timer = 0;
  begin_taking (self);
  return G_SOURCE_REMOVE;
}

void
few_take_window_hold (FewTakeWindow *self, gboolean held)
{
  g_return_if_fail (FEW_IS_TAKE_WINDOW (self));
  self->held = held;
  if (!held || self->timer || !few_camera_is_open (few_camera_view_get_camera (self->camera_view)))
    return;
  if (gtk_check_button_get_active (self->countdown))
    {
      self->left = COUNT_FROM;
      self->timer = g_timeout_add (SECOND, count_down_cb, self);
    }
  else
    begin_taking (self);
  update_words (self);
}

/* ---- the button and the space bar */

static void
pressed_cb (FewTakeWindow *self)
{
  few_take_window_hold (self, TRUE);
}

static void
released_cb (FewTakeWindow *self)
{
  few_take_window_hold (self, FALSE);
}

/* A key that is held comes again and again. Elsewhere in the window it is what it always is. */
static gboolean
key_pressed_cb (FewTakeWindow *self, guint key)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  gboolean here = !focus || focus == GTK_WIDGET (self->take);
  if ((key != GDK_KEY_space && key != GDK_KEY_KP_Space && key != GDK_KEY_Return) || !here)
    return GDK_EVENT_PROPAGATE;
  few_take_window_hold (self, TRUE);
  return GDK_EVENT_STOP;
}

static void
key_released_cb (FewTakeWindow *self, guint key)
{
  if (key == GDK_KEY_space || key == GDK_KEY_KP_Space || key == GDK_KEY_Return)
    few_take_window_hold (self, FALSE);
}

/* A window that loses the focus does not hear that the key is let go. */
static void
active_cb (FewTakeWindow *self)
{
  if (!gtk_window_is_active (GTK_WINDOW (self)))
    few_take_window_hold (self, FALSE);
}

static void
camera_changed_cb (FewTakeWindow *self)
{
  if (!few_camera_is_open (few_camera_view_get_camera (self->camera_view)))
    {
      stop_timer (self);
      add_taken (self);
    }
  update_words (self);
}

/* ---- life */

static void
few_take_window_dispose (GObject *object)
{
  FewTakeWindow *self = FEW_TAKE_WINDOW (object);
  stop_timer (self);
  if (self->camera_view)
    g_signal_handlers_disconnect_by_data (few_camera_view_get_camera (self->camera_view), self);
  if (self->session)
    add_taken (self);
  g_clear_pointer (&self->capture, few_capture_free);
  G_OBJECT_CLASS (few_take_window_parent_class)->dispose (object);
}

static void
few_take_window_finalize (GObject *object)
{
  FewTakeWindow *self = FEW_TAKE_WINDOW (object);
  g_ptr_array_unref (self->taken);
  g_clear_object (&self->session); /* which what was still written has joined */
  g_clear_object (&self->klass);
  G_OBJECT_CLASS (few_take_window_parent_class)->finalize (object);
}

static void
few_take_window_class_init (FewTakeWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_take_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = few_take_window_finalize;
  g_type_ensure (FEW_TYPE_CAMERA_VIEW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/examples/few-take-window.ui");
  gtk_widget_class_bind_template_child (widget_class, FewTakeWindow, camera_view);
  gtk_widget_class_bind_template_child (widget_class, FewTakeWindow, take);
  gtk_widget_class_bind_template_child (widget_class, FewTakeWindow, countdown);
  gtk_widget_class_bind_template_child (widget_class, FewTakeWindow, count);
  gtk_widget_class_bind_template_child (widget_class, FewTakeWindow, place);
}

static void
hear_mouse (FewTakeWindow *self)
{
  GtkGesture *press = gtk_gesture_click_new ();
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (press), GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (press, "pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect_swapped (press, "released", G_CALLBACK (released_cb), self);
  g_signal_connect_swapped (press, "unpaired-release", G_CALLBACK (released_cb), self);
  g_signal_connect_swapped (press, "cancel", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->take), GTK_EVENT_CONTROLLER (press));
}

static void
few_take_window_init (FewTakeWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  self->taken = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  few_wrap_buttons (GTK_WIDGET (self));
  hear_mouse (self);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  g_signal_connect_swapped (keys, "key-released", G_CALLBACK (key_released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  g_signal_connect (self, "notify::is-active", G_CALLBACK (active_cb), NULL);
}

FewTakeWindow *
few_take_window_new (GtkWindow *parent, FewSession *session, FewClass *klass)
{
  g_return_val_if_fail (FEW_IS_SESSION (session) && FEW_IS_CLASS (klass), NULL);
  FewTakeWindow *self = g_object_new (FEW_TYPE_TAKE_WINDOW, NULL);
  const char *name = few_class_is_none (klass) ? _ ("none of these") : few_class_get_name (klass);
  /* Translators: a class */
  g_autofree char *title = g_strdup_printf (_ ("Pictures of “%s”"), name);
  self->session = g_object_ref (session);
  self->klass = g_object_ref (klass);
  self->capture = few_capture_new (name);
  g_autofree char *folder = g_filename_display_name (few_capture_get_folder (self->capture));
  /* Translators: a folder */
  g_autofree char *place = g_strdup_printf (_ ("They are kept in %s."), folder);
  gtk_window_set_title (GTK_WINDOW (self), title);
  gtk_label_set_text (self->place, place);
  few_dialog_attach (GTK_WINDOW (self), parent);
  FewCamera *camera = few_camera_view_get_camera (self->camera_view);
  g_signal_connect_swapped (camera, "changed", G_CALLBACK (camera_changed_cb), self);
  few_camera_set_side (camera, SIDE);
  few_camera_open (camera);
  update_words (self);
  return self;
}

void
few_take_window_set_countdown (FewTakeWindow *self, gboolean countdown)
{
  g_return_if_fail (FEW_IS_TAKE_WINDOW (self));
  gtk_check_button_set_active (self->countdown, countdown);
}

guint
few_take_window_count (FewTakeWindow *self)
{
  g_return_val_if_fail (FEW_IS_TAKE_WINDOW (self), 0);
  return self->written;
}

FewCamera *
few_take_window_get_camera (FewTakeWindow *self)
{
  g_return_val_if_fail (FEW_IS_TAKE_WINDOW (self), NULL);
  return few_camera_view_get_camera (self->camera_view);
}
