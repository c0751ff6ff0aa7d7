/* SPDX-License-Identifier: MIT */
/* A file that is either wholly there or not at all: written beside its name, fsynced, renamed. */
#pragma once
#include <glib.h>

typedef struct FewAtomicFile FewAtomicFile;

FewAtomicFile *few_atomic_file_new (const char *path, GError **error);
gboolean few_atomic_file_write (FewAtomicFile *file, gconstpointer data, gsize size,
                                GError **error);
/* Overwrites bytes already written (a header whose numbers are known last). */
gboolean few_atomic_file_rewrite (FewAtomicFile *file, goffset offset, gconstpointer data,
                                  gsize size, GError **error);
/* Renames into place. The old file survives every failure. Frees nothing: call free afterwards
 * in both cases. */
gboolean few_atomic_file_commit (FewAtomicFile *file, GError **error);
/* Removes the temporary file unless it was committed. */
void few_atomic_file_free (FewAtomicFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewAtomicFile, few_atomic_file_free)
