/* SPDX-License-Identifier: MIT */
/* Lines of a journal to and from JSON. */
#include "base/error.h"
#include "base/hex.h"
#include "base/json.h"
#include "metadata/journal.h"
#include "metadata/sidecar.h"
#include <string.h>

static const char HEAD[] = "fewshot-tags";
enum { JOURNAL_VERSION = 1 };

void
few_journal_entry_clear (FewJournalEntry *entry)
{
  g_free (entry->file);
  g_free (entry->was);
  g_free (entry->after);
  g_free (entry->text);
  g_clear_pointer (&entry->keywords, few_keywords_free);
}

/* ---- writing */

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

static char *
end_line (JsonBuilder *builder)
{
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

static void
add_keywords (JsonBuilder *builder, const FewKeywords *keywords)
{
  json_builder_set_member_name (builder, "lists");
  json_builder_begin_array (builder);
  for (guint l = 0; l < FEW_KEYWORD_LISTS; l++)
    {
      json_builder_begin_array (builder);
      for (guint i = 0; i < keywords->lists[l]->len; i++)
        json_builder_add_string_value (builder, keywords->lists[l]->pdata[i]);
      json_builder_end_array (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "marks");
  json_builder_begin_array (builder);
  for (guint i = 0; i < keywords->marks->len; i++)
    {
      const FewMark *mark = keywords->marks->pdata[i];
      json_builder_begin_array (builder);
      for (guint m = 0; m < FEW_MARK_MEMBERS; m++)
        json_builder_add_string_value (builder, mark->members[m]);
      json_builder_end_array (builder);
    }
  json_builder_end_array (builder);
}

char *
few_journal_entry_to_line (const FewJournalEntry *entry)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *uri = g_filename_to_uri (entry->file, NULL, NULL);
  json_builder_begin_object (builder);
  add_text (builder, "file", uri ? uri : "");
  json_builder_set_member_name (builder, "inside");
  json_builder_add_boolean_value (builder, entry->inside);
  if (entry->was)
    add_text (builder, "was", entry->was);
  add_text (builder, "after", entry->after);
  if (entry->text)
    {
      g_autofree char *packed = g_base64_encode ((const guchar *) entry->text, entry->length);
      add_text (builder, "text", packed);
    }
  if (entry->keywords)
    add_keywords (builder, entry->keywords);
  return end_line (builder);
}

char *
few_journal_head_to_line (const char *folder)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *uri = g_filename_to_uri (folder, NULL, NULL);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, HEAD);
  json_builder_add_int_value (builder, JOURNAL_VERSION);
  add_text (builder, "folder", uri ? uri : "");
  return end_line (builder);
}

/* ---- reading */

static const char *
string_at (JsonArray *array, guint index)
{
  JsonNode *node = json_array_get_element (array, index);
  gboolean is_string =
      JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
  return is_string ? json_node_get_string (node) : NULL;
}

static JsonArray *
array_at (JsonArray *array, guint index)
{
  JsonNode *node = json_array_get_element (array, index);
  return JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static gboolean
read_list (JsonArray *from, GPtrArray *list)
{
  guint n = from ? json_array_get_length (from) : 0;
  for (guint i = 0; i < n; i++)
    {
      const char *text = string_at (from, i);
      if (!text)
        return FALSE;
      g_ptr_array_add (list, g_strdup (text));
    }
  return from != NULL;
}

static gboolean
read_mark (JsonArray *from, FewMark *mark)
{
  if (!from || json_array_get_length (from) != FEW_MARK_MEMBERS)
    return FALSE;
  for (guint m = 0; m < FEW_MARK_MEMBERS; m++)
    {
      const char *text = string_at (from, m);
      if (!text)
        return FALSE;
      g_free (mark->members[m]);
      mark->members[m] = g_strdup (text);
    }
  return TRUE;
}

static FewKeywords *
read_keywords (JsonArray *lists, JsonArray *marks)
{
  g_autoptr (FewKeywords) keywords = few_keywords_new ();
  if (!lists || !marks || json_array_get_length (lists) != FEW_KEYWORD_LISTS)
    return NULL;
  for (guint l = 0; l < FEW_KEYWORD_LISTS; l++)
    if (!read_list (array_at (lists, l), keywords->lists[l]))
      return NULL;
  for (guint i = 0; i < json_array_get_length (marks); i++)
    {
      FewMark *mark = few_mark_new ();
      g_ptr_array_add (keywords->marks, mark);
      if (!read_mark (array_at (marks, i), mark))
        return NULL;
    }
  return g_steal_pointer (&keywords);
}

/* Base64 of a sidecar's text: what a sidecar cannot be is not put back. */
static gboolean
read_text (const char *packed, FewJournalEntry *entry)
{
  if (strlen (packed) > FEW_SIDECAR_MOST / 3 * 4 + 4)
    return FALSE;
  gsize length;
  g_autofree guchar *bytes = g_base64_decode (packed, &length);
  entry->text = g_malloc (length + 1);
  memcpy (entry->text, bytes, length);
  entry->text[length] = '\0';
  entry->length = length;
  return TRUE;
}

static gboolean
fill_entry (JsonObject *object, FewJournalEntry *entry)
{
  const char *bad = NULL;
  const char *uri = few_json_string (object, "file", NULL, &bad);
  const char *was = few_json_string (object, "was", NULL, &bad);
  const char *after = few_json_string (object, "after", NULL, &bad);
  const char *text = few_json_string (object, "text", NULL, &bad);
  entry->inside = few_json_bool (object, "inside", FALSE, &bad);
  entry->file = uri ? g_filename_from_uri (uri, NULL, NULL) : NULL;
  if (bad || !entry->file || !after || !few_hex_is_sha256 (after)
      || (was && !few_hex_is_sha256 (was)))
    return FALSE;
  entry->was = g_strdup (was);
  entry->after = g_strdup (after);
  if (entry->inside)
    entry->keywords = read_keywords (few_json_array (object, "lists", &bad),
                                     few_json_array (object, "marks", &bad));
  if (entry->inside)
    return entry->keywords != NULL && was != NULL;
  return (was != NULL) == (text != NULL) && (!text || read_text (text, entry));
}

gboolean
few_journal_entry_parse (const char *line, gsize length, const char *name, FewJournalEntry *entry,
                         GError **error)
{
  g_autoptr (JsonNode) root = few_json_parse (line, length, name, error);
  if (!root)
    return FALSE;
  if (fill_entry (json_node_get_object (root), entry))
    return TRUE;
  few_fail (error, FORMAT, "%s: a line is not what this version writes.", name);
  return FALSE;
}

char *
few_journal_head_parse (const char *line, gsize length, const char *name, GError **error)
{
  const char *bad = NULL;
  g_autoptr (JsonNode) root = few_json_parse (line, length, name, error);
  if (!root)
    return NULL;
  JsonObject *object = json_node_get_object (root);
  const char *uri = few_json_string (object, "folder", "", &bad);
  gint64 version = few_json_int (object, HEAD, 0, &bad);
  char *folder = !bad && version == JOURNAL_VERSION ? g_filename_from_uri (uri, NULL, NULL) : NULL;
  if (!folder)
    few_fail (error, FORMAT, "%s is not a journal of tags, or one of another version.", name);
  return folder;
}
