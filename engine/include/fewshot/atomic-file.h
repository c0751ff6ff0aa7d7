/* SPDX-License-Identifier: MIT */
/* A file that is either wholly there or not at all: written beside its name as .NAME.few-XXXXXX,
 * fsynced, renamed. What a killed writer left there goes at the next write. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

typedef struct FewAtomicFile FewAtomicFile;

/* A link is written through; a folder, a pipe or a device in the file's place is not replaced. The
 * mode is the old file's, or what the umask leaves of 0666. */
FEW_API FewAtomicFile *few_atomic_file_new (const char *path, GError **error);
FEW_API gboolean few_atomic_file_write (FewAtomicFile *file, gconstpointer data, gsize size,
                                        GError **error);
/* Renames into place. The old file survives every failure. Frees nothing: call free afterwards
 * in both cases. */
FEW_API gboolean few_atomic_file_commit (FewAtomicFile *file, GError **error);
/* For a name that is not taken, and without looking for leftovers: who writes many files into a
 * folder sweeps it once. commit fails with G_IO_ERROR_EXISTS where the name is taken by then. */
FEW_API FewAtomicFile *few_atomic_file_new_only (const char *path, GError **error);
/* Removes what killed writers of this path left, as new does. */
FEW_API void few_atomic_file_sweep (const char *path);
/* The same of all paths in a folder. */
FEW_API void few_atomic_file_sweep_folder (const char *folder);
/* Removes the temporary file unless it was committed. */
FEW_API void few_atomic_file_free (FewAtomicFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewAtomicFile, few_atomic_file_free)

G_END_DECLS
