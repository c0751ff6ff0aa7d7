/* SPDX-License-Identifier: MIT */
/* For other programs and for readers: the project's labelled pictures as data sets, a card. */
#pragma once
#include "session/few-session.h"

G_BEGIN_DECLS
void few_others_actions_install (GActionMap *window, FewSession *session);
G_END_DECLS
