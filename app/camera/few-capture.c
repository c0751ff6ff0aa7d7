/* SPDX-License-Identifier: MIT */
/* A job a frame; each has what it needs, and outlives its capture. */
#include "camera/few-capture.h"
#include "common/frame-file.h"
#include "common/sorter.h"

struct FewCapture
{
  char *folder, *serial;
};

typedef struct
{
  GBytes *rgb;
  guint width, height;
  gint64 time; /* µs since 1970 */
  char *folder, *serial;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;
  g_bytes_unref (job->rgb);
  g_free (job->folder);
  g_free (job->serial);
  g_free (job);
}

FewCapture *
few_capture_new (const char *name)
{
  FewCapture *capture = g_new (FewCapture, 1);
  g_autofree char *pictures = few_pictures_folder ();
  g_autofree char *own = few_folder_name (name ? name : "camera");
  capture->folder = g_build_filename (pictures, own, NULL);
  capture->serial = g_strdup_printf ("%08x%08x", g_random_int (), g_random_int ());
  return capture;
}

void
few_capture_free (FewCapture *capture)
{
  g_free (capture->folder);
  g_free (capture->serial);
  g_free (capture);
}

const char *
few_capture_get_folder (const FewCapture *capture)
{
  g_return_val_if_fail (capture, NULL);
  return capture->folder;
}

static void
write_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data,
                 GCancellable *cancellable G_GNUC_UNUSED)
{
  const Job *job = data;
  GError *error = NULL;
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (job->time / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = g_date_time_to_local (utc);
  g_autofree char *stamp = g_date_time_format (local, "%Y-%m-%d %H-%M-%S");
  g_autofree char *name = g_strdup_printf ("%s.%03u", stamp, (guint) (job->time / 1000 % 1000));
  const FewFrameSource from = {
    .model = "camera", .serial = job->serial, .description = "camera", .time = job->time
  };
  char *path = few_frame_write (g_bytes_get_data (job->rgb, NULL), job->width, job->height,
                                job->folder, name, &from, NULL, &error);
  if (path)
    g_task_return_pointer (task, path, g_free);
  else
    g_task_return_error (task, error);
}

gboolean
few_capture_take (FewCapture *capture, FewCamera *camera, GAsyncReadyCallback done, GObject *object,
                  gpointer user)
{
  g_return_val_if_fail (capture && FEW_IS_CAMERA (camera) && G_IS_OBJECT (object), FALSE);
  guint width, height;
  GBytes *frame = few_camera_get_frame (camera, &width, &height);
  if (!frame)
    return FALSE;
  Job *job = g_new (Job, 1);
  *job = (Job) {
    g_bytes_ref (frame),       width, height, g_get_real_time (), g_strdup (capture->folder),
    g_strdup (capture->serial)
  };
  g_autoptr (GTask) task = g_task_new (object, NULL, done, user);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, write_in_thread);
  return TRUE;
}

char *
few_capture_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
