/* SPDX-License-Identifier: MIT */
/* fewshot-frames: pictures of a camera or a video to whoever started it. GStreamer and what decodes
 * a stranger's file run here and nowhere else, with as little as they need; where they break down,
 * this program does. */
#include "frames/camera.h"
#include "frames/decoders.h"
#include "frames/video.h"
#include <gst/gst.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* No new privileges, no core, no files written, memory with a bound. */
static void
give_up (void)
{
  const struct rlimit none = { 0, 0 };
  const struct rlimit room = { (rlim_t) 6 << 30, (rlim_t) 6 << 30 }; /* bytes of addresses */
  signal (SIGXFSZ, SIG_IGN); /* who tries to write a file hears that it cannot */
  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  setrlimit (RLIMIT_CORE, &none);
  setrlimit (RLIMIT_FSIZE, &none);
  setrlimit (RLIMIT_AS, &room);
}

static int
show_usage (void)
{
  g_printerr ("fewshot-frames is started by Fewshot; see app/common/frames-protocol.h.\n");
  return 2;
}

static guint
take_number (const char *text)
{
  return (guint) CLAMP (g_ascii_strtoll (text, NULL, 10), 1, 1 << 20);
}

int
main (int argc, char **argv)
{
  if (argc < 3)
    return show_usage ();
  gst_init (NULL, NULL);
  if (g_str_equal (argv[1], "camera") && argc == 4)
    return frames_camera (take_number (argv[2]), argv[3]);
  frames_allow_decoders ();
  give_up ();
  if (g_str_equal (argv[1], "about") && argc == 3)
    return frames_video (&(FramesWanted) { .file = argv[2], .side = 64 });
  if (g_str_equal (argv[1], "every") && argc == 6)
    return frames_video (&(FramesWanted) { .file = argv[5],
                                           .interval = g_ascii_strtod (argv[2], NULL),
                                           .most = take_number (argv[3]),
                                           .side = take_number (argv[4]) });
  if (g_str_equal (argv[1], "changes") && argc == 5)
    return frames_video (&(FramesWanted) { .file = argv[4],
                                           .changes = TRUE,
                                           .most = take_number (argv[2]),
                                           .side = take_number (argv[3]) });
  return show_usage ();
}
