/* SPDX-License-Identifier: MIT */
/* What a camera shows, seen through what is in view, CLIP or an adapter: the newest frame each time
 * that the worker is free, so that the answer is never of long ago. The UI thread only.
 *
 * Signals
 *   answer ()   few_live_get_trial says something new, of a frame or because α moved */
#pragma once
#include "camera/few-camera.h"
#include "session/few-session.h"

G_BEGIN_DECLS
#define FEW_TYPE_LIVE (few_live_get_type ())
G_DECLARE_FINAL_TYPE (FewLive, few_live, FEW, LIVE, GObject)

FewLive *few_live_new (FewSession *session, FewCamera *camera);
/* The last answer; it waits before the first. Its picture is no file. */
FewTrial *few_live_get_trial (FewLive *self);
/* Answers a second, of the last second; NAN: not yet. */
double few_live_get_rate (FewLive *self);
/* Why there is no answer; NULL: there is one, or one is awaited. */
const char *few_live_get_problem (FewLive *self);
G_END_DECLS
