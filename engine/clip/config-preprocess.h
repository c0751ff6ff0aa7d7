/* SPDX-License-Identifier: MIT */
/* Preprocessing in the configs of both kinds. */
#pragma once
#include <json-glib/json-glib.h>

/* Three numbers into `out`, which stays as it was where there are none; anything else sets *bad. */
void few_config_read_triplet (JsonObject *object, const char *member, double out[3],
                              const char **bad);
