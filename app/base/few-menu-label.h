/* SPDX-License-Identifier: MIT */
/* Names in menus. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
/* What a menu shows as `name`: in its labels, _ marks the letter that is a key, and is not seen. */
char *few_menu_label (const char *name);
G_END_DECLS
