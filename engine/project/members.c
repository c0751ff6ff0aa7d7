/* SPDX-License-Identifier: MIT */
/* Members of a project file that this version does not know, kept for who does. */
#include "project/members.h"
#include "base/json.h"
#include <fewshot/train-options.h>
#include <math.h>
#include <string.h>

/* Of a training job, the member "settings" of projects and runs. */
static const char *const JOB_MEMBERS[] = {
  "side",      "alpha",      "beta",   "learn_ratios",  "hidden",        "final_relu",
  "optimizer", "momentum",   "cosine", "learning_rate", "warmup_epochs", "weight_decay",
  "epochs",    "steps",      "folds",  "batch",         "drop_last",     "seed",
  "shots",     "split_seed", "method", "folders",       "test_share",    "validation_share",
  NULL,
};

/* NULL when there are none. What is unknown inside of known settings is kept as settings of which
 * nothing else is known. */
static JsonObject *
collect_unknown (JsonObject *object, const char *const *known)
{
  JsonObject *rest = NULL;
  g_autoptr (GList) names = json_object_get_members (object); /* in the order of the file */
  for (GList *l = names; l; l = l->next)
    {
      JsonNode *node = json_object_get_member (object, l->data);
      g_autoptr (JsonNode) kept = NULL;
      if (!g_strv_contains (known, l->data))
        kept = json_node_copy (node);
      else if (g_str_equal (l->data, "settings") && JSON_NODE_HOLDS_OBJECT (node))
        {
          JsonObject *inner = collect_unknown (json_node_get_object (node), JOB_MEMBERS);
          if (inner)
            kept = json_node_init_object (json_node_alloc (), inner);
          g_clear_pointer (&inner, json_object_unref);
        }
      if (kept && !rest)
        rest = json_object_new ();
      if (kept)
        json_object_set_member (rest, l->data, g_steal_pointer (&kept));
    }
  return rest;
}

char *
few_member_unknown (JsonObject *object, const char *const *known)
{
  g_autoptr (JsonObject) rest = collect_unknown (object, known);
  if (!rest)
    return NULL;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, rest);
  return json_to_string (node, FALSE);
}

/* What is known goes before what was kept. */
static void
merge_members (JsonObject *into, JsonObject *from)
{
  g_autoptr (GList) names = json_object_get_members (from);
  for (GList *l = names; l; l = l->next)
    {
      JsonNode *kept = json_object_get_member (from, l->data);
      JsonNode *there = json_object_get_member (into, l->data);
      if (!there)
        json_object_set_member (into, l->data, json_node_copy (kept));
      else if (JSON_NODE_HOLDS_OBJECT (there) && JSON_NODE_HOLDS_OBJECT (kept))
        merge_members (json_node_get_object (there), json_node_get_object (kept));
    }
}

void
few_member_add_unknown (JsonObject *object, const char *unknown)
{
  g_autoptr (JsonNode) node =
      unknown ? few_json_parse (unknown, strlen (unknown), "unknown members", NULL) : NULL;
  if (node)
    merge_members (object, json_node_get_object (node));
}

void
few_member_set_string (JsonObject *object, const char *member, const char *text)
{
  if (text && *text)
    json_object_set_string_member (object, member, text);
}

GPtrArray *
few_member_objects (JsonObject *object, const char *member, guint most, const char **bad)
{
  GPtrArray *list = g_ptr_array_new ();
  JsonArray *array = few_json_array (object, member, bad);
  guint n = array ? json_array_get_length (array) : 0;
  if (n > most)
    *bad = *bad ? *bad : member;
  for (guint i = 0; i < n && !*bad; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (JSON_NODE_HOLDS_OBJECT (node))
        g_ptr_array_add (list, json_node_get_object (node));
      else
        *bad = member;
    }
  return list;
}

/* ---- settings */

static const char *const SIDES[] = { "visual", "text", "both" };
static const char *const OPTIMIZERS[] = { "adamw", "adam", "sgd" };

void
few_member_set_fraction (JsonObject *object, const char *member, double value)
{
  if (isfinite (value))
    json_object_set_double_member (object, member, value);
}

double
few_member_fraction (JsonObject *object, const char *member, const char **bad)
{
  double value = few_json_double (object, member, NAN, bad);
  return value >= 0 && value <= 1 ? value : NAN;
}

JsonObject *
few_member_of_job (const FewTrainJob *job)
{
  const FewTrainOptions *o = &job->options;
  JsonObject *object = json_object_new ();
  few_member_set_string (object, "method", job->method);
  json_object_set_string_member (object, "side", SIDES[o->side]);
  json_object_set_double_member (object, "alpha", o->alpha);
  json_object_set_double_member (object, "beta", o->beta);
  json_object_set_boolean_member (object, "learn_ratios", o->learn_ratios);
  json_object_set_int_member (object, "hidden", o->hidden);
  json_object_set_boolean_member (object, "final_relu", o->final_relu);
  json_object_set_string_member (object, "optimizer", OPTIMIZERS[o->optimizer]);
  json_object_set_double_member (object, "learning_rate", o->learning_rate);
  json_object_set_double_member (object, "weight_decay", o->weight_decay);
  json_object_set_double_member (object, "momentum", o->momentum);
  json_object_set_boolean_member (object, "cosine", o->cosine);
  json_object_set_int_member (object, "warmup_epochs", o->warmup_epochs);
  json_object_set_int_member (object, "epochs", o->epochs);
  json_object_set_int_member (object, "steps", o->steps);
  json_object_set_boolean_member (object, "folds", o->folds);
  json_object_set_int_member (object, "batch", o->batch);
  json_object_set_boolean_member (object, "drop_last", o->drop_last);
  json_object_set_int_member (object, "seed", (gint64) o->seed);
  json_object_set_int_member (object, "shots", job->shots);
  json_object_set_int_member (object, "split_seed", (gint64) job->split_seed);
  if (job->shares.test > 0)
    json_object_set_int_member (object, "test_share", job->shares.test);
  if (job->shares.validation > 0)
    json_object_set_int_member (object, "validation_share", job->shares.validation);
  if (job->folders)
    json_object_set_boolean_member (object, "folders", TRUE);
  return object;
}

static guint
read_word (JsonObject *object, const char *member, const char *const *words, guint n,
           guint fallback, const char **bad)
{
  const char *text = few_json_string (object, member, words[fallback], bad);
  for (guint i = 0; i < n; i++)
    if (g_str_equal (text, words[i]))
      return i;
  *bad = *bad ? *bad : member;
  return fallback;
}

guint
few_member_int (JsonObject *object, const char *member, gint64 low, gint64 high, guint fallback,
                const char **bad)
{
  gint64 value = few_json_int (object, member, fallback, bad);
  if (value >= low && value <= high)
    return (guint) value;
  *bad = *bad ? *bad : member;
  return fallback;
}

double
few_member_ratio (JsonObject *object, const char *member, double high, double fallback,
                  const char **bad)
{
  double value = few_json_double (object, member, fallback, bad);
  if (value >= 0 && value <= high)
    return value;
  *bad = *bad ? *bad : member;
  return fallback;
}

void
few_member_job (JsonObject *object, FewTrainJob *job, const char **bad)
{
  FewTrainOptions *o = &job->options;
  const char *method = few_json_string (object, "method", "", bad);
  if (strlen (method) > FEW_PROJECT_MAX_METHOD)
    *bad = *bad ? *bad : "method";
  else
    job->method = *method ? g_intern_string (method) : NULL;
  o->side = (FewSide) read_word (object, "side", SIDES, G_N_ELEMENTS (SIDES), o->side, bad);
  o->alpha = few_member_ratio (object, "alpha", 1, o->alpha, bad);
  o->beta = few_member_ratio (object, "beta", 1, o->beta, bad);
  o->learn_ratios = few_json_bool (object, "learn_ratios", o->learn_ratios, bad);
  o->hidden = few_member_int (object, "hidden", 0, FEW_PROJECT_MAX_WIDTH, o->hidden, bad);
  o->final_relu = few_json_bool (object, "final_relu", o->final_relu, bad);
  o->optimizer = (FewOptimizer) read_word (object, "optimizer", OPTIMIZERS,
                                           G_N_ELEMENTS (OPTIMIZERS), o->optimizer, bad);
  o->learning_rate = few_member_ratio (object, "learning_rate", 1000, o->learning_rate, bad);
  o->weight_decay = few_member_ratio (object, "weight_decay", 1000, o->weight_decay, bad);
  o->momentum = few_member_ratio (object, "momentum", 1, o->momentum, bad);
  o->cosine = few_json_bool (object, "cosine", o->cosine, bad);
  o->warmup_epochs = few_member_int (object, "warmup_epochs", 0, 1000000, o->warmup_epochs, bad);
  o->epochs = few_member_int (object, "epochs", 1, 1000000, o->epochs, bad);
  /* projects of version 0.2 counted epochs, and chose α on validation pictures */
  o->steps = few_member_int (object, "steps", 0, 1000000, 0, bad);
  o->folds = few_json_bool (object, "folds", FALSE, bad);
  o->batch = few_member_int (object, "batch", 1, FEW_PROJECT_MAX_WIDTH, o->batch, bad);
  o->drop_last = few_json_bool (object, "drop_last", o->drop_last, bad);
  o->seed = (guint64) few_json_int (object, "seed", (gint64) o->seed, bad);
  job->shots = few_member_int (object, "shots", 0, FEW_PROJECT_MAX_PICTURES, job->shots, bad);
  job->split_seed = (guint64) few_json_int (object, "split_seed", (gint64) job->split_seed, bad);
  job->shares.test = few_member_int (object, "test_share", 0, FEW_SHARE_MOST, 0, bad);
  job->shares.validation = few_member_int (object, "validation_share", 0, FEW_SHARE_MOST, 0, bad);
  job->folders = few_json_bool (object, "folders", FALSE, bad);
}
