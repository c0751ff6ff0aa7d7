/* SPDX-License-Identifier: MIT */
/* The language of the window and of the library's sentences. */
#pragma once
#include <glib.h>

/* Before GTK starts and before any thread: that of the environment, by the catalogues in
 * FEWSHOT_LOCALEDIR where that is set, else those that are installed. */
void few_language_begin (void);
