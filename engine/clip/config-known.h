/* SPDX-License-Identifier: MIT */
/* Members of a config that may be there. An unknown setting is refused, not passed over. */
#pragma once
#include <json-glib/json-glib.h>

/* Members that the engine reads, or that do not change what a finished model computes. */
typedef struct
{
  const char *member;
  const char *only; /* the one string that may stand there; NULL: any value */
} FewKnown;

/* Any member that is not in the list must be absent, null, false or empty. FALSE and an error that
 * names it and the file otherwise. */
gboolean few_config_check_known (JsonObject *object, const FewKnown *list, guint n,
                                 const char *file, GError **error);
