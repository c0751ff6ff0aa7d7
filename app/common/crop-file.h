/* SPDX-License-Identifier: MIT */
/* A part of a picture as a file of its own, for programs that know no boxes. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
/* A PNG in the folder, named as the picture is with its box behind it, at the picture's own
 * resolution. Its path, to be freed with g_free. */
char *few_crop_file_write (const char *address, const char *folder, GError **error);
G_END_DECLS
