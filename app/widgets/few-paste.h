/* SPDX-License-Identifier: MIT */
/* The clipboard's files or picture, for whatever page is in view. */
#pragma once
#include <gtk/gtk.h>

/* The window's action "paste"; what was pasted goes to "take (asb)", paths and TRUE. */
void few_paste_install (GActionMap *window);
