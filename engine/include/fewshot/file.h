/* SPDX-License-Identifier: MIT */
/* Reading what somebody else wrote: for programs that take files of their own beside those that the
 * library reads. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

/* A whole file of at most `most` bytes. Only regular files are read: a pipe, a socket or a device
 * in their place is an error at once, never a wait. The result is closed by a zero byte that
 * *length (may be NULL) does not count; free with g_free. Any thread. */
FEW_API char *few_file_read (const char *path, gsize most, gsize *length, GError **error);

/* Writes beside the file's name, then renames: the old file survives every failure. A link is
 * written through; a folder, a pipe or a device is not replaced. */
FEW_API gboolean few_file_write (const char *path, const char *data, gsize size, GError **error);

/* Whether few_file_write could put a file there, as far as that can be known before: FALSE for a
 * folder, a pipe or a device, and where the folder is missing or may not be written. For whatever
 * takes long before it writes. */
FEW_API gboolean few_file_check_output (const char *path, GError **error);

/* Copies a regular file, and when it was changed, to a name that is not taken; G_IO_ERROR_EXISTS
 * where it is, even by somebody at the same moment. The copy is whole or not there. What a killed
 * copier leaves is for few_atomic_file_sweep_folder. Any thread. */
FEW_API gboolean few_file_copy (const char *from, const char *to, GCancellable *cancellable,
                                GError **error);

/* Removes a folder and everything below it; links are removed, not followed. 0, also where nothing
 * was there; else the errno of the first that is left. Any thread. */
FEW_API int few_folder_remove (const char *path);

/* Whether two regular files hold the same bytes; FALSE also when one cannot be read. Any thread. */
FEW_API gboolean few_file_is_same (const char *a, const char *b);

/* Whether a recursive JSON parser can take `length` bytes: UTF-8, no comments, nothing outside
 * its strings that JSON has no use for, nested at most 64 deep. `name` is used in messages. Any
 * thread. */
FEW_API gboolean few_json_check (const char *data, gsize length, const char *name, GError **error);

/* The text as a line of a terminal can hold it: what is not UTF-8, controls (escape sequences among
 * them), and characters that turn the writing direction become “\xNN” or “\u{NNNN}”. Free with
 * g_free. Any thread. */
FEW_API char *few_text_shown (const char *text);

G_END_DECLS
