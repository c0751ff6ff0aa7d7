/* SPDX-License-Identifier: MIT */
/* Files that we did not write, read and never mapped: what is cut off or taken away meanwhile is an
 * error, not a signal. Regular files alone: pipes, sockets and devices are refused without a
 * wait. */
#pragma once
#include <fewshot/file.h>
#include <sys/types.h>

/* The most that is read of what is small by its nature: records, configs, merges. */
enum { FEW_SMALL_FILE = 32 << 20 };

/* A regular file opened for reading. Reading is safe from any thread. */
typedef struct FewFile FewFile;

FewFile *few_file_open (const char *path, guint64 most, GError **error);
void few_file_free (FewFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewFile, few_file_free)
/* Bytes, when it was opened. */
guint64 few_file_size (const FewFile *file);
/* For messages. */
const char *few_file_shown (const FewFile *file);
int few_file_descriptor (const FewFile *file);
/* Which file it was, and in which state, when it was opened: device, inode, size, times of its
 * content and of itself. Free with g_free. */
char *few_file_state (const FewFile *file);
/* FALSE with a sentence when the file has been written or cut off since it was opened. */
gboolean few_file_check_unchanged (const FewFile *file, GError **error);
/* All of `size` bytes at `offset`, or an error that says that the file changed. */
gboolean few_file_read_at (const FewFile *file, gpointer out, gsize size, guint64 offset,
                           GError **error);

/* A descriptor of a regular file that is read and written in place (lock files, parts of
 * downloads): g_open's flags and mode. −1 with an error. */
int few_file_open_to_write (const char *path, int flags, int mode, GError **error);

/* A key file of ours, of at most FEW_SMALL_FILE bytes. */
gboolean few_file_load_keys (GKeyFile *keys, const char *path, GError **error);
/* Atomically. */
gboolean few_file_save_keys (GKeyFile *keys, const char *path, GError **error);

/* Where an atomic file is until it is committed, for a library that writes by name. */
typedef struct FewAtomicFile FewAtomicFile;
const char *few_atomic_file_temporary (const FewAtomicFile *file);

/* What it is instead of a regular file: "a folder", "a pipe" … */
const char *few_file_kind (mode_t mode);
