/* SPDX-License-Identifier: MIT */
/* Classes and pictures as the records of a project. */
#pragma once
#include "session/few-picture.h"
#include <fewshot.h>
#include <gio/gio.h>

G_BEGIN_DECLS
/* Of FewClass and FewPicture; several: pictures may have any number of classes. The arrays are
 * those of FewProject and may be shared: nobody changes them. */
GPtrArray *few_records_of_classes (GListModel *classes);
GArray *few_records_of_pictures (GListModel *classes, const GPtrArray *pictures, gboolean several);
/* FewClass → its number. */
GHashTable *few_records_number_classes (GListModel *classes);
/* Behind those that there are, the records of n pictures from the first on. */
void few_records_add (GArray *records, GHashTable *numbers, const GPtrArray *pictures, guint first,
                      guint n, gboolean several);
/* The next records of those pictures, of which `records` has the first: so many at most. */
void few_records_add_pictures (GArray *records, GListModel *classes, const GPtrArray *pictures,
                               guint most, gboolean several);
void few_records_set_hash (FewProjectPicture *record, FewPicture *picture);
G_END_DECLS
