/* SPDX-License-Identifier: MIT */
/* source ! decodebin ! scaled RGB ! appsink, which keeps one picture and drops the others. */
#include "frames/camera.h"
#include "frames/chain.h"
#include "frames/speak.h"
#include <gst/app/app.h>
#include <errno.h>
#include <unistd.h>

/* The first camera that there is. */
static GstElement *
find_camera (void)
{
  g_autoptr (GstDeviceMonitor) monitor = gst_device_monitor_new ();
  gst_device_monitor_add_filter (monitor, "Video/Source", NULL);
  if (!gst_device_monitor_start (monitor))
    {
      frames_say_problem (FEW_FRAMES_NO_ELEMENT, "v4l2src");
      return NULL;
    }
  GList *devices = gst_device_monitor_get_devices (monitor);
  GstElement *source = devices ? gst_device_create_element (devices->data, NULL) : NULL;
  g_list_free_full (devices, gst_object_unref);
  gst_device_monitor_stop (monitor);
  if (!source)
    frames_say_problem (FEW_FRAMES_NO_CAMERA, "");
  return source;
}

static GstElement *
describe_source (const char *description)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *whole = g_strconcat (description, " ! identity", NULL); /* it may end in caps */
  GstElement *source = gst_parse_bin_from_description (whole, TRUE, &error);
  if (!source || error)
    frames_say_problem (FEW_FRAMES_NO_ELEMENT, error ? error->message : description);
  return error ? NULL : source;
}

static GstElement *
make_source (const char *name)
{
  if (g_str_equal (name, "auto"))
    return find_camera ();
  if (!g_str_equal (name, "fd"))
    return describe_source (name);
  GstElement *source = frames_make ("pipewiresrc");
  if (source)
    g_object_set (source, "fd", FEW_FRAMES_FD, NULL);
  return source;
}

/* A camera offers more than is looked at: what is larger is taken where there is nothing else. */
static GstElement *
make_bound (guint side)
{
  GstElement *filter = frames_make ("capsfilter");
  g_autofree char *text =
      g_strdup_printf ("video/x-raw, width=(int)[1,%u], height=(int)[1,%u]; "
                       "image/jpeg, width=(int)[1,%u], height=(int)[1,%u]; video/x-raw; image/jpeg",
                       side, side, side, side);
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);
  if (filter)
    g_object_set (filter, "caps", caps, NULL);
  return filter;
}

/* FALSE: there will be none. */
static gboolean
say_newest (GstAppSink *sink, GstBus *bus)
{
  const GstClockTime turn = 100 * GST_MSECOND;
  while (frames_hear (bus, FALSE) && frames_are_wanted ())
    {
      g_autoptr (GstSample) sample = gst_app_sink_try_pull_sample (sink, turn);
      if (sample)
        return frames_say_sample (sample, 0);
      if (gst_app_sink_is_eos (sink))
        {
          frames_say ((FewFramesHead) { .kind = FEW_FRAMES_END }, NULL);
          return FALSE;
        }
    }
  return FALSE;
}

/* One byte, one picture. */
static void
answer (GstAppSink *sink, GstBus *bus)
{
  char wish;
  for (;;)
    {
      gssize n = read (STDIN_FILENO, &wish, 1);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0 || !say_newest (sink, bus))
        return;
    }
}

int
frames_camera (guint side, const char *name)
{
  g_autoptr (GstElement) pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  GstElement *source = make_source (name);
  GstElement *bound = source ? make_bound (side) : NULL;
  GstElement *decoder = bound ? frames_make ("decodebin") : NULL;
  FramesChain chain = { .side = side };
  if (!decoder || !frames_chain_build (&chain, GST_BIN (pipeline)))
    return 1;
  g_object_set (chain.sink, "max-buffers", 1, "drop", TRUE, "sync", FALSE, NULL);
  gst_bin_add_many (GST_BIN (pipeline), source, bound, decoder, NULL);
  if (!gst_element_link_many (source, bound, decoder, NULL))
    {
      frames_say_problem (FEW_FRAMES_NOT_OPENED, "no picture of that size");
      return 1;
    }
  frames_chain_follow (&chain, decoder);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  answer (GST_APP_SINK (chain.sink), bus);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return 0;
}
