/* SPDX-License-Identifier: MIT */
/* Taking a model away as a folder. */
#pragma once
#include "session/few-session.h"
#include <gio/gio.h>

void few_folder_actions_install (GActionMap *window, FewSession *session);
