/* SPDX-License-Identifier: MIT */
/* Boxes out of MegaDetector's JSON (format 1.0 to 1.4) and out of COCO's. */
#include "base/error.h"
#include "labels/boxes.h"
#include "labels/coco.h"
#include <math.h>

/* ---- MegaDetector */

static gboolean
fail_detections (const FewBoxes *boxes, const char *what, GError **error)
{
  few_fail (error, FORMAT, "%s is not MegaDetector's JSON: its “%s” is not as it should be.",
            boxes->name, what);
  return FALSE;
}

/* id → number of the category */
static GHashTable *
list_detected (FewBoxes *boxes, JsonObject *object, GError **error)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GList) ids = json_object_get_members (object);
  for (const GList *l = ids; l; l = l->next)
    {
      const char *bad = NULL;
      const char *name = few_json_string (object, l->data, NULL, &bad);
      if (!name || !*name)
        {
          fail_detections (boxes, "detection_categories", error);
          return NULL;
        }
      guint number = few_boxes_add_category (boxes, g_strdup (l->data), g_strdup (name));
      g_hash_table_insert (numbers, l->data, GUINT_TO_POINTER (number + 1));
    }
  return g_steal_pointer (&numbers);
}

/* The class of the likeliest of [[id, probability], …]; NULL: there is none. Borrowed. */
static const char *
find_class (JsonObject *detection, JsonObject *classes)
{
  JsonArray *said = few_json_array (detection, "classifications", NULL);
  const char *best = NULL;
  double most = 0;
  for (guint i = 0; said && classes && i < json_array_get_length (said); i++)
    {
      JsonNode *node = json_array_get_element (said, i);
      JsonArray *pair = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
      if (!pair || json_array_get_length (pair) != 2
          || !JSON_NODE_HOLDS_VALUE (json_array_get_element (pair, 0))
          || !JSON_NODE_HOLDS_VALUE (json_array_get_element (pair, 1)))
        continue;
      const char *id = json_array_get_string_element (pair, 0);
      double probability = json_node_get_double (json_array_get_element (pair, 1));
      const char *name = id ? few_json_string (classes, id, NULL, NULL) : NULL;
      if (name && probability > most)
        {
          best = name;
          most = probability;
        }
    }
  return best;
}

static gboolean
read_detection (FewBoxes *boxes, JsonNode *node, GHashTable *numbers, JsonObject *classes,
                GPtrArray *list)
{
  const char *bad = NULL;
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  FewBoxFound found = { .confidence = 1 };
  const char *id = object ? few_json_string (object, "category", NULL, &bad) : NULL;
  guint number = id ? GPOINTER_TO_UINT (g_hash_table_lookup (numbers, id)) : 0;
  if (number == 0)
    return FALSE;
  found.category = number - 1;
  found.confidence = few_json_double (object, "conf", NAN, &bad);
  found.class_name = find_class (object, classes);
  if (bad || !(found.confidence >= 0 && found.confidence <= 1)
      || !few_boxes_read_box (object, found.box))
    return FALSE;
  few_boxes_add (boxes, list, &found);
  return TRUE;
}

static gboolean
read_picture (FewBoxes *boxes, JsonNode *node, GHashTable *numbers, JsonObject *classes,
              GError **error)
{
  const char *bad = NULL;
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *file = object ? few_json_string (object, "file", NULL, &bad) : NULL;
  JsonArray *detections = object ? few_json_array (object, "detections", &bad) : NULL;
  if (!file || !*file || bad)
    return fail_detections (boxes, "images", error);
  if (!detections) /* what could not be read is not known */
    return TRUE;
  GPtrArray *list = few_boxes_ensure (boxes, file);
  for (guint i = 0; i < json_array_get_length (detections); i++)
    if (!read_detection (boxes, json_array_get_element (detections, i), numbers, classes, list))
      return fail_detections (boxes, "detections", error);
  return TRUE;
}

gboolean
few_boxes_read_detections (FewBoxes *boxes, JsonObject *root, GError **error)
{
  JsonObject *categories = few_json_object (root, "detection_categories", NULL);
  JsonObject *classes = few_json_object (root, "classification_categories", NULL);
  JsonObject *info = few_json_object (root, "info", NULL);
  JsonArray *images = few_json_array (root, "images", NULL);
  if (!categories || !images)
    return fail_detections (boxes, categories ? "images" : "detection_categories", error);
  g_autoptr (GHashTable) numbers = list_detected (boxes, categories, error);
  g_free (boxes->detector);
  boxes->detector = g_strdup (info ? few_json_string (info, "detector", "", NULL) : "");
  for (guint i = 0; numbers && i < json_array_get_length (images); i++)
    if (!read_picture (boxes, json_array_get_element (images, i), numbers, classes, error))
      return FALSE;
  return numbers != NULL;
}

/* ---- COCO */

static void
insert_number (GHashTable *table, gint64 id, gpointer value)
{
  g_hash_table_replace (table, g_memdup2 (&id, sizeof id), value);
}

/* id → number of the category + 1 */
static GHashTable *
list_annotated (FewBoxes *boxes, JsonArray *array, GError **error)
{
  g_autoptr (GHashTable) numbers =
      g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      gint64 id;
      JsonObject *object = few_coco_element (array, i, "id", &id);
      const char *name = object ? few_json_string (object, "name", NULL, NULL) : NULL;
      if (!name || !*name)
        {
          few_coco_fail (boxes->name, "categories", error);
          return NULL;
        }
      char *text = g_strdup_printf ("%" G_GINT64_FORMAT, id);
      insert_number (numbers, id,
                     GUINT_TO_POINTER (few_boxes_add_category (boxes, text, g_strdup (name)) + 1));
    }
  return g_steal_pointer (&numbers);
}

/* id → the picture's object, borrowed */
static GHashTable *
list_pictures (FewBoxes *boxes, JsonArray *array, GError **error)
{
  g_autoptr (GHashTable) pictures =
      g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      gint64 id;
      JsonObject *object = few_coco_element (array, i, "id", &id);
      const char *file = object ? few_json_string (object, "file_name", NULL, NULL) : NULL;
      if (!file || !*file)
        {
          few_coco_fail (boxes->name, "images", error);
          return NULL;
        }
      insert_number (pictures, id, object);
      few_boxes_ensure (boxes, file);
    }
  return g_steal_pointer (&pictures);
}

/* Pixels of the picture as the file states its size. An annotation without a box is none. */
static gboolean
read_annotation (FewBoxes *boxes, JsonObject *object, JsonObject *picture, guint category)
{
  FewBoxFound found = { .category = category };
  const char *bad = NULL;
  double width = few_json_double (picture, "width", 0, &bad);
  double height = few_json_double (picture, "height", 0, &bad);
  found.confidence = few_json_double (object, "score", 1, &bad);
  if (!json_object_has_member (object, "bbox"))
    return TRUE;
  if (bad || !(width > 0 && height > 0) || !few_boxes_read_box (object, found.box))
    return FALSE;
  for (guint i = 0; i < 4; i++)
    found.box[i] /= i % 2 ? height : width;
  few_boxes_add (boxes, few_boxes_ensure (boxes, few_json_string (picture, "file_name", "", NULL)),
                 &found);
  return TRUE;
}

gboolean
few_boxes_read_annotations (FewBoxes *boxes, JsonObject *root, GError **error)
{
  JsonArray *images = few_json_array (root, "images", NULL);
  JsonArray *annotations = few_json_array (root, "annotations", NULL);
  boxes->annotations = TRUE;
  if (!images)
    return few_coco_fail (boxes->name, "images", error);
  g_autoptr (GHashTable) numbers =
      list_annotated (boxes, few_json_array (root, "categories", NULL), error);
  g_autoptr (GHashTable) pictures = numbers ? list_pictures (boxes, images, error) : NULL;
  for (guint i = 0; pictures && i < json_array_get_length (annotations); i++)
    {
      gint64 id;
      JsonObject *object = few_coco_element (annotations, i, "image_id", &id);
      JsonObject *picture = object ? g_hash_table_lookup (pictures, &id) : NULL;
      gint64 category = object ? few_json_int (object, "category_id", G_MININT64, NULL) : 0;
      guint number = GPOINTER_TO_UINT (g_hash_table_lookup (numbers, &category));
      if (!picture || number == 0 || !read_annotation (boxes, object, picture, number - 1))
        return few_coco_fail (boxes->name, "annotations", error);
    }
  return pictures != NULL;
}
