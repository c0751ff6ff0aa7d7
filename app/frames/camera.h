/* SPDX-License-Identifier: MIT */
/* Pictures of a camera, the newest one each time that one is asked for. */
#pragma once
#include <glib.h>

/* source: "auto", "fd", or a description of one. The program's exit status. */
int frames_camera (guint side, const char *source);
