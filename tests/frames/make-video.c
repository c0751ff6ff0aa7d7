/* SPDX-License-Identifier: MIT */
/* make-video FILE KIND SECONDS: a video for tests, by the encoders of gstreamer1.0-plugins-base and
 * -good. FILE ends in .ogv (Theora), .webm or .mkv (VP8), .avi or .mov (JPEG), or .flv (by
 * gstreamer1.0-libav). KIND: "ball" moves;
 * "scenes" are SECONDS pictures that have nothing in common, a second each; "pipewire": no file,
 * but a camera of PipeWire's, for so long. */
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>

enum { RATE = 25 };

static const char *
find_encoder (const char *file)
{
  if (g_str_has_suffix (file, ".ogv"))
    return "theoraenc ! oggmux";
  if (g_str_has_suffix (file, ".webm"))
    return "vp8enc deadline=1 ! webmmux";
  if (g_str_has_suffix (file, ".mkv"))
    return "vp8enc deadline=1 ! matroskamux";
  if (g_str_has_suffix (file, ".flv"))
    return "avenc_flv ! flvmux";
  if (g_str_has_suffix (file, ".mov"))
    return "jpegenc ! qtmux";
  return "jpegenc ! avimux";
}

static char *
describe (const char *file, const char *kind, int seconds)
{
  static const char CAMERA[] = "videotestsrc is-live=true num-buffers=%d "
                               "! video/x-raw,format=YUY2,width=640,height=480,framerate=25/1 "
                               "! pipewiresink name=out mode=provide stream-properties="
                               "p,media.class=Video/Source,media.role=Camera";
  static const char *const patterns[] = { "smpte",    "checkers-8", "blue",    "circular",
                                          "gradient", "red",        "smpte75", "spokes" };
  static const char FORMAT[] = "video/x-raw,width=320,height=240,framerate=25/1";
  GString *text = g_string_new (NULL);
  if (g_str_equal (kind, "pipewire"))
    {
      g_string_append_printf (text, CAMERA, RATE * seconds);
      return g_string_free (text, FALSE);
    }
  if (!g_str_equal (kind, "scenes"))
    g_string_append_printf (text, "videotestsrc pattern=ball num-buffers=%d ! %s ! ",
                            RATE * seconds, FORMAT);
  else
    for (int i = 0; i < seconds; i++)
      g_string_append_printf (text, "videotestsrc pattern=%s num-buffers=%d ! %s ! c. ",
                              patterns[i % (int) G_N_ELEMENTS (patterns)], RATE, FORMAT);
  if (g_str_equal (kind, "scenes"))
    g_string_append (text, "concat name=c ! ");
  g_string_append_printf (text, "videoconvert ! %s ! filesink name=out", find_encoder (file));
  return g_string_free (text, FALSE);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc != 4)
    return 2;
  gst_init (NULL, NULL);
  g_autofree char *text = describe (argv[1], argv[2], atoi (argv[3]));
  g_autoptr (GstElement) pipeline = gst_parse_launch (text, &error);
  if (error)
    {
      fprintf (stderr, "%s: %s\n", text, error->message);
      return 1;
    }
  g_autoptr (GstElement) out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (out), "location"))
    g_object_set (out, "location", argv[1], NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message =
      gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  gboolean ok = message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return !ok;
}
