/* SPDX-License-Identifier: MIT */
/* A page is as wide as its lines are good to read, which is so many letters, not pixels. */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS
/* The sizes of the AdwClamp that a widget is in are for letters at 100 %: with larger ones it is as
 * much wider. */
void few_clamp_by_letters (GtkWidget *inside);
G_END_DECLS
