/* SPDX-License-Identifier: MIT */
/* What a GdkFileList, dropped or pasted, names on this computer, and one to be given away. */
#pragma once
#include <gtk/gtk.h>

/* The local paths; free with g_strfreev. */
char **few_file_list_get_paths (const GValue *files);
/* FewPicture * as files, as a file manager takes them. */
GdkContentProvider *few_file_list_create_content (GPtrArray *pictures);
