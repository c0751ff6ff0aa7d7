/* SPDX-License-Identifier: MIT */
/* Long lists, cut out of the text of the object that they are in. */
#include "base/json-lists.h"
#include "base/error.h"
#include "base/json-scan.h"
#include "base/json.h"
#include "base/words.h"
#include <fewshot/file.h>
#include <string.h>

/* ---- where they are */

static FewJsonList *
list_of (FewJsonList *lists, guint n, const char *name)
{
  for (guint i = 0; i < n; i++)
    if (g_str_equal (lists[i].name, name))
      return &lists[i];
  return NULL;
}

/* Past the value of a member, which may be such a list. */
static void
pass_value (FewJsonScan *scan, FewJsonList *list)
{
  gboolean is_array = few_json_scan_peek (scan) == '[';
  const char *start = scan->at + 1;
  if (!few_json_scan_skip (scan) || !list)
    return;
  const char *end = scan->at;
  while (g_ascii_isspace (end[-1]))
    end--;
  is_array = is_array && end[-1] == ']';
  list->at = is_array ? start : NULL;
  list->end = is_array ? end - 1 : NULL;
}

/* Where the lists are in the text of an object; FALSE where it is damaged. */
static gboolean
find_lists (const char *data, gsize length, FewJsonList *lists, guint n, const char *name,
            GError **error)
{
  FewJsonScan scan;
  g_autoptr (GString) key = g_string_new (NULL);
  few_json_scan_init (&scan, data, length);
  if (few_json_scan_peek (&scan) != '{')
    {
      few_fail (error, FORMAT, "%s does not hold a JSON object.", name);
      return FALSE;
    }
  few_json_scan_enter (&scan, '{');
  while (!scan.fault && few_json_scan_more (&scan) && few_json_scan_key (&scan, key))
    pass_value (&scan, list_of (lists, n, key->str));
  if (few_json_scan_finish (&scan))
    return TRUE;
  few_fail (error, FORMAT, "%s is not usable JSON: %s.", name, _ (scan.fault));
  return FALSE;
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const FewJsonList *first = *(const FewJsonList *const *) a;
  const FewJsonList *second = *(const FewJsonList *const *) b;
  return (first->at > second->at) - (first->at < second->at);
}

/* Those that are there, as the text has them. */
static GPtrArray *
sort_lists (FewJsonList *lists, guint n)
{
  GPtrArray *sorted = g_ptr_array_new ();
  for (guint i = 0; i < n; i++)
    if (lists[i].at)
      g_ptr_array_add (sorted, &lists[i]);
  g_ptr_array_sort (sorted, compare_places);
  return sorted;
}

/* The text with these between the brackets of its lists in the place of what is there; texts: NULL,
 * with nothing. */
static GString *
replace_lists (const char *data, gsize length, FewJsonList *lists, GString *const *texts, guint n)
{
  g_autoptr (GPtrArray) sorted = sort_lists (lists, n);
  const char *from = data;
  gsize more = 0;
  for (guint i = 0; texts && i < n; i++)
    more += texts[i]->len;
  GString *whole = g_string_sized_new (texts ? length + more + 1 : 0);
  for (guint i = 0; i < sorted->len; i++)
    {
      const FewJsonList *list = sorted->pdata[i];
      const GString *text = texts ? texts[list - lists] : NULL;
      g_string_append_len (whole, from, list->at - from);
      if (text)
        g_string_append_len (whole, text->str, (gssize) text->len);
      from = list->end;
    }
  return g_string_append_len (whole, from, data + length - from);
}

/* ---- reading */

JsonNode *
few_json_lists_parse (const char *data, gsize length, FewJsonList *lists, guint n, const char *name,
                      GError **error)
{
  if (!few_json_check (data, length, name, error)
      || !find_lists (data, length, lists, n, name, error))
    return NULL;
  g_autoptr (GString) around = replace_lists (data, length, lists, NULL, n);
  return few_json_parse_checked (around->str, around->len, FALSE, name, error);
}

/* Past up to n elements: where their text begins and ends; its last one is the list's last where
 * the list has none left. */
static gboolean
pass_elements (FewJsonList *list, guint n, const char **from, const char **to, const char **fault)
{
  FewJsonScan scan = { .at = list->at, .end = list->end + 1, .depth = 1 };
  *from = *to = NULL;
  list->at = NULL;
  for (guint i = 0; i < n; i++)
    {
      if (!few_json_scan_more (&scan))
        {
          /* a bracket within the list that closes it is none of its own */
          if (!scan.fault && scan.at != list->end + 1)
            scan.fault = N_ ("a comma or a bracket is missing");
          break;
        }
      few_json_scan_peek (&scan);
      const char *start = scan.at;
      few_json_scan_skip (&scan);
      if (!scan.fault && scan.at == start)
        scan.fault = N_ ("a value is missing");
      *from = *from ? *from : start;
      *to = scan.at;
      list->at = i + 1 == n ? scan.at : NULL;
    }
  *fault = scan.fault;
  return !scan.fault;
}

JsonNode *
few_json_list_take (FewJsonList *list, guint n, const char *name, GError **error)
{
  const char *from = NULL;
  const char *to = NULL;
  const char *fault = NULL;
  if (!list->at)
    return NULL;
  if (!pass_elements (list, n, &from, &to, &fault))
    {
      few_fail (error, FORMAT, "%s is not usable JSON: %s.", name, _ (fault));
      return NULL;
    }
  if (!from)
    return NULL;
  g_autoptr (GString) text = g_string_sized_new ((gsize) (to - from) + 2);
  g_string_append_c (text, '[');
  g_string_append_len (text, from, to - from);
  g_string_append_c (text, ']');
  return few_json_parse_checked (text->str, text->len, FALSE, name, error);
}

/* ---- writing */

void
few_json_list_append (GString *text, JsonArray *elements)
{
  if (json_array_get_length (elements) == 0)
    return;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  json_node_set_array (node, elements);
  g_autofree char *piece = json_to_string (node, FALSE);
  if (text->len > 0)
    g_string_append_c (text, ',');
  g_string_append_len (text, piece + 1, (gssize) strlen (piece) - 2);
}

char *
few_json_lists_fill (const char *data, FewJsonList *lists, GString *const *texts, guint n)
{
  gsize length = strlen (data);
  if (!find_lists (data, length, lists, n, "", NULL))
    g_return_val_if_reached (NULL); /* it is ours */
  return g_string_free (replace_lists (data, length, lists, texts, n), FALSE);
}
