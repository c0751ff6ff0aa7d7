/* SPDX-License-Identifier: MIT */
/* The tables behind the plots of a run, as actions of a window. */
#pragma once
#include "session/few-session.h"

void few_table_actions_install (GActionMap *window, FewSession *session);
