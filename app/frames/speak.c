/* SPDX-License-Identifier: MIT */
/* Records as frames-protocol.h has them. */
#include "frames/speak.h"
#include <errno.h>
#include <gst/pbutils/pbutils.h>
#include <gst/video/video.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
write_all (gconstpointer data, gsize size)
{
  for (const guint8 *at = data; size > 0;)
    {
      gssize written = write (STDOUT_FILENO, at, size);
      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        _exit (1);
      at += written;
      size -= (gsize) written;
    }
}

void
frames_say (FewFramesHead head, gconstpointer data)
{
  head.magic = FEW_FRAMES_MAGIC;
  write_all (&head, sizeof head);
  write_all (data, head.length);
}

void
frames_say_problem (FewFramesProblem problem, const char *text)
{
  gsize length = strnlen (text, FEW_FRAMES_MOST_TEXT);
  frames_say (
      (FewFramesHead) { .kind = FEW_FRAMES_PROBLEM, .length = (guint32) length, .code = problem },
      text);
}

GstElement *
frames_make (const char *factory)
{
  GstElement *element = gst_element_factory_make (factory, NULL);
  if (!element)
    frames_say_problem (FEW_FRAMES_NO_ELEMENT, factory);
  return element;
}

gboolean
frames_say_sample (GstSample *sample, gint64 time)
{
  GstVideoInfo info;
  GstVideoFrame frame;
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  GstCaps *caps = gst_sample_get_caps (sample);
  if (!buffer || !caps || !gst_video_info_from_caps (&info, caps)
      || !gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ))
    return FALSE;
  gsize row = 3 * (gsize) GST_VIDEO_INFO_WIDTH (&info);
  guint height = (guint) GST_VIDEO_INFO_HEIGHT (&info);
  const guint8 *pixels = GST_VIDEO_FRAME_PLANE_DATA (&frame, 0);
  FewFramesHead head = { .magic = FEW_FRAMES_MAGIC,
                         .kind = FEW_FRAMES_FRAME,
                         .width = (guint32) GST_VIDEO_INFO_WIDTH (&info),
                         .height = height,
                         .time = time,
                         .length = (guint32) (row * height) };
  write_all (&head, sizeof head);
  for (guint y = 0; y < height; y++)
    write_all (pixels + (gsize) y * (gsize) GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0), row);
  gst_video_frame_unmap (&frame);
  return TRUE;
}

static gboolean
hear_element (GstMessage *message, gboolean file)
{
  if (!gst_is_missing_plugin_message (message))
    return FALSE;
  g_autofree char *what = gst_missing_plugin_message_get_description (message);
  const GstStructure *about = gst_message_get_structure (message);
  const GValue *caps = gst_structure_get_value (about, "detail");
  const char *kind =
      caps && GST_VALUE_HOLDS_CAPS (caps)
          ? gst_structure_get_name (gst_caps_get_structure (gst_value_get_caps (caps), 0))
          : "";
  if (file && !g_str_has_prefix (kind, "video/") && !g_str_equal (kind, "image/jpeg"))
    return FALSE; /* a sound, or no video at all, which is an error of its own */
  frames_say_problem (FEW_FRAMES_NO_DECODER, what);
  return TRUE;
}

/* What a file lacks is a stream that could be shown. */
static FewFramesProblem
judge_file (const GError *error)
{
  if (g_error_matches (error, GST_STREAM_ERROR, GST_STREAM_ERROR_CODEC_NOT_FOUND))
    return FEW_FRAMES_NO_PICTURE;
  return FEW_FRAMES_NOT_READ;
}

/* Whether it ends everything. */
static gboolean
hear_message (GstMessage *message, gboolean file)
{
  g_autoptr (GError) error = NULL;
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT)
    return hear_element (message, file);
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return FALSE;
  gst_message_parse_error (message, &error, NULL);
  frames_say_problem (file ? judge_file (error) : FEW_FRAMES_NOT_OPENED, error->message);
  return TRUE;
}

gboolean
frames_hear (GstBus *bus, gboolean file)
{
  for (GstMessage *message = gst_bus_pop (bus); message; message = gst_bus_pop (bus))
    {
      gboolean ends = hear_message (message, file);
      gst_message_unref (message);
      if (ends)
        return FALSE;
    }
  return TRUE;
}

gboolean
frames_are_wanted (void)
{
  struct pollfd in = { .fd = STDIN_FILENO };
  return poll (&in, 1, 0) <= 0 || !(in.revents & (POLLHUP | POLLERR | POLLNVAL));
}
