/* SPDX-License-Identifier: MIT */
/* JSON objects with a few long lists: hundreds of thousands of elements as one tree take ten times
 * the room of their text, and all of it is given back at once, which holds whoever comes next. */
#pragma once
#include <json-glib/json-glib.h>

/* An array that is a member of the root, read some elements at a time. */
typedef struct
{
  const char *name;
  const char *at, *end; /* its text between the brackets; NULL: there is none, or no more */
} FewJsonList;

/* As few_json_parse, each list an empty one in the tree; they point into `data`. Of one that is
 * there twice it is the last. */
JsonNode *few_json_lists_parse (const char *data, gsize length, FewJsonList *lists, guint n,
                                const char *name, GError **error);
/* The next elements, up to n, as an array; NULL behind the last, or with an error. Free with
 * json_node_unref. */
JsonNode *few_json_list_take (FewJsonList *list, guint n, const char *name, GError **error);

/* One more array's elements behind those in `text`, which stands between the brackets of a list. */
void few_json_list_append (GString *text, JsonArray *elements);
/* The text of an object whose lists are empty, with these texts between their brackets. */
char *few_json_lists_fill (const char *data, FewJsonList *lists, GString *const *texts, guint n);
