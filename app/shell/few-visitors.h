/* SPDX-License-Identifier: MIT */
/* Pictures and folders that somebody hands to the program from outside, by a file manager's Open
 * With or over D-Bus: they are tried. The UI thread only. */
#pragma once
#include "shell/few-window.h"

G_BEGIN_DECLS
/* On the page Try, as soon as the window's project and its model are there. */
void few_visitors_try (FewWindow *window, const char *const *paths);
G_END_DECLS
