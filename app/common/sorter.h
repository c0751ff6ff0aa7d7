/* SPDX-License-Identifier: MIT */
/* Copies pictures into one folder a class, below the folder of a FewSorter. Nothing is moved and
 * nothing is overwritten: a picture of another content gets a number, and what an earlier run has
 * copied is passed over, so that one that was stopped or killed can be done again. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS
/* One thread at a time; several may sort into one folder, each with its own. */
typedef struct FewSorter FewSorter;
FewSorter *few_sorter_new (const char *folder);
void few_sorter_free (FewSorter *sorter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewSorter, few_sorter_free)

typedef enum { FEW_SORT_FAILED, FEW_SORT_COPIED, FEW_SORT_THERE } FewSortOutcome;

/* THERE: an equal copy was there. The error's sentence is about the copy or its folder. */
FewSortOutcome few_sorter_copy (FewSorter *sorter, const char *path, const char *class_name,
                                GCancellable *cancellable, GError **error);
/* The same; *made gets what it is, or was, copied to: free with g_free. */
FewSortOutcome few_sorter_copy_to (FewSorter *sorter, const char *path, const char *class_name,
                                   char **made, GCancellable *cancellable, GError **error);
/* What an equal copy of it is called there, by its own name or a numbered one: free with g_free.
 * NULL: there is none. */
char *few_sorter_find (const FewSorter *sorter, const char *path, const char *class_name);
/* Symbolic links in the place of copies from here on. */
void few_sorter_set_link (FewSorter *sorter, gboolean link);
/* A class's name as the name of a folder. */
char *few_folder_name (const char *class_name);
/* Makes the folder where there is none, and removes what killed runs left half written in it. */
gboolean few_folder_prepare (const char *folder, GError **error);
G_END_DECLS
