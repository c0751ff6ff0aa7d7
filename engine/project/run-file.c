/* SPDX-License-Identifier: MIT */
/* A run as JSON: what it takes to show it again, its weights in base64. */
#include "base/json.h"
#include "base/hex.h"
#include "project/members.h"
#include <fewshot/dataset.h>
#include <fewshot/project.h>
#include <math.h>
#include <string.h>

/* "weights" first: without it, weights that cannot be used are kept as they are. */
static const char *const RUN_MEMBERS[] = { "weights",
                                           "trust",
                                           "title",
                                           "settings",
                                           "stopped",
                                           "seconds",
                                           "test_accuracy",
                                           "zero_shot_accuracy",
                                           "test_pictures",
                                           "classes",
                                           "prompts",
                                           "template",
                                           "history",
                                           "ids",
                                           "labels",
                                           "roles",
                                           "dim",
                                           "hidden",
                                           "final_relu",
                                           "after",
                                           "width",
                                           "form",
                                           "trained_alpha",
                                           "zero_scale",
                                           "logit_scale",
                                           "chosen_alpha",
                                           "part_alpha",
                                           "part_scale",
                                           "cross_validated",
                                           "strength",
                                           "prior",
                                           "label_sets",
                                           "test_map",
                                           "zero_shot_map",
                                           "cross_validated_map",
                                           "raw",
                                           "tau",
                                           "sharpness",
                                           "key_labels",
                                           "model_sha256",
                                           "model_fingerprint",
                                           "model_precision",
                                           "parent",
                                           NULL };

/* ---- writing */

static void
add_number (JsonArray *array, double value)
{
  if (isfinite (value))
    json_array_add_double_element (array, value);
  else
    json_array_add_null_element (array);
}

static gboolean
has_form (const FewProjectRun *run, const char *form)
{
  return g_strcmp0 (run->form, form) == 0;
}

static gsize
count_weights (const FewProjectRun *run)
{
  if (has_form (run, "linear"))
    return (gsize) run->n_classes * (run->dim + (gsize) 1);
  if (has_form (run, "independent"))
    return (gsize) run->n_classes * (run->dim + (gsize) 3);
  if (has_form (run, "cache"))
    return (gsize) run->n_keys * run->dim;
  if (has_form (run, "kernel"))
    return (gsize) run->n_keys * (run->dim + (gsize) run->n_classes);
  if (has_form (run, "sum"))
    return (gsize) run->n_classes * (run->dim + (gsize) 1) + 2 * (gsize) run->dim * run->hidden;
  if (has_form (run, "pair"))
    return (gsize) run->dim * (2 * (gsize) run->hidden + run->n_classes);
  if (has_form (run, "tower"))
    return 2 * (gsize) run->width * run->hidden + (gsize) run->n * run->dim;
  return 2 * (gsize) run->dim * run->hidden;
}

gsize
few_project_run_weight_bytes (const FewProjectRun *run)
{
  return run->weights ? (count_weights (run) + run->n_trust) * sizeof (float) : 0;
}

/* Pictures, how many were right, balanced accuracy, log-loss, calibration error. */
static void
set_cross_validated (JsonObject *object, const FewScores *scores)
{
  if (scores->n == 0)
    return;
  JsonArray *array = json_array_new ();
  json_array_add_int_element (array, scores->n);
  json_array_add_int_element (array, scores->right);
  add_number (array, scores->balanced);
  add_number (array, scores->log_loss);
  add_number (array, scores->calibration);
  json_object_set_array_member (object, "cross_validated", array);
}

/* What a form has beside its weights. */
static void
set_form (JsonObject *object, const FewProjectRun *run)
{
  few_member_set_fraction (object, "trained_alpha", run->trained_alpha);
  few_member_set_fraction (object, "chosen_alpha", run->chosen_alpha);
  few_member_set_fraction (object, "logit_scale", run->logit_scale);
  set_cross_validated (object, &run->cross_validated);
  few_member_set_string (object, "form", run->form);
  if (has_form (run, "linear"))
    {
      json_object_set_double_member (object, "zero_scale", run->zero_scale);
      json_object_set_boolean_member (object, "raw", run->raw);
    }
  if (has_form (run, "independent"))
    {
      json_object_set_double_member (object, "zero_scale", run->zero_scale);
      json_object_set_double_member (object, "strength", run->strength);
      json_object_set_double_member (object, "prior", run->prior);
    }
  if (has_form (run, "sum") || has_form (run, "pair"))
    {
      json_object_set_double_member (object, "zero_scale", run->zero_scale);
      json_object_set_double_member (object, "part_alpha", run->part_alpha);
      json_object_set_double_member (object, "part_scale", run->part_scale);
    }
  if (has_form (run, "tower"))
    {
      json_object_set_int_member (object, "after", run->after);
      json_object_set_int_member (object, "width", run->width);
      json_object_set_double_member (object, "part_alpha", run->part_alpha);
    }
  if (run->final_relu != run->job.options.final_relu)
    json_object_set_boolean_member (object, "final_relu", run->final_relu);
  if (!has_form (run, "cache") && !has_form (run, "kernel"))
    return;
  json_object_set_double_member (object, "tau", run->tau);
  json_object_set_double_member (object, "sharpness", run->sharpness);
  json_object_set_array_member (object, "key_labels",
                                few_member_ints (run->key_labels, run->n_keys));
}

JsonObject *
few_project_run_to_object (const FewProjectRun *run, gboolean with_weights)
{
  static const char ROLES[] = "tvex"; /* train, validation, test (evaluation), unused */
  JsonObject *object = json_object_new ();
  JsonArray *names = json_array_sized_new (run->n_classes);
  JsonArray *prompts = json_array_sized_new (run->n_classes);
  JsonArray *history = json_array_sized_new (run->epochs);
  g_autofree char *roles = g_new0 (char, run->n + 1);
  for (guint k = 0; k < run->n_classes; k++)
    {
      json_array_add_string_element (names, run->names[k]);
      json_array_add_string_element (prompts, run->prompts[k] ? run->prompts[k] : "");
    }
  for (guint e = 0; e < run->epochs; e++)
    {
      JsonArray *epoch = json_array_sized_new (3);
      add_number (epoch, run->history[e].loss);
      add_number (epoch, run->history[e].train_accuracy);
      add_number (epoch, run->history[e].validation_accuracy);
      json_array_add_array_element (history, epoch);
    }
  for (guint i = 0; i < run->n; i++)
    roles[i] = ROLES[run->roles[i] & 3];
  json_object_set_string_member (object, "title", run->title);
  json_object_set_object_member (object, "settings", few_member_of_job (&run->job));
  json_object_set_boolean_member (object, "stopped", run->stopped);
  json_object_set_double_member (object, "seconds", run->seconds);
  few_member_set_fraction (object, "test_accuracy", run->test_accuracy);
  few_member_set_fraction (object, "zero_shot_accuracy", run->zero_shot_accuracy);
  json_object_set_int_member (object, "test_pictures", run->n_test);
  json_object_set_array_member (object, "classes", names);
  json_object_set_array_member (object, "prompts", prompts);
  json_object_set_string_member (object, "template", run->template_text);
  json_object_set_array_member (object, "history", history);
  json_object_set_array_member (object, "ids", few_member_ints (run->ids, run->n));
  json_object_set_array_member (object, "labels", few_member_ints (run->labels, run->n));
  if (run->sets)
    few_member_set_label_sets (object, run);
  json_object_set_string_member (object, "roles", roles);
  json_object_set_int_member (object, "dim", run->dim);
  json_object_set_int_member (object, "hidden", MAX (run->hidden, 1));
  set_form (object, run);
  if (with_weights)
    {
      few_member_set_words (object, "weights", run->weights, count_weights (run));
      if (run->trust)
        few_member_set_words (object, "trust", run->trust, run->n_trust);
    }
  few_member_set_string (object, "model_sha256", run->backbone_sha256);
  few_member_set_string (object, "model_fingerprint", run->backbone_fingerprint);
  few_member_set_string (object, "model_precision", run->backbone_precision);
  few_member_set_string (object, "parent", run->parent);
  few_member_add_unknown (object, run->unknown);
  return object;
}

/* ---- reading */

static void
read_history (JsonObject *object, FewProjectRun *run, const char **bad)
{
  JsonArray *array = few_json_array (object, "history", bad);
  guint n = array ? json_array_get_length (array) : 0;
  run->history = g_new0 (FewEpoch, n + 1);
  for (guint e = 0; e < n && !*bad; e++)
    {
      JsonNode *node = json_array_get_element (array, e);
      JsonArray *epoch = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
      float values[3] = { NAN, NAN, NAN };
      if (!epoch || json_array_get_length (epoch) != 3)
        {
          *bad = "history";
          return;
        }
      for (guint i = 0; i < 3; i++)
        {
          JsonNode *value = json_array_get_element (epoch, i);
          if (JSON_NODE_HOLDS_VALUE (value))
            values[i] = (float) json_node_get_double (value);
        }
      run->history[run->epochs++] = (FewEpoch) { values[0], values[1], values[2] };
    }
}

/* Left unknown where it is no such thing. */
static void
read_cross_validated (JsonObject *object, FewScores *scores, const char **bad)
{
  double values[5];
  JsonArray *array = few_json_array (object, "cross_validated", bad);
  *scores = (FewScores) { .swallowing = FEW_NO_CLASS };
  if (!array || json_array_get_length (array) != G_N_ELEMENTS (values))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      values[i] = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : NAN;
    }
  if (!(values[0] >= 1 && values[0] <= FEW_PROJECT_MAX_PICTURES && values[1] >= 0
        && values[1] <= values[0]))
    return;
  scores->n = (guint) values[0];
  scores->right = (guint) values[1];
  scores->accuracy = values[1] / values[0];
  scores->balanced = values[2];
  scores->log_loss = values[3];
  scores->calibration = values[4];
  few_interval (scores->right, scores->n, &scores->low, &scores->high);
}

static void
read_form (JsonObject *object, FewProjectRun *run, const char **bad)
{
  const char *form = few_json_string (object, "form", "", bad);
  run->form = *form ? g_strdup (form) : NULL;
  run->dim = few_member_int (object, "dim", 1, FEW_PROJECT_MAX_WIDTH, 1, bad);
  run->hidden = few_member_int (object, "hidden", 1, FEW_PROJECT_MAX_WIDTH, 1, bad);
  run->final_relu = few_json_bool (object, "final_relu", run->job.options.final_relu, bad);
  run->after = few_member_int (object, "after", 1, FEW_PROJECT_MAX_WIDTH, 1, bad);
  run->width = few_member_int (object, "width", 1, FEW_PROJECT_MAX_WIDTH, 1, bad);
  run->trained_alpha = few_member_fraction (object, "trained_alpha", bad);
  run->chosen_alpha = few_member_fraction (object, "chosen_alpha", bad);
  double scale = few_json_double (object, "logit_scale", NAN, bad);
  run->logit_scale = scale > 0 && scale < 1e6 ? scale : NAN;
  run->part_alpha = few_member_ratio (object, "part_alpha", 1, 0, bad);
  run->part_scale = few_member_ratio (object, "part_scale", 1e6, 0, bad);
  read_cross_validated (object, &run->cross_validated, bad);
  run->raw = few_json_bool (object, "raw", FALSE, bad);
  run->zero_scale = few_member_ratio (object, "zero_scale", 1e6, 0, bad);
  run->strength = few_member_ratio (object, "strength", 1e9, 0, bad);
  run->prior = few_member_ratio (object, "prior", 1e6, 0, bad);
  run->tau = few_member_ratio (object, "tau", 1e6, 0, bad);
  run->sharpness = few_member_ratio (object, "sharpness", 1e6, 0, bad);
  JsonArray *labels = few_json_array (object, "key_labels", bad);
  run->n_keys = labels ? json_array_get_length (labels) : 0;
  if (run->n_keys > FEW_PROJECT_MAX_PICTURES)
    {
      *bad = "key_labels";
      run->n_keys = 0;
    }
  run->key_labels =
      few_member_read_ints (object, "key_labels", run->n_keys, MAX (run->n_classes, 1), bad);
}

static gboolean
is_known_form (const FewProjectRun *run)
{
  static const char *const known[] = { "linear", "independent", "cache", "kernel",
                                       "sum",    "pair",        "tower", NULL };
  return !run->form || g_strv_contains (known, run->form);
}

/* The floats of a member, all finite; NULL and 0 where it is not that. */
static float *
read_floats (JsonObject *object, const char *member, gsize *n, const char **bad)
{
  g_autofree guint32 *bits = few_member_words (object, member, n, bad);
  g_autofree float *values = bits ? g_try_new (float, *n) : NULL;
  if (!values)
    return NULL;
  memcpy (values, bits, *n * sizeof *values);
  for (gsize i = 0; i < *n; i++)
    if (!isfinite (values[i]))
      return NULL;
  return g_steal_pointer (&values);
}

/* Weights that do not fit are no reason to refuse a project: the run can be trained again. */
static void
read_weights (JsonObject *object, FewProjectRun *run, const char **bad)
{
  gsize n;
  read_form (object, run, bad);
  g_autofree float *weights = read_floats (object, "weights", &n, bad);
  if (!weights || !is_known_form (run) || n != count_weights (run))
    return;
  run->weights = g_steal_pointer (&weights);
  run->trust = read_floats (object, "trust", &run->n_trust, bad);
  if (!run->trust)
    run->n_trust = 0;
}

static FewRole
read_role (char letter)
{
  switch (letter)
    {
    case 't':
      return FEW_ROLE_TRAIN;
    case 'v':
      return FEW_ROLE_VALIDATION;
    case 'e':
      return FEW_ROLE_TEST;
    default:
      return FEW_ROLE_UNUSED;
    }
}

void
few_project_run_read (JsonObject *object, FewProjectRun *run, gboolean *repaired, const char **bad)
{
  guint n_prompts;
  JsonObject *settings = few_json_object (object, "settings", bad);
  const char *roles = few_json_string (object, "roles", "", bad);
  const char *hash = few_json_string (object, "model_sha256", "", bad);
  const char *fingerprint = few_json_string (object, "model_fingerprint", "", bad);
  const char *precision = few_json_string (object, "model_precision", "", bad);
  few_train_options_init (&run->job.options);
  run->job.split_seed = 1;
  if (settings)
    few_member_job (settings, &run->job, bad);
  run->title = g_strdup (few_json_string (object, "title", "", bad));
  run->stopped = few_json_bool (object, "stopped", FALSE, bad);
  run->seconds = few_member_ratio (object, "seconds", 1e9, 0, bad);
  run->test_accuracy = few_member_fraction (object, "test_accuracy", bad);
  run->zero_shot_accuracy = few_member_fraction (object, "zero_shot_accuracy", bad);
  run->n_test = few_member_int (object, "test_pictures", 0, FEW_PROJECT_MAX_PICTURES, 0, bad);
  run->names = few_member_strings (object, "classes", &run->n_classes, bad);
  g_auto (GStrv) prompts = few_member_strings (object, "prompts", &n_prompts, bad);
  run->prompts = g_new0 (char *, run->n_classes + 1);
  for (guint k = 0; k < MIN (n_prompts, run->n_classes); k++)
    run->prompts[k] = *prompts[k] ? g_strdup (prompts[k]) : NULL;
  if (n_prompts != run->n_classes)
    *bad = *bad ? *bad : "prompts";
  run->template_text = g_strdup (few_json_string (object, "template", "", bad));
  read_history (object, run, bad);
  run->n = (guint) MIN (strlen (roles), FEW_PROJECT_MAX_PICTURES);
  run->roles = g_new0 (guint8, run->n + 1);
  for (guint i = 0; i < run->n; i++)
    run->roles[i] = read_role (roles[i]);
  run->ids = few_member_read_ints (object, "ids", run->n, (guint) G_MAXINT32 + 1, bad);
  run->labels = few_member_read_ints (object, "labels", run->n, MAX (run->n_classes, 1), bad);
  few_member_label_sets (object, run, bad);
  read_weights (object, run, bad);
  run->backbone_sha256 = few_hex_is_sha256 (hash) ? g_strdup (hash) : NULL;
  run->backbone_fingerprint = few_hex_is_sha256 (fingerprint) ? g_strdup (fingerprint) : NULL;
  run->backbone_precision = *precision ? g_strdup (precision) : NULL;
  const char *parent = few_json_string (object, "parent", "", bad);
  run->parent = few_hex_is_sha256 (parent) ? g_strdup (parent) : NULL;
  gboolean unused = !run->weights && *few_json_string (object, "weights", "", bad);
  run->unknown = few_member_unknown (object, unused ? RUN_MEMBERS + 1 : RUN_MEMBERS);
  *repaired = *repaired || unused || (*hash && !run->backbone_sha256);
}
