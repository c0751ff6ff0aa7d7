/* SPDX-License-Identifier: MIT */
/* A heat map in colours, and laid over its picture as a PNG. One hue that covers the more the more
 * a place speaks for the class; of a difference a second hue, for what lost. Orange and blue are
 * told apart by people who see no red or green. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
/* Values [n] → premultiplied ARGB in the machine's order, as cairo's ARGB32. Without `diverging`
 * what is below 0 stays clear. The strongest value covers most; below FEW_HEAT_FAINT nats, in
 * measure. */
#define FEW_HEAT_FAINT 0.05
void few_heat_colours (const float *map, guint n, gboolean diverging, guint32 *argb);
/* The picture of the file, its longer side at most FEW_HEAT_SIDE, with the map [rows, columns] over
 * it. Any thread. */
enum { FEW_HEAT_SIDE = 1024 };
GBytes *few_heat_png (const char *path, const FewHeatInfo *info, const float *map,
                      gboolean diverging, GError **error);
/* "leaf.jpg – maple.png", with a number from 2 on, which no file system finds too long; free with
 * g_free. */
char *few_heat_name (const char *path, const char *class_name, guint number);
/* Writes that as DIR/PICTURE – CLASS.png, with a number where that name is taken, and returns its
 * path. DIR is there: few_folder_prepare. */
char *few_heat_save (const char *folder, const char *path, const char *class_name, GBytes *png,
                     GError **error);
G_END_DECLS
