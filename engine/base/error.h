/* SPDX-License-Identifier: MIT */
/* Error sentences name the file, say what is wrong and, where there is something to do, what to
 * do. */
#pragma once
#include <fewshot/error.h>

/* The format is looked up in the language of the program: see base/words.h. */
#define few_fail(error, code, ...) few_fail_with ((error), FEW_ERROR_##code, __VA_ARGS__)
void few_fail_with (GError **error, FewError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Whether it is the device's fault, or it has too little memory: elsewhere it may be done. */
gboolean few_error_is_of_device (const GError *error);

typedef enum {
  FEW_FILE_CREATED,
  FEW_FILE_LISTED,
  FEW_FILE_LOCKED,
  FEW_FILE_OPENED,
  FEW_FILE_READ,
  FEW_FILE_REMOVED,
  FEW_FILE_WRITTEN,
} FewFileVerb;

/* A GLib file error as our sentence: "PATH could not be opened: No such file or directory". */
void few_fail_errno (GError **error, const char *path, FewFileVerb verb, int saved_errno);
/* The sentence alone: `shown` is the path as people read it. Free with g_free. */
char *few_file_sentence (FewFileVerb verb, const char *shown, const char *reason);
