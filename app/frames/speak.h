/* SPDX-License-Identifier: MIT */
/* Records of the protocol on standard output, and what GStreamer's messages mean in it. */
#pragma once
#include "common/frames-protocol.h"
#include <gst/gst.h>

/* Ends the program where nobody reads any more. */
void frames_say (FewFramesHead head, gconstpointer data);
void frames_say_problem (FewFramesProblem problem, const char *text);
/* A part of GStreamer that cannot be made, NULL after it was said. */
GstElement *frames_make (const char *factory);
/* The newest picture of a sample of RGB video; FALSE where there is none in it. */
gboolean frames_say_sample (GstSample *sample, gint64 time);
/* What has come on the bus. FALSE: a message ends everything, it was said why. `file`: something is
 * wrong with a file, or else with a camera. */
gboolean frames_hear (GstBus *bus, gboolean file);
/* Whether whoever started the program is still there. */
gboolean frames_are_wanted (void);
