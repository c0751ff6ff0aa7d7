/* SPDX-License-Identifier: MIT */
/* JSON from files we did not write: size and nesting are checked before json-glib sees a byte. */
#pragma once
#include <json-glib/json-glib.h>

/* The most that is parsed. */
enum { FEW_JSON_MOST = 128 << 20 };

/* Parses `length` bytes; `name` is used in messages. The caller frees the node with
 * json_node_unref. The root is an object. */
JsonNode *few_json_parse (const char *data, gsize length, const char *name, GError **error);
/* So of a text that few_json_check has passed, with any root. placed: what is wrong is said with
 * its line; that of a piece of a file is not the file's. */
JsonNode *few_json_parse_checked (const char *data, gsize length, gboolean placed, const char *name,
                                  GError **error);
/* Reads and parses a file of at most 128 MB. */
JsonNode *few_json_load (const char *path, GError **error);

/* Members with a fallback; a member of the wrong type sets *bad to its name (once) and gives the
 * fallback. */
gint64 few_json_int (JsonObject *object, const char *member, gint64 fallback, const char **bad);
double few_json_double (JsonObject *object, const char *member, double fallback, const char **bad);
gboolean few_json_bool (JsonObject *object, const char *member, gboolean fallback,
                        const char **bad);
const char *few_json_string (JsonObject *object, const char *member, const char *fallback,
                             const char **bad);
/* NULL when absent, null or not an object (then *bad is set). */
JsonObject *few_json_object (JsonObject *object, const char *member, const char **bad);
/* NULL when absent or null; *bad when not an array. */
JsonArray *few_json_array (JsonObject *object, const char *member, const char **bad);
/* FALSE: it does not hold n numbers and nothing else. */
gboolean few_json_numbers (JsonArray *array, double *numbers, guint n);
