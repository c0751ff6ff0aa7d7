/* SPDX-License-Identifier: MIT */
/* Rows of JSON: objects with the names of columns, a line or an element each; a picture's name to
 * its class; COCO's annotations; CoOp's splits. */
#include "base/json.h"
#include "base/error.h"
#include "base/words.h"
#include "labels/coco.h"
#include "labels/rows.h"
#include <fewshot/file.h>
#include <string.h>

/* ---- objects with the names of columns */

/* The best member for that; NULL: none. lists: it may be an array. */
static JsonNode *
find_member (JsonObject *object, FewLabelField field, gboolean lists)
{
  g_autoptr (GList) names = json_object_get_members (object);
  guint best = 0;
  JsonNode *found = NULL;
  for (const GList *l = names; l; l = l->next)
    {
      guint rank = few_label_field_rank (l->data, field);
      JsonNode *node = json_object_get_member (object, l->data);
      if (lists && few_label_is_plural (l->data))
        rank = G_MAXUINT;
      gboolean fits = JSON_NODE_HOLDS_VALUE (node) || (lists && JSON_NODE_HOLDS_ARRAY (node));
      if (rank <= best || !fits)
        continue;
      best = rank;
      found = node;
    }
  return found;
}

/* A string, or a whole number as its digits; NULL for anything else. Free with g_free. */
static char *
text_of (JsonNode *node)
{
  GType type = node && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_NONE;
  if (type == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  if (type == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  return NULL;
}

/* An array of them; NULL: it is none, or holds something else. */
static char **
texts_of (JsonNode *node)
{
  if (!node || !JSON_NODE_HOLDS_ARRAY (node))
    return NULL;
  JsonArray *array = json_node_get_array (node);
  guint n = json_array_get_length (array);
  g_auto (GStrv) texts = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    if (!(texts[i] = text_of (json_array_get_element (array, i))))
      return NULL;
  return g_steal_pointer (&texts);
}

static JsonNode *
find_box (JsonObject *object)
{
  g_autoptr (GList) names = json_object_get_members (object);
  for (const GList *l = names; l; l = l->next)
    {
      JsonNode *node = json_object_get_member (object, l->data);
      if (few_label_field_rank (l->data, FEW_LABEL_BOX) > 0 && !JSON_NODE_HOLDS_NULL (node))
        return node;
    }
  return NULL;
}

/* A string as in a table, or an array of four numbers. FALSE: it is no box inside a picture. */
static gboolean
read_box (JsonNode *node, FewCrop *crop)
{
  double box[4];
  g_autofree char *text = node && JSON_NODE_HOLDS_VALUE (node) ? text_of (node) : NULL;
  if (!node || text)
    return few_label_box_parse (text ? text : "", crop);
  return JSON_NODE_HOLDS_ARRAY (node) && few_json_numbers (json_node_get_array (node), box, 4)
         && few_crop_init (crop, box[0], box[1], box[2], box[3]);
}

static gboolean
add_object (FewLabelRows *rows, JsonObject *object, guint line, GError **error)
{
  JsonNode *label = find_member (object, FEW_LABEL_CLASS, rows->any);
  g_autofree char *path = text_of (find_member (object, FEW_LABEL_PATH, FALSE));
  g_autofree char *class = text_of (label);
  g_auto (GStrv) classes = texts_of (label);
  g_autofree char *role = text_of (find_member (object, FEW_LABEL_ROLE, FALSE));
  FewLabelRow row = {
    .path = path, .class = class, .classes = classes, .number = -1, .line = line
  };
  if (!path)
    {
      few_label_rows_leave_out (rows,
                                g_strdup_printf (_ ("Entry %u of %s names no picture (“path”, "
                                                    "“file_name” …) and is left out."),
                                                 line, rows->name));
      return TRUE;
    }
  if (role && !few_label_role_parse (role, &row.role))
    {
      few_label_rows_leave_out (
          rows, g_strdup_printf (_ ("Entry %u of %s is for “%.40s”, which is "
                                    "neither training, validation nor testing, and is left out."),
                                 line, rows->name, role));
      return TRUE;
    }
  if (!read_box (find_box (object), &row.crop))
    {
      few_label_rows_leave_out (
          rows, g_strdup_printf (_ ("Entry %u of %s has a “box” that is not x, y, width and height "
                                    "inside the picture as shares of its sides, 0 to 1, and is "
                                    "left out."),
                                 line, rows->name));
      return TRUE;
    }
  rows->has_roles |= role != NULL;
  return few_label_rows_add (rows, &row, error);
}

gboolean
few_labels_read_json_lines (FewLabelRows *rows, const char *text, gsize length, GError **error)
{
  const char *end = text + length;
  guint line = 1;
  for (const char *at = text; at < end; line++)
    {
      const char *stop = memchr (at, '\n', (gsize) (end - at));
      gsize n = (gsize) ((stop ? stop : end) - at);
      g_autofree char *name = g_strdup_printf ("%s:%u", rows->name, line);
      g_autofree char *stripped = g_strstrip (g_strndup (at, n));
      at += n + 1;
      if (!*stripped)
        continue;
      g_autoptr (JsonNode) root = few_json_parse (stripped, strlen (stripped), name, error);
      if (!root || !add_object (rows, json_node_get_object (root), line, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_objects (FewLabelRows *rows, JsonArray *array, GError **error)
{
  guint n = json_array_get_length (array);
  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_OBJECT (node))
        {
          few_fail (error, FORMAT, "%s is a list of something else than objects.", rows->name);
          return FALSE;
        }
      if (!add_object (rows, json_node_get_object (node), i + 1, error))
        return FALSE;
    }
  return TRUE;
}

/* {"a.jpg": "cat"}; FALSE without an error: it is something else. */
static gboolean
add_map (FewLabelRows *rows, JsonObject *object, GError **error)
{
  JsonObjectIter iter;
  const char *path;
  JsonNode *node;
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &path, &node))
    {
      g_autofree char *class = text_of (node);
      g_auto (GStrv) classes = rows->any ? texts_of (node) : NULL;
      const FewLabelRow row = {
        .path = (char *) path, .class = class, .classes = classes, .number = -1
      };
      if (!class && !classes)
        break;
      if (!few_label_rows_add (rows, &row, error))
        return FALSE;
    }
  return rows->rows->len > 0 && rows->rows->len == json_object_get_size (object);
}

/* ---- CoOp's splits */

static gboolean
add_split (FewLabelRows *rows, JsonArray *list, FewRole role, GError **error)
{
  for (guint i = 0; list && i < json_array_get_length (list); i++)
    {
      JsonNode *node = json_array_get_element (list, i);
      JsonArray *entry = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
      gboolean whole = entry && json_array_get_length (entry) == 3;
      g_autofree char *path = whole ? text_of (json_array_get_element (entry, 0)) : NULL;
      g_autofree char *number = whole ? text_of (json_array_get_element (entry, 1)) : NULL;
      g_autofree char *class = whole ? text_of (json_array_get_element (entry, 2)) : NULL;
      FewLabelRow row = { .path = path, .class = class, .number = -1, .role = role };
      if (!path || !class || !number
          || !g_ascii_string_to_signed (number, 10, 0, G_MAXINT64, &row.number, NULL))
        {
          few_fail (error, FORMAT,
                    "%s is not a split file: an entry is not [path, label, class name].",
                    rows->name);
          return FALSE;
        }
      if (!few_label_rows_add (rows, &row, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_splits (FewLabelRows *rows, JsonObject *object, GError **error)
{
  const char *bad = NULL;
  JsonArray *train = few_json_array (object, "train", &bad);
  JsonArray *val = few_json_array (object, "val", &bad);
  JsonArray *test = few_json_array (object, "test", &bad);
  if (bad)
    {
      few_fail (error, FORMAT,
                "%s is not a split file: “train”, “val” and “test” are to be lists of [path, "
                "label, class name].",
                rows->name);
      return FALSE;
    }
  rows->has_roles = TRUE;
  return add_split (rows, train, FEW_ROLE_TRAIN, error)
         && add_split (rows, val, FEW_ROLE_VALIDATION, error)
         && add_split (rows, test, FEW_ROLE_TEST, error);
}

/* ---- COCO */

gboolean
few_coco_fail (const char *name, const char *what, GError **error)
{
  few_fail (error, FORMAT, "%s is not COCO's JSON: an entry of “%s” is not as it should be.", name,
            what);
  return FALSE;
}

JsonObject *
few_coco_element (JsonArray *array, guint index, const char *member, gint64 *id)
{
  const char *bad = NULL;
  JsonNode *node = json_array_get_element (array, index);
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  *id = object ? few_json_int (object, member, G_MININT64, &bad) : G_MININT64;
  return object && !bad && *id != G_MININT64 ? object : NULL;
}

/* id → name (borrowed of the JSON) */
static GHashTable *
list_categories (const FewLabelRows *rows, JsonArray *array, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      const char *bad = NULL;
      gint64 id = 0;
      JsonObject *object = few_coco_element (array, i, "id", &id);
      const char *name = object ? few_json_string (object, "name", NULL, &bad) : NULL;
      if (!name)
        {
          few_coco_fail (rows->name, "categories", error);
          return NULL;
        }
      g_hash_table_replace (names, g_memdup2 (&id, sizeof id), (char *) name);
    }
  return g_steal_pointer (&names);
}

/* picture's id → its classes (GPtrArray, borrowed names), each annotation's */
static GHashTable *
list_annotations (const FewLabelRows *rows, JsonArray *array, GHashTable *names, GError **error)
{
  g_autoptr (GHashTable) classes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                                          (GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      const char *bad = NULL;
      gint64 id = 0;
      JsonObject *object = few_coco_element (array, i, "image_id", &id);
      gint64 category = object ? few_json_int (object, "category_id", G_MININT64, &bad) : 0;
      const char *name = object ? g_hash_table_lookup (names, &category) : NULL;
      if (!name)
        {
          few_coco_fail (rows->name, "annotations", error);
          return NULL;
        }
      GPtrArray *list = g_hash_table_lookup (classes, &id);
      if (!list)
        {
          list = g_ptr_array_new ();
          g_hash_table_insert (classes, g_memdup2 (&id, sizeof id), list);
        }
      if (list->len == 0 || !g_str_equal (list->pdata[list->len - 1], name))
        g_ptr_array_add (list, (char *) name);
    }
  return g_steal_pointer (&classes);
}

static gboolean
add_coco_picture (FewLabelRows *rows, const char *path, const GPtrArray *list, GError **error)
{
  guint n = list ? list->len : 0;
  g_autofree char **classes = g_new0 (char *, n + 1); /* the strings are borrowed */
  for (guint i = 0; i < n; i++)
    classes[i] = list->pdata[i];
  const FewLabelRow row = {
    .path = (char *) path, .class = classes[0], .classes = classes, .number = -1
  };
  if (rows->any || n == 1)
    return few_label_rows_add (rows, &row, error);
  rows->several += n > 1;
  few_label_rows_leave_out (
      rows, n > 0 ? g_strdup_printf (
                        _ ("%s has annotations of several categories and is left out."), path)
                  : g_strdup_printf (_ ("%s has no annotation and is left out."), path));
  return TRUE;
}

static gboolean
add_coco (FewLabelRows *rows, JsonArray *images, JsonArray *annotations, JsonArray *categories,
          GError **error)
{
  g_autoptr (GHashTable) names = list_categories (rows, categories, error);
  g_autoptr (GHashTable) classes =
      names ? list_annotations (rows, annotations, names, error) : NULL;
  for (guint i = 0; classes && i < json_array_get_length (images); i++)
    {
      const char *bad = NULL;
      gint64 id = 0;
      JsonObject *object = few_coco_element (images, i, "id", &id);
      const char *path = object ? few_json_string (object, "file_name", NULL, &bad) : NULL;
      if (!path)
        return few_coco_fail (rows->name, "images", error);
      if (!add_coco_picture (rows, path, g_hash_table_lookup (classes, &id), error))
        return FALSE;
    }
  return classes != NULL;
}

/* ---- which of them it is */

static gboolean
read_root (FewLabelRows *rows, JsonObject *object, GError **error)
{
  JsonArray *images = few_json_array (object, "images", NULL);
  JsonArray *annotations = few_json_array (object, "annotations", NULL);
  JsonArray *categories = few_json_array (object, "categories", NULL);
  if (images && annotations && categories)
    return add_coco (rows, images, annotations, categories, error);
  if (json_object_has_member (object, "train") || json_object_has_member (object, "test"))
    return add_splits (rows, object, error);
  g_autoptr (GError) local = NULL;
  if (add_map (rows, object, &local))
    return TRUE;
  if (local)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    few_fail (error, FORMAT,
              "%s holds no labels that are known: a list of objects with “path” and “label”, "
              "pictures and their classes, COCO's annotations or CoOp's split.",
              rows->name);
  return FALSE;
}

gboolean
few_labels_read_json (FewLabelRows *rows, const char *text, gsize length, GError **error)
{
  static const char FRAME[] = "{\"rows\":";
  gsize start = strspn (text, " \t\r\n");
  if (text[start] != '[')
    {
      g_autoptr (JsonNode) root = few_json_parse (text, length, rows->name, error);
      return root && read_root (rows, json_node_get_object (root), error);
    }
  /* what is checked and parsed is an object */
  if (!few_json_check (text, length, rows->name, error))
    return FALSE;
  g_autofree char *whole = g_strconcat (FRAME, text + start, "}", NULL);
  g_autoptr (JsonNode) root = few_json_parse (whole, strlen (whole), rows->name, error);
  const char *bad = NULL;
  JsonArray *array = root ? few_json_array (json_node_get_object (root), "rows", &bad) : NULL;
  return array && add_objects (rows, array, error);
}
