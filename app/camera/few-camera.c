/* SPDX-License-Identifier: MIT */
/* The records of fewshot-frames, read as they come. */
#include "camera/few-camera.h"
#include "camera/few-camera-portal.h"
#include "common/frames.h"
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <signal.h>

/* More than any model looks at, and little enough to be drawn many times a second without a GPU. */
enum { SIDE = 640 };

struct _FewCamera
{
  GObject parent;
  GSubprocess *process; /* NULL: closed, or the portal is asked */
  GCancellable *cancellable; /* of all that is under way; NULL: closed */
  guint side;
  GBytes *frame;
  guint width, height;
  char *problem;
};

enum { FRAME, CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewCamera, few_camera, G_TYPE_OBJECT)

static void
stop (FewCamera *self)
{
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->process)
    g_subprocess_force_exit (self->process);
  g_clear_object (&self->process);
}

/* Takes over the sentence. */
static void
fail (FewCamera *self, char *problem)
{
  stop (self);
  g_free (self->problem);
  self->problem = problem;
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- records */

static void ask (FewCamera *self);

/* What a read began with, until it ends: the camera may be closed, and opened again, meanwhile. */
typedef struct
{
  FewCamera *camera; /* weak: who is let go of closes the camera */
  GCancellable *cancellable;
  guint8 *data; /* NULL: the head is read */
  FewFramesHead head;
} Reading;

static void
reading_free (Reading *reading)
{
  g_clear_weak_pointer (&reading->camera);
  g_object_unref (reading->cancellable);
  g_free (reading->data);
  g_free (reading);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reading, reading_free)

static void
take_frame (FewCamera *self, Reading *reading)
{
  g_clear_pointer (&self->frame, g_bytes_unref);
  self->frame = g_bytes_new_take (g_steal_pointer (&reading->data), reading->head.length);
  self->width = reading->head.width;
  self->height = reading->head.height;
  g_clear_pointer (&self->problem, g_free);
  g_signal_emit (self, signals[FRAME], 0);
  if (self->cancellable == reading->cancellable) /* nobody has closed it for that */
    ask (self);
}

static void
take_record (FewCamera *self, Reading *reading)
{
  g_autoptr (GError) error = NULL;
  if (reading->head.kind == FEW_FRAMES_FRAME)
    {
      take_frame (self, reading);
      return;
    }
  if (reading->head.kind != FEW_FRAMES_PROBLEM)
    {
      fail (self, g_strdup (_ ("The camera has gone.")));
      return;
    }
  const char *text = reading->data ? (const char *) reading->data : "";
  few_frames_fail (&reading->head, text, NULL, &error);
  fail (self, g_strdup (error->message));
}

static void read_more (Reading *reading, gpointer out, gsize size);

static void
ended_cb (GObject *process, GAsyncResult *result, gpointer user)
{
  g_autoptr (Reading) reading = user;
  g_autoptr (GError) error = NULL;
  g_autoptr (FewCamera) self = reading->camera ? g_object_ref (reading->camera) : NULL;
  gboolean ended = g_subprocess_wait_finish (G_SUBPROCESS (process), result, NULL);
  if (!self || self->cancellable != reading->cancellable)
    return; /* closed meanwhile */
  if (ended && !self->frame && few_frames_lacks_libraries (G_SUBPROCESS (process), &error))
    fail (self, g_strdup (error->message));
  else
    fail (self, g_strdup (_ ("The camera has gone, or what reads it broke down.")));
}

/* How it ended says why; what goes on, and says nothing that can be understood, is ended. */
static void
end_reading (FewCamera *self, Reading *reading)
{
  g_subprocess_force_exit (self->process);
  g_subprocess_wait_async (self->process, reading->cancellable, ended_cb, reading);
}

static void
read_cb (GObject *stream, GAsyncResult *result, gpointer user)
{
  g_autoptr (Reading) reading = user;
  g_autoptr (GError) error = NULL;
  g_autoptr (FewCamera) self = reading->camera ? g_object_ref (reading->camera) : NULL;
  gsize n = 0;
  gboolean ok = g_input_stream_read_all_finish (G_INPUT_STREAM (stream), result, &n, &error);
  gsize wanted = reading->data ? reading->head.length : sizeof reading->head;
  if (!self || self->cancellable != reading->cancellable)
    return; /* closed meanwhile */
  if (!ok || n < wanted || !few_frames_check (&reading->head))
    {
      end_reading (self, g_steal_pointer (&reading));
      return;
    }
  if (reading->data || reading->head.length == 0)
    {
      take_record (self, reading);
      return;
    }
  gsize length = reading->head.length;
  guint8 *data = reading->data = g_malloc (length + 1);
  data[length] = 0;
  read_more (g_steal_pointer (&reading), data, length);
}

static void
read_more (Reading *reading, gpointer out, gsize size)
{
  g_input_stream_read_all_async (g_subprocess_get_stdout_pipe (reading->camera->process), out, size,
                                 G_PRIORITY_DEFAULT, reading->cancellable, read_cb, reading);
}

/* For the frame that is the newest then. The byte finds room in the pipe: it is the only one. */
static void
ask (FewCamera *self)
{
  GOutputStream *wishes = g_subprocess_get_stdin_pipe (self->process);
  Reading *reading = g_new0 (Reading, 1);
  g_set_weak_pointer (&reading->camera, self);
  reading->cancellable = g_object_ref (self->cancellable);
  if (g_output_stream_write (wishes, "n", 1, NULL, NULL) != 1)
    g_debug ("what reads the camera has ended");
  read_more (reading, &reading->head, sizeof reading->head);
}

/* ---- opening */

static void
start (FewCamera *self, const char *source, int fd)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *side = g_strdup_printf ("%u", self->side);
  self->process =
      few_frames_spawn ((const char *const[]) { "camera", side, source, NULL }, fd, &error);
  if (!self->process)
    {
      fail (self, g_strdup (error->message));
      return;
    }
  ask (self);
}

/* A person who said no is not asked by another way. */
static void
portal_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user)
{
  g_autoptr (FewCamera) self = user;
  g_autoptr (GError) error = NULL;
  int fd = few_camera_portal_finish (result, &error);
  if (g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    {
      if (fd >= 0)
        g_close (fd, NULL);
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    fail (self, g_strdup (error->message));
  else
    start (self, fd >= 0 ? "fd" : "auto", fd);
}

void
few_camera_set_side (FewCamera *self, guint side)
{
  g_return_if_fail (FEW_IS_CAMERA (self) && side > 0);
  self->side = side;
}

void
few_camera_open (FewCamera *self)
{
  g_return_if_fail (FEW_IS_CAMERA (self));
  const char *named = g_getenv ("FEWSHOT_CAMERA");
  if (self->cancellable)
    return;
  self->cancellable = g_cancellable_new ();
  g_clear_pointer (&self->problem, g_free);
  g_clear_pointer (&self->frame, g_bytes_unref);
  g_signal_emit (self, signals[CHANGED], 0);
  if (named)
    start (self, named, -1);
  else
    few_camera_portal_ask (self->cancellable, portal_cb, g_object_ref (self));
}

void
few_camera_close (FewCamera *self)
{
  g_return_if_fail (FEW_IS_CAMERA (self));
  if (!self->cancellable)
    return;
  stop (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

gboolean
few_camera_is_open (FewCamera *self)
{
  g_return_val_if_fail (FEW_IS_CAMERA (self), FALSE);
  return self->cancellable != NULL;
}

GBytes *
few_camera_get_frame (FewCamera *self, guint *width, guint *height)
{
  g_return_val_if_fail (FEW_IS_CAMERA (self) && width && height, NULL);
  *width = self->width;
  *height = self->height;
  return self->frame;
}

const char *
few_camera_get_problem (FewCamera *self)
{
  g_return_val_if_fail (FEW_IS_CAMERA (self), NULL);
  return self->problem;
}

/* ---- life */

static void
few_camera_dispose (GObject *object)
{
  FewCamera *self = FEW_CAMERA (object);
  stop (self);
  g_clear_pointer (&self->frame, g_bytes_unref);
  g_clear_pointer (&self->problem, g_free);
  G_OBJECT_CLASS (few_camera_parent_class)->dispose (object);
}

static void
few_camera_class_init (FewCameraClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_camera_dispose;
  signal (SIGPIPE, SIG_IGN); /* of who has gone when it is asked; as GSocket has it */
  signals[FRAME] = g_signal_new ("frame", FEW_TYPE_CAMERA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
  signals[CHANGED] = g_signal_new ("changed", FEW_TYPE_CAMERA, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
few_camera_init (FewCamera *self)
{
  self->side = SIDE;
}

FewCamera *
few_camera_new (void)
{
  return g_object_new (FEW_TYPE_CAMERA, NULL);
}
