/* SPDX-License-Identifier: MIT */
/* What a person can do with the camera on the page of pictures that are tried. */
#pragma once
#include "pages/try/few-live-pane.h"
#include "pages/try/few-try-page.h"

G_BEGIN_DECLS
void few_try_camera_install (GActionMap *window, FewSession *session, FewTryPage *page);
G_END_DECLS
