/* SPDX-License-Identifier: MIT */
/* How unlike its classes a picture may be, kept in the classifier's file. */
#include "base/json.h"
#include "adapt/classifier.h"
#include <math.h>
#include <string.h>

enum { MOST = 100 };

char *
few_classifier_rejects_json (const FewClassifierInfo *info)
{
  char share[G_ASCII_DTOSTR_BUF_SIZE];
  char cosine[G_ASCII_DTOSTR_BUF_SIZE];
  g_autoptr (GString) json = g_string_new ("[");
  for (guint i = 0; i < info->n_rejects; i++)
    g_string_append_printf (
        json, "%s[%s,%s]", i ? "," : "",
        g_ascii_formatd (share, sizeof share, "%.6g", info->rejects[i].share),
        g_ascii_formatd (cosine, sizeof cosine, "%.9g", info->rejects[i].cosine));
  g_string_append_c (json, ']');
  return g_string_free (g_steal_pointer (&json), FALSE);
}

/* A pair of numbers; FALSE when it is none. */
static gboolean
read_pair (JsonArray *pairs, guint i, FewReject *reject)
{
  JsonNode *node = json_array_get_element (pairs, i);
  JsonArray *pair = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (!pair || json_array_get_length (pair) != 2)
    return FALSE;
  for (guint j = 0; j < 2; j++)
    if (!JSON_NODE_HOLDS_VALUE (json_array_get_element (pair, j)))
      return FALSE;
  reject->share = json_array_get_double_element (pair, 0);
  reject->cosine = json_array_get_double_element (pair, 1);
  return reject->share > 0 && reject->share < 1 && isfinite (reject->cosine);
}

FewReject *
few_classifier_parse_rejects (const char *json, const char *path, guint *n)
{
  *n = 0;
  g_autofree char *wrapped = g_strdup_printf ("{\"rejects\":%s}", json ? json : "[]");
  g_autoptr (JsonNode) root = few_json_parse (wrapped, strlen (wrapped), path, NULL);
  JsonArray *pairs = root ? few_json_array (json_node_get_object (root), "rejects", NULL) : NULL;
  guint count = pairs ? json_array_get_length (pairs) : 0;
  if (count == 0 || count > MOST)
    return NULL;
  g_autofree FewReject *rejects = g_new (FewReject, count);
  for (guint i = 0; i < count; i++)
    if (!read_pair (pairs, i, &rejects[i]) || (i > 0 && rejects[i].share <= rejects[i - 1].share))
      return NULL;
  *n = count;
  return g_steal_pointer (&rejects);
}

gboolean
few_classifier_threshold (const FewClassifier *classifier, double share, double *cosine)
{
  g_return_val_if_fail (classifier != NULL && cosine != NULL, FALSE);
  const FewClassifierInfo *info = few_classifier_info (classifier);
  guint n = info->n_rejects;
  const FewReject *rejects = info->rejects;
  if (n == 0 || !(share >= rejects[0].share && share <= rejects[n - 1].share))
    return FALSE;
  guint i = 1;
  while (i + 1 < n && rejects[i].share < share)
    i++;
  *cosine = rejects[0].cosine;
  if (n > 1)
    {
      const FewReject *low = &rejects[i - 1];
      double part = (share - low->share) / (rejects[i].share - low->share);
      *cosine = low->cosine + part * (rejects[i].cosine - low->cosine);
    }
  return TRUE;
}
