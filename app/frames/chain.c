/* SPDX-License-Identifier: MIT */
/* videoscale ! capsfilter ! videoconvert ! capsfilter ! videoflip ! appsink */
#include "frames/chain.h"
#include "frames/speak.h"
#include <gst/video/video.h>

enum { MOST_PIXELS = 200 * 1000 * 1000 };

/* Of pixels that are square, the longer at most `side`. */
static GstCaps *
choose_size (const GstVideoInfo *info, guint side)
{
  double width = GST_VIDEO_INFO_WIDTH (info) * (double) GST_VIDEO_INFO_PAR_N (info)
                 / MAX (GST_VIDEO_INFO_PAR_D (info), 1);
  double height = GST_VIDEO_INFO_HEIGHT (info);
  double factor = MIN (1, side / MAX (MAX (width, height), 1));
  return gst_caps_new_simple ("video/x-raw", "width", G_TYPE_INT, MAX (1, (int) (width * factor)),
                              "height", G_TYPE_INT, MAX (1, (int) (height * factor)),
                              "pixel-aspect-ratio", GST_TYPE_FRACTION, 1, 1, NULL);
}

/* Before the stream's first picture, and where its size changes. */
static GstPadProbeReturn
see_event_cb (GstPad *pad, GstPadProbeInfo *probe, gpointer user)
{
  FramesChain *chain = user;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (probe);
  GstVideoInfo info;
  GstCaps *caps;
  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;
  gst_event_parse_caps (event, &caps);
  if (!gst_video_info_from_caps (&info, caps))
    return GST_PAD_PROBE_OK;
  if ((gint64) GST_VIDEO_INFO_WIDTH (&info) * GST_VIDEO_INFO_HEIGHT (&info) > MOST_PIXELS)
    {
      g_atomic_int_set (&chain->too_large, TRUE);
      return GST_PAD_PROBE_DROP;
    }
  g_autoptr (GstCaps) size = choose_size (&info, chain->side);
  g_object_set (chain->size, "caps", size, NULL);
  return GST_PAD_PROBE_OK;
}

gboolean
frames_chain_build (FramesChain *chain, GstBin *pipeline)
{
  chain->scale = frames_make ("videoscale");
  chain->size = chain->scale ? frames_make ("capsfilter") : NULL;
  GstElement *convert = chain->size ? frames_make ("videoconvert") : NULL;
  GstElement *flip = convert ? frames_make ("videoflip") : NULL;
  chain->sink = flip ? frames_make ("appsink") : NULL;
  if (!chain->sink)
    return FALSE;
  g_autoptr (GstCaps) rgb = gst_caps_from_string ("video/x-raw, format=(string)RGB");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (chain->scale, "sink");
  g_object_set (chain->sink, "caps", rgb, NULL);
  gst_util_set_object_arg (G_OBJECT (flip), "video-direction", "auto"); /* as the file says */
  gst_bin_add_many (pipeline, chain->scale, chain->size, convert, flip, chain->sink, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, see_event_cb, chain, NULL);
  return gst_element_link_many (chain->scale, chain->size, convert, flip, chain->sink, NULL);
}

static void
pad_added_cb (GstElement *decoder, GstPad *pad, FramesChain *chain)
{
  g_autoptr (GstCaps) caps = gst_pad_query_caps (pad, NULL);
  g_autoptr (GstPad) sink = gst_element_get_static_pad (chain->scale, "sink");
  const char *kind = gst_structure_get_name (gst_caps_get_structure (caps, 0));
  if (g_str_has_prefix (kind, "video/x-raw") && !gst_pad_is_linked (sink))
    chain->begun = gst_pad_link (pad, sink) == GST_PAD_LINK_OK;
}

void
frames_chain_follow (FramesChain *chain, GstElement *decoder)
{
  g_signal_connect (decoder, "pad-added", G_CALLBACK (pad_added_cb), chain);
}
