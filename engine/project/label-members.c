/* SPDX-License-Identifier: MIT */
/* Any number of classes a picture, as members of JSON. */
#include "base/json.h"
#include "project/members.h"

/* Whole numbers below n_classes, no more than there are classes; NULL: they are something else. */
static guint32 *
read_classes (JsonArray *array, guint n_classes)
{
  guint n = json_array_get_length (array);
  g_autofree guint32 *labels = n <= n_classes ? g_new0 (guint32, n + 1) : NULL;
  for (guint i = 0; labels && i < n; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      gboolean whole =
          JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64;
      gint64 value = whole ? json_node_get_int (node) : -1;
      if (value < 0 || value >= n_classes)
        return NULL;
      labels[i] = (guint32) value;
    }
  return g_steal_pointer (&labels);
}

void
few_member_set_labels (JsonObject *object, const FewProjectLabels *labels)
{
  json_object_set_array_member (
      object, "classes", few_member_ints (labels ? labels->labels : NULL, labels ? labels->n : 0));
}

FewProjectLabels *
few_member_labels (JsonObject *object, guint n_classes, const char **bad)
{
  JsonArray *array = few_json_array (object, "classes", bad);
  if (!array)
    return NULL;
  g_autofree guint32 *labels = read_classes (array, n_classes);
  if (labels)
    return few_project_labels_new (labels, json_array_get_length (array));
  *bad = *bad ? *bad : "classes of a picture";
  return NULL;
}

void
few_member_set_label_sets (JsonObject *object, const FewProjectRun *run)
{
  JsonArray *sets = json_array_sized_new (run->n);
  for (guint i = 0; i < run->n; i++)
    {
      guint n;
      const guint32 *labels = few_label_sets_get (run->sets, i, &n);
      json_array_add_array_element (sets, few_member_ints (labels, n));
    }
  json_object_set_array_member (object, "label_sets", sets);
  few_member_set_fraction (object, "test_map", run->test_map);
  few_member_set_fraction (object, "zero_shot_map", run->zero_shot_map);
  few_member_set_fraction (object, "cross_validated_map", run->cross_validated_map);
}

void
few_member_label_sets (JsonObject *object, FewProjectRun *run, const char **bad)
{
  JsonArray *array = few_json_array (object, "label_sets", bad);
  run->test_map = few_member_fraction (object, "test_map", bad);
  run->zero_shot_map = few_member_fraction (object, "zero_shot_map", bad);
  run->cross_validated_map = few_member_fraction (object, "cross_validated_map", bad);
  if (!array)
    return;
  run->sets = few_label_sets_new ();
  gboolean fits = json_array_get_length (array) == run->n;
  for (guint i = 0; i < run->n && fits; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonArray *one = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
      g_autofree guint32 *labels = one ? read_classes (one, run->n_classes) : NULL;
      fits = labels && few_label_sets_add (run->sets, labels, json_array_get_length (one), NULL);
    }
  if (!fits)
    *bad = *bad ? *bad : "label_sets";
}
