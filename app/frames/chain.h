/* SPDX-License-Identifier: MIT */
/* What every picture goes through: scaled so that its longer side has a bound and its pixels are
 * square, made RGB, turned as its file says, handed over. */
#pragma once
#include <gst/gst.h>

typedef struct
{
  guint side;
  GstElement *scale, *size, *sink; /* the pipeline's */
  gboolean begun;                  /* a stream goes through */
  gboolean too_large;              /* it states more than anything is taken for; any thread */
} FramesChain;

/* FALSE: it was said what is missing. */
gboolean frames_chain_build (FramesChain *chain, GstBin *pipeline);
/* The first stream of pictures that the decoder gives goes through the chain. */
void frames_chain_follow (FramesChain *chain, GstElement *decoder);
