/* SPDX-License-Identifier: MIT */
/* The Models window, and what can be done with models, as actions of a window. */
#pragma once
#include "models/few-models.h"
#include "session/few-session.h"

void few_model_actions_install (GActionMap *window, FewSession *session, FewModels *models);
