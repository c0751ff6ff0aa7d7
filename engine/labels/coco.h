/* SPDX-License-Identifier: MIT */
/* What the readers of COCO's classes and of its boxes go by. */
#pragma once
#include <json-glib/json-glib.h>

/* FALSE, with what is wrong with an entry of the list `what` in the file `name`. */
gboolean few_coco_fail (const char *name, const char *what, GError **error);
/* A list's element, with its id; NULL: it has none. */
JsonObject *few_coco_element (JsonArray *array, guint index, const char *member, gint64 *id);
