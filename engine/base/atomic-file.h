/* SPDX-License-Identifier: MIT */
/* A file that is either wholly there or not at all: written beside its name as .NAME.few-XXXXXX,
 * fsynced, renamed. What a killed writer left there goes at the next write. */
#pragma once
#include <glib.h>

typedef struct FewAtomicFile FewAtomicFile;

/* A link is written through; a folder, a pipe or a device in the file's place is not replaced. The
 * mode is the old file's, or what the umask leaves of 0666. */
FewAtomicFile *few_atomic_file_new (const char *path, GError **error);
gboolean few_atomic_file_write (FewAtomicFile *file, gconstpointer data, gsize size,
                                GError **error);
/* Renames into place. The old file survives every failure. Frees nothing: call free afterwards
 * in both cases. */
gboolean few_atomic_file_commit (FewAtomicFile *file, GError **error);
/* Removes what killed writers of this path left, as new does. */
void few_atomic_file_sweep (const char *path);
/* Removes the temporary file unless it was committed. */
void few_atomic_file_free (FewAtomicFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewAtomicFile, few_atomic_file_free)
