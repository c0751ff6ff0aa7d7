/* The names of a file of features in its metadata, where Python reads them at once; of many only the tensor holds them. */
#pragma once
#include <glib.h>

enum { FEW_EMBED_LISTED_NAMES = 10000 };
/* A JSON array of display names. */
char *few_embed_names_json (const char *const *names, guint n);
