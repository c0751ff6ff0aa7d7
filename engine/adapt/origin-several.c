/* SPDX-License-Identifier: MIT */
/* What a classifier of any number of labels was measured to be worth, label by label, in its file's
 * metadata. */
#include "adapt/origin.h"
#include "base/json.h"
#include "base/memory.h"
#include <fewshot/several.h>
#include <math.h>
#include <string.h>

/* The shares of the whole, and where they stand. */
typedef struct
{
  const char *key;
  gsize at;
} Share;

static const Share shares[] = {
  { "map", G_STRUCT_OFFSET (FewSeveralScores, map) },
  { "micro_precision", G_STRUCT_OFFSET (FewSeveralScores, micro_precision) },
  { "micro_recall", G_STRUCT_OFFSET (FewSeveralScores, micro_recall) },
  { "micro_f1", G_STRUCT_OFFSET (FewSeveralScores, micro_f1) },
  { "macro_f1", G_STRUCT_OFFSET (FewSeveralScores, macro_f1) },
  { "exact", G_STRUCT_OFFSET (FewSeveralScores, exact) },
};

static const Share label_shares[] = {
  { "ap", G_STRUCT_OFFSET (FewSeveralLabel, ap) },
  { "precision", G_STRUCT_OFFSET (FewSeveralLabel, precision) },
  { "recall", G_STRUCT_OFFSET (FewSeveralLabel, recall) },
  { "f1", G_STRUCT_OFFSET (FewSeveralLabel, f1) },
};

/* ---- writing */

/* {"pictures":12,"said":10,"ap":0.93,…}; what is not known is left out */
static void
put_label (GString *json, const FewSeveralLabel *label)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_printf (json, "{\"pictures\":%u,\"said\":%u", label->pictures, label->said);
  for (guint i = 0; i < G_N_ELEMENTS (label_shares); i++)
    {
      double share = G_STRUCT_MEMBER (double, label, label_shares[i].at);
      if (!isnan (share))
        g_string_append_printf (json, ",\"%s\":%s", label_shares[i].key,
                                g_ascii_formatd (number, sizeof number, "%.6g", share));
    }
  g_string_append_c (json, '}');
}

void
few_origin_write_several (const FewOrigin *origin, FewSafetensorsWriter *writer)
{
  const FewSeveralScores *scores = origin->several;
  g_autoptr (GString) json = g_string_new ("[");
  few_origin_put_share (writer, "zero_shot_map", origin->zero_shot_map);
  for (guint i = 0; i < G_N_ELEMENTS (shares); i++)
    few_origin_put_share (writer, shares[i].key, G_STRUCT_MEMBER (double, scores, shares[i].at));
  for (guint l = 0; l < scores->n_labels; l++)
    {
      g_string_append (json, l ? "," : "");
      put_label (json, scores->labels + l);
    }
  g_string_append_c (json, ']');
  few_safetensors_writer_metadata (writer, "per_label", json->str);
}

/* ---- reading */

/* FALSE: that cannot be of n pictures. */
static gboolean
read_label (JsonNode *node, guint n, FewSeveralLabel *label)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *bad = NULL;
  if (!object)
    return FALSE;
  gint64 pictures = few_json_int (object, "pictures", -1, &bad);
  gint64 said = few_json_int (object, "said", -1, &bad);
  gboolean fits = pictures >= 0 && pictures <= n && said >= 0 && said <= n;
  *label = (FewSeveralLabel) { .pictures = fits ? (guint) pictures : 0,
                               .said = fits ? (guint) said : 0 };
  for (guint i = 0; i < G_N_ELEMENTS (label_shares); i++)
    {
      double share = few_json_double (object, label_shares[i].key, NAN, &bad);
      G_STRUCT_MEMBER (double, label, label_shares[i].at) = share;
      fits = fits && (isnan (share) || (share >= 0 && share <= 1));
    }
  return fits && !bad;
}

FewSeveralScores *
few_origin_read_several (const FewSafetensors *file, const FewOrigin *origin, guint n_labels)
{
  const char *told = few_safetensors_metadata (file, "per_label");
  if (!told || origin->n_measured == 0)
    return NULL;
  g_autofree char *wrapped = g_strdup_printf ("{\"labels\":%s}", told);
  g_autoptr (JsonNode) root =
      few_json_parse (wrapped, strlen (wrapped), few_safetensors_path (file), NULL);
  JsonArray *list = root ? few_json_array (json_node_get_object (root), "labels", NULL) : NULL;
  gboolean fits = list && json_array_get_length (list) == n_labels;
  g_autofree FewSeveralLabel *labels =
      fits ? few_try_copy (NULL, n_labels, sizeof *labels, few_safetensors_path (file), NULL)
           : NULL;
  fits = labels != NULL;
  for (guint l = 0; fits && l < n_labels; l++)
    fits = read_label (json_array_get_element (list, l), origin->n_measured, labels + l);
  if (!fits)
    return NULL;
  FewSeveralScores *scores = g_new0 (FewSeveralScores, 1);
  scores->n = origin->n_measured;
  scores->n_labels = n_labels;
  for (guint i = 0; i < G_N_ELEMENTS (shares); i++)
    G_STRUCT_MEMBER (double, scores, shares[i].at) = few_origin_read_share (file, shares[i].key);
  scores->labels = g_steal_pointer (&labels);
  return scores;
}
