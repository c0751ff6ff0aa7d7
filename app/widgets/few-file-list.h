/* SPDX-License-Identifier: MIT */
/* What a GdkFileList, dropped or pasted, names on this computer. */
#pragma once
#include <gtk/gtk.h>

/* The local paths; free with g_strfreev. */
char **few_file_list_get_paths (const GValue *files);
