/* SPDX-License-Identifier: MIT */
/* Error sentences name the file, say what is wrong and, where there is something to do, what to
 * do. */
#pragma once
#include <fewshot/error.h>

#define few_fail(error, code, ...) g_set_error ((error), FEW_ERROR, FEW_ERROR_##code, __VA_ARGS__)

/* A GLib file error as our sentence: "PATH could not be opened: No such file or directory". */
void few_fail_errno (GError **error, const char *path, const char *verb, int saved_errno);
