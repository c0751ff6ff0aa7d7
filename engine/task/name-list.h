/* SPDX-License-Identifier: MIT */
/* What the classes of folders are called: UTF-8, and another name for each folder's name. */
#pragma once
#include <glib.h>

typedef struct FewNameList FewNameList;

FewNameList *few_name_list_new (void);
void few_name_list_free (FewNameList *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewNameList, few_name_list_free)
/* The class of a folder's name (its bytes, not its path). A name that is not UTF-8 is read as
 * Windows-1252; one that another folder's has become already gets a number. */
const char *few_name_list_get (FewNameList *names, const char *folder);
