/* SPDX-License-Identifier: MIT */
/* Pictures whose files are gone, found again by their content. The UI thread only.
 *
 * Signals
 *   searched ()   a search has ended, with or without finds */
#pragma once
#include "session/few-examples.h"

G_BEGIN_DECLS
#define FEW_TYPE_MISSING (few_missing_get_type ())
G_DECLARE_FINAL_TYPE (FewMissing, few_missing, FEW, MISSING, GObject)

FewMissing *few_missing_new (FewDesk *desk, FewExamples *examples);
guint few_missing_count (FewMissing *self);
/* Looks for them below a folder. */
void few_missing_locate (FewMissing *self, const char *folder);
/* The folder of the project file, or NULL: looked through once, when everything that can be read
 * is read. */
void few_missing_set_home (FewMissing *self, const char *folder);
G_END_DECLS
