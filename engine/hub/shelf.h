/* SPDX-License-Identifier: MIT */
/* Where fetched models lie: MODELS/NAME/ with the files, fewshot-model.ini (the record of a
 * whole model) and, while it is fetched, fewshot-part.ini and FILE.part. */
#pragma once
#include <glib.h>

#define FEW_SHELF_RECORD "fewshot-model.ini"
#define FEW_SHELF_PART "fewshot-part.ini"
#define FEW_SHELF_LOCK ".lock"

/* An exclusive lock on a model's folder, made when there is none; −1 with no error when somebody
 * else holds it. close () lets go. */
int few_shelf_lock (const char *folder, GError **error);
/* Whether this program put the file there, or has begun to. */
gboolean few_shelf_owns (const char *folder, const char *file);
