/* SPDX-License-Identifier: MIT */
/* filesrc ! decodebin, and behind it the chain: what is not wanted is dropped as soon as it is
 * decoded. */
#include "frames/video.h"
#include "frames/chain.h"
#include "frames/change.h"
#include "frames/speak.h"
#include <gst/app/app.h>
#include <math.h>

static const GstClockTime TURN = 100 * GST_MSECOND;
static const GstClockTime LOOK = 200 * GST_MSECOND; /* between pictures that are compared */
enum { OPENING = 150 };                             /* turns until a file shows something */

typedef struct
{
  const FramesWanted *wanted;
  FramesChain chain;
  FramesChange change;
  GstClockTime step;        /* between pictures that go through the chain */
  GstClockTime first, next; /* of the stream; the streaming thread's */
  int passed;               /* ms of it; atomic */
  int seen, said;           /* pictures that were decoded, atomic; by the last word */
  guint kept;
} Video;

/* ---- the streaming thread */

static GstPadProbeReturn
see_buffer_cb (GstPad *pad, GstPadProbeInfo *probe, gpointer user)
{
  Video *video = user;
  GstClockTime time = GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (probe));
  g_atomic_int_inc (&video->seen);
  if (!GST_CLOCK_TIME_IS_VALID (time)) /* as soon as one has a time of its own */
    return video->first == GST_CLOCK_TIME_NONE ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
  if (video->first == GST_CLOCK_TIME_NONE)
    video->first = video->next = time;
  GstClockTime into = MIN (time - MIN (time, video->first), FEW_FRAMES_MOST_TIME);
  g_atomic_int_set (&video->passed, (int) (into / GST_MSECOND));
  if (time < video->next)
    return GST_PAD_PROBE_DROP;
  video->next += ((time - video->next) / video->step + 1) * video->step;
  return GST_PAD_PROBE_OK;
}

/* ---- this thread */

static GstElement *
build (Video *video)
{
  GstElement *pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  GstElement *source = frames_make ("filesrc");
  GstElement *decoder = source ? frames_make ("decodebin") : NULL;
  /* of any features: libav's decoders name interlaced pictures, too */
  g_autoptr (GstCaps) raw = gst_caps_from_string ("video/x-raw(ANY)");
  if (!decoder || !frames_chain_build (&video->chain, GST_BIN (pipeline)))
    return NULL;
  g_object_set (source, "location", video->wanted->file, NULL);
  g_object_set (decoder, "caps", raw, "expose-all-streams", FALSE, NULL);
  g_object_set (video->chain.sink, "max-buffers", 2, "sync", FALSE, NULL);
  gst_bin_add_many (GST_BIN (pipeline), source, decoder, NULL);
  gst_element_link (source, decoder);
  frames_chain_follow (&video->chain, decoder);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (video->chain.scale, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, see_buffer_cb, video, NULL);
  return pipeline;
}

/* FALSE: it was said what is wrong. */
static gboolean
hear_bus (Video *video, GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  if (!frames_hear (bus, TRUE))
    return FALSE;
  if (!g_atomic_int_get (&video->chain.too_large))
    return TRUE;
  frames_say_problem (FEW_FRAMES_TOO_LARGE, "");
  return FALSE;
}

/* Until the first picture is there. */
static gboolean
open_file (Video *video, GstElement *pipeline)
{
  GstState state = GST_STATE_NULL;
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  for (guint turn = 0; turn < OPENING && frames_are_wanted (); turn++)
    {
      GstStateChangeReturn change = gst_element_get_state (pipeline, &state, NULL, TURN);
      if (!hear_bus (video, pipeline))
        return FALSE;
      if (change == GST_STATE_CHANGE_SUCCESS || change == GST_STATE_CHANGE_NO_PREROLL)
        return TRUE;
      if (change == GST_STATE_CHANGE_FAILURE)
        break;
    }
  frames_say_problem (FEW_FRAMES_NOT_READ, "");
  return FALSE;
}

static void
say_about (Video *video, GstElement *pipeline)
{
  gint64 duration = -1;
  g_autoptr (GstPad) pad = gst_element_get_static_pad (video->chain.scale, "sink");
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  int width = 0;
  int height = 0;
  if (caps)
    {
      gst_structure_get_int (gst_caps_get_structure (caps, 0), "width", &width);
      gst_structure_get_int (gst_caps_get_structure (caps, 0), "height", &height);
    }
  if (!gst_element_query_duration (pipeline, GST_FORMAT_TIME, &duration) || duration < 0
      || duration > FEW_FRAMES_MOST_TIME)
    duration = -1;
  frames_say ((FewFramesHead) { .kind = FEW_FRAMES_ABOUT,
                                .width = (guint32) width,
                                .height = (guint32) height,
                                .time = duration },
              NULL);
}

/* Silence is heard as that it hangs. */
static void
say_passed (Video *video)
{
  int seen = g_atomic_int_get (&video->seen);
  if (seen == video->said)
    return;
  video->said = seen;
  gint64 ms = g_atomic_int_get (&video->passed);
  frames_say ((FewFramesHead) { .kind = FEW_FRAMES_PASSED, .time = ms * (gint64) GST_MSECOND },
              NULL);
}

static void
take_sample (Video *video, GstSample *sample)
{
  GstClockTime time = GST_BUFFER_PTS (gst_sample_get_buffer (sample));
  gint64 at = GST_CLOCK_TIME_IS_VALID (time) && video->first != GST_CLOCK_TIME_NONE
                  ? (gint64) (time - MIN (time, video->first))
                  : 0;
  if (at > FEW_FRAMES_MOST_TIME
      || (video->wanted->changes && !frames_change_see (&video->change, sample)))
    return;
  video->kept += frames_say_sample (sample, at);
}

/* FALSE: it ended too soon, as was said. */
static gboolean
take_pictures (Video *video, GstElement *pipeline)
{
  GstAppSink *sink = GST_APP_SINK (video->chain.sink);
  gboolean ended = FALSE;
  while (!ended && video->kept < video->wanted->most)
    {
      g_autoptr (GstSample) sample = gst_app_sink_try_pull_sample (sink, TURN);
      ended = !sample && gst_app_sink_is_eos (sink);
      if (sample)
        take_sample (video, sample);
      if (!frames_are_wanted () || !hear_bus (video, pipeline))
        return FALSE;
      say_passed (video);
    }
  frames_say ((FewFramesHead) { .kind = FEW_FRAMES_END, .code = !ended }, NULL);
  return TRUE;
}

int
frames_video (const FramesWanted *wanted)
{
  double seconds = CLAMP (wanted->interval, .01, 1e6);
  Video video = { .wanted = wanted,
                  .chain = { .side = wanted->side },
                  .step = wanted->changes ? LOOK : (GstClockTime) (seconds * GST_SECOND),
                  .first = GST_CLOCK_TIME_NONE };
  g_autoptr (GstElement) pipeline = build (&video);
  if (!pipeline || !open_file (&video, pipeline))
    return 1;
  gboolean ok = video.chain.begun;
  if (!ok)
    frames_say_problem (FEW_FRAMES_NO_PICTURE, "");
  else
    say_about (&video, pipeline);
  if (ok && wanted->most > 0)
    {
      gst_element_set_state (pipeline, GST_STATE_PLAYING);
      ok = take_pictures (&video, pipeline);
    }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return !ok;
}
