/* SPDX-License-Identifier: MIT */
/* Projects: open, save as, undo, redo, moved pictures, as actions of a window. */
#pragma once
#include "document/few-document.h"

void few_document_actions_install (GActionMap *window, FewSession *session, FewDocument *document);
