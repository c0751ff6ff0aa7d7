/* SPDX-License-Identifier: MIT */
/* The first pictures of each class, as a strip below its name. The UI thread only. */
#pragma once
#include "session/few-examples.h"
#include "widgets/few-thumbnails.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* A strip without pictures. */
GtkWidget *few_class_strip_new (FewThumbnails *thumbnails);
/* FewClass → GPtrArray of FewPicture, of those that can be shown. Where there are so many classes
 * that a list is read rather than looked at: NULL. Free with g_hash_table_unref. */
GHashTable *few_class_strip_collect (FewExamples *examples);
/* FewPicture; NULL: it is hidden. */
void few_class_strip_fill (GtkWidget *strip, GPtrArray *pictures);
G_END_DECLS
