/* SPDX-License-Identifier: MIT */
/* What leaves the program: adapters, reports, tables of numbers, as actions of a window. */
#pragma once
#include "document/few-document.h"

/* The document gives reports their title. */
void few_export_actions_install (GActionMap *window, FewSession *session, FewDocument *document);
