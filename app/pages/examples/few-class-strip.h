/* SPDX-License-Identifier: MIT */
/* The first pictures of each class, as a strip below its name. The UI thread only. */
#pragma once
#include "session/few-examples.h"
#include "widgets/few-thumbnails.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* A strip without pictures. */
GtkWidget *few_class_strip_new (FewThumbnails *thumbnails);
/* Fills the strips of a list, in the order of its rows; classes: FewClass, as the rows show them.
 * Where there are so many classes that a list is read rather than looked at, strips are hidden. */
void few_class_strips_fill (GPtrArray *strips, GListModel *classes, FewExamples *examples);
G_END_DECLS
