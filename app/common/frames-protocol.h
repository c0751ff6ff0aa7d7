/* SPDX-License-Identifier: MIT */
/* What fewshot-frames, the program that reads cameras and videos, says on its standard output: one
 * record after the other, each a head and the bytes that it counts. Both ends are of one build, on
 * one machine; whoever reads trusts nothing of it nevertheless, for a video may have been made to
 * take the program over. */
#pragma once
#include <glib.h>

typedef enum {
  FEW_FRAMES_ABOUT = 1, /* a video's width, height and time (how long; −1: not known) */
  FEW_FRAMES_FRAME,     /* width × height × 3 bytes RGB; time in the video */
  FEW_FRAMES_PASSED,    /* time: so far */
  FEW_FRAMES_END,       /* code: whether there was more than what was asked for */
  FEW_FRAMES_PROBLEM,   /* code: FewFramesProblem; its bytes are a text about it */
} FewFramesKind;

typedef enum {
  FEW_FRAMES_NO_CAMERA = 1,
  FEW_FRAMES_NOT_OPENED, /* the camera */
  FEW_FRAMES_NO_ELEMENT, /* the text names a part of GStreamer that is missing */
  FEW_FRAMES_NO_DECODER, /* the text says of what */
  FEW_FRAMES_NOT_READ,   /* the file is none, or broken */
  FEW_FRAMES_NO_PICTURE, /* the file has no video in it */
  FEW_FRAMES_TOO_LARGE,
} FewFramesProblem;

#define FEW_FRAMES_MOST_TIME (1000000 * G_GINT64_CONSTANT (1000000000)) /* ns: 11 days */

enum {
  FEW_FRAMES_MAGIC = 0x66657766,
  FEW_FRAMES_MOST_SIDE = 4096, /* pixels of what is handed over */
  FEW_FRAMES_MOST_TEXT = 4096, /* bytes of a text */
};

typedef struct
{
  guint32 magic, kind, width, height;
  gint64 time; /* ns */
  guint32 length, code;
} FewFramesHead;

/* A camera's frame is asked for by one byte on standard input, and is the newest one then; the end
 * of standard input ends the program.
 *
 *   fewshot-frames camera SIDE auto | fd | description of a source as gst-launch-1.0 reads it
 *   fewshot-frames about FILE
 *   fewshot-frames every SECONDS MOST SIDE FILE
 *   fewshot-frames changes MOST SIDE FILE
 *
 * SIDE: pixels of the longer side at most; MOST: frames; fd: PipeWire's, which is descriptor
 * FEW_FRAMES_FD. */
enum { FEW_FRAMES_FD = 3 };
