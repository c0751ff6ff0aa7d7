/* SPDX-License-Identifier: MIT */
/* What the classes of folders are called: UTF-8, and another name for each folder's name. */
#pragma once
#include <glib.h>

typedef struct FewClassNames FewClassNames;

FewClassNames *few_class_names_new (void);
void few_class_names_free (FewClassNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewClassNames, few_class_names_free)
/* The class of a folder's name (its bytes, not its path). A name that is not UTF-8 is read as
 * Windows-1252; one that another folder's has become already gets a number. */
const char *few_class_names_get (FewClassNames *names, const char *folder);
