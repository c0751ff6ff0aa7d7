/* SPDX-License-Identifier: MIT */
/* Drops: files and folders are scanned by the worker, and what it found is added in slices that
 * leave the frames alone. The UI thread only.
 *
 * Signals
 *   imported (classes, pictures)   a drop was taken in */
#pragma once
#include "session/few-examples.h"

G_BEGIN_DECLS
#define FEW_TYPE_IMPORT (few_import_get_type ())
G_DECLARE_FINAL_TYPE (FewImport, few_import, FEW, IMPORT, GObject)

FewImport *few_import_new (FewDesk *desk, FewExamples *examples);
/* into: NULL for a class of each folder's own name. */
void few_import_begin (FewImport *self, const char *const *paths, FewClass *into);
/* TRUE while what was found is being added: the examples are not whole yet. */
gboolean few_import_is_adding (FewImport *self);
G_END_DECLS
