/* SPDX-License-Identifier: MIT */
/* The lines of Python that read an exported adapter. */
#pragma once
#include <glib.h>

/* `fewshot-cli snippet ADAPTER` prints it and tests/python/test_export.py runs it. Free with
 * g_free. */
char *few_python_snippet (const char *path);
