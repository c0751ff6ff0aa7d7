/* SPDX-License-Identifier: MIT */
/* Names of others inside Markdown. */
#pragma once
#include <glib.h>

/* On one line, with nothing in it that Markdown or HTML would obey; free with g_free. */
char *few_markdown_quote (const char *text);
