/* Projects as JSON: a list of classes, a list of pictures, the settings and the runs. Members that this version does not know are kept
 * as they are, at every level, so that a newer version's file survives an older version. */
#include "../error.h"
#include "../io/atomic-file.h"
#include "../io/json.h"
#include <math.h>
#include <string.h>

enum
{
  FORMAT = 1,
  MAX_CLASSES = 100000,
  MAX_PICTURES = 4000000,
  MAX_RUNS = 10000,
  MAX_WIDTH = 65536,
};
/* Weights of older runs beyond this are not written: a file that is saved every few seconds stays small. */
static const gsize MAX_WEIGHT_BYTES = 64u << 20;

/* ---- members that are not known */

static const char *const ROOT_MEMBERS[] = { "fewshot", "model", "model_sha256", "template", "alpha", "settings", "classes", "pictures", "runs", NULL };
static const char *const CLASS_MEMBERS[] = { "id", "name", "prompt", NULL };
static const char *const PICTURE_MEMBERS[] = { "id", "class", "path", "sha256", "excluded", NULL };
static const char *const RUN_MEMBERS[] = { "title",  "settings", "stopped", "seconds", "test_accuracy", "zero_shot_accuracy", "test_pictures", "classes", "prompts",
                                           "template", "history", "ids", "labels", "roles", "dim", "hidden", "weights", "model_sha256", NULL };

static char *
unknown_members (JsonObject *object, const char *const *known)
{
  g_autoptr (JsonObject) rest = NULL;
  g_autoptr (GList) names = json_object_get_members (object); /* in the order of the file */
  for (GList *l = names; l; l = l->next)
    {
      if (g_strv_contains (known, l->data))
        continue;
      if (!rest)
        rest = json_object_new ();
      json_object_set_member (rest, l->data, json_node_copy (json_object_get_member (object, l->data)));
    }
  if (!rest)
    return NULL;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, rest);
  return json_to_string (node, FALSE);
}

static void
add_unknown (JsonObject *object, const char *unknown)
{
  g_autoptr (JsonNode) node = unknown ? few_json_parse (unknown, strlen (unknown), "unknown members", NULL) : NULL;
  if (!node)
    return;
  JsonObject *from = json_node_get_object (node);
  g_autoptr (GList) names = json_object_get_members (from);
  for (GList *l = names; l; l = l->next)
    json_object_set_member (object, l->data, json_node_copy (json_object_get_member (from, l->data)));
}

/* ---- settings */

static const char *const SIDES[] = { "visual", "text", "both" };
static const char *const OPTIMIZERS[] = { "adamw", "adam", "sgd" };

static JsonObject *
job_to_object (const FewTrainJob *job)
{
  const FewTrainOptions *o = &job->options;
  JsonObject *object = json_object_new ();
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
  json_object_set_int_member (object, "batch", o->batch);
  json_object_set_int_member (object, "seed", (gint64) o->seed);
  json_object_set_int_member (object, "shots", job->shots);
  json_object_set_int_member (object, "split_seed", (gint64) job->split_seed);
  return object;
}

static guint
word (JsonObject *object, const char *member, const char *const *words, guint n, guint fallback, const char **bad)
{
  const char *text = few_json_string (object, member, words[fallback], bad);
  for (guint i = 0; i < n; i++)
    if (g_str_equal (text, words[i]))
      return i;
  *bad = *bad ? *bad : member;
  return fallback;
}

static guint
bounded (JsonObject *object, const char *member, gint64 low, gint64 high, guint fallback, const char **bad)
{
  gint64 value = few_json_int (object, member, fallback, bad);
  if (value >= low && value <= high)
    return (guint) value;
  *bad = *bad ? *bad : member;
  return fallback;
}

static double
ratio (JsonObject *object, const char *member, double high, double fallback, const char **bad)
{
  double value = few_json_double (object, member, fallback, bad);
  if (value >= 0 && value <= high)
    return value;
  *bad = *bad ? *bad : member;
  return fallback;
}

static void
job_from_object (JsonObject *object, FewTrainJob *job, const char **bad)
{
  FewTrainOptions *o = &job->options;
  o->side = (FewSide) word (object, "side", SIDES, G_N_ELEMENTS (SIDES), o->side, bad);
  o->alpha = ratio (object, "alpha", 1, o->alpha, bad);
  o->beta = ratio (object, "beta", 1, o->beta, bad);
  o->learn_ratios = few_json_bool (object, "learn_ratios", o->learn_ratios, bad);
  o->hidden = bounded (object, "hidden", 0, MAX_WIDTH, o->hidden, bad);
  o->final_relu = few_json_bool (object, "final_relu", o->final_relu, bad);
  o->optimizer = (FewOptimizer) word (object, "optimizer", OPTIMIZERS, G_N_ELEMENTS (OPTIMIZERS), o->optimizer, bad);
  o->learning_rate = ratio (object, "learning_rate", 1000, o->learning_rate, bad);
  o->weight_decay = ratio (object, "weight_decay", 1000, o->weight_decay, bad);
  o->momentum = ratio (object, "momentum", 1, o->momentum, bad);
  o->cosine = few_json_bool (object, "cosine", o->cosine, bad);
  o->warmup_epochs = bounded (object, "warmup_epochs", 0, 1000000, o->warmup_epochs, bad);
  o->epochs = bounded (object, "epochs", 1, 1000000, o->epochs, bad);
  o->batch = bounded (object, "batch", 1, MAX_WIDTH, o->batch, bad);
  o->seed = (guint64) few_json_int (object, "seed", (gint64) o->seed, bad);
  job->shots = bounded (object, "shots", 0, MAX_PICTURES, job->shots, bad);
  job->split_seed = (guint64) few_json_int (object, "split_seed", (gint64) job->split_seed, bad);
}

/* ---- paths */

/* Relative when it lies below the folder; a name that is no UTF-8 as a URI, since JSON is UTF-8. */
static char *
path_to_text (const char *path, const char *folder)
{
  gsize length = folder ? strlen (folder) : 0;
  while (length > 1 && folder[length - 1] == G_DIR_SEPARATOR)
    length--;
  if (!g_utf8_validate (path, -1, NULL))
    return g_filename_to_uri (path, NULL, NULL);
  if (length > 1 && strncmp (path, folder, length) == 0 && path[length] == G_DIR_SEPARATOR && !g_str_has_prefix (path + length + 1, "file:"))
    return g_strdup (path + length + 1);
  return g_strdup (path);
}

static GRefString *
path_from_text (const char *text, const char *folder)
{
  g_autofree char *path = NULL;
  if (g_str_has_prefix (text, "file:"))
    path = g_filename_from_uri (text, NULL, NULL);
  else if (g_path_is_absolute (text))
    path = g_strdup (text);
  else if (*text)
    path = folder ? g_build_filename (folder, text, NULL) : g_strdup (text);
  return path ? g_ref_string_new (path) : NULL;
}

/* ---- writing */

static void
set_optional_string (JsonObject *object, const char *member, const char *text)
{
  if (text && *text)
    json_object_set_string_member (object, member, text);
}

/* JSON has no NaN: what is not known is left out. */
static void
set_fraction (JsonObject *object, const char *member, double value)
{
  if (isfinite (value))
    json_object_set_double_member (object, member, value);
}

static JsonArray *
ints_to_array (const guint32 *values, guint n)
{
  JsonArray *array = json_array_sized_new (n);
  for (guint i = 0; i < n; i++)
    json_array_add_int_element (array, values[i]);
  return array;
}

static void
add_number (JsonArray *array, double value)
{
  if (isfinite (value))
    json_array_add_double_element (array, value);
  else
    json_array_add_null_element (array);
}

static gsize
weight_bytes (const FewProjectRun *run)
{
  return run->weights ? 2 * (gsize) run->dim * run->hidden * sizeof (float) : 0;
}

static JsonObject *
run_to_object (const FewProjectRun *run, gboolean with_weights)
{
  static const char ROLES[] = "tvex"; /* train, validation, test (evaluation), unused */
  JsonObject *object = json_object_new ();
  JsonArray *names = json_array_sized_new (run->n_classes), *prompts = json_array_sized_new (run->n_classes), *history = json_array_sized_new (run->epochs);
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
  json_object_set_object_member (object, "settings", job_to_object (&run->job));
  json_object_set_boolean_member (object, "stopped", run->stopped);
  json_object_set_double_member (object, "seconds", run->seconds);
  set_fraction (object, "test_accuracy", run->test_accuracy);
  set_fraction (object, "zero_shot_accuracy", run->zero_shot_accuracy);
  json_object_set_int_member (object, "test_pictures", run->n_test);
  json_object_set_array_member (object, "classes", names);
  json_object_set_array_member (object, "prompts", prompts);
  json_object_set_string_member (object, "template", run->template_text);
  json_object_set_array_member (object, "history", history);
  json_object_set_array_member (object, "ids", ints_to_array (run->ids, run->n));
  json_object_set_array_member (object, "labels", ints_to_array (run->labels, run->n));
  json_object_set_string_member (object, "roles", roles);
  json_object_set_int_member (object, "dim", run->dim);
  json_object_set_int_member (object, "hidden", run->hidden);
  if (with_weights)
    {
      gsize n = weight_bytes (run) / sizeof (guint32);
      g_autofree guint32 *little = g_new (guint32, n);
      memcpy (little, run->weights, n * sizeof *little);
      for (gsize i = 0; i < n; i++)
        little[i] = GUINT32_TO_LE (little[i]);
      g_autofree char *text = g_base64_encode ((const guchar *) little, n * sizeof *little);
      json_object_set_string_member (object, "weights", text);
    }
  set_optional_string (object, "model_sha256", run->backbone_sha256);
  add_unknown (object, run->unknown);
  return object;
}

char *
few_project_to_json (const FewProject *project, const char *folder)
{
  g_autoptr (JsonObject) root = json_object_new ();
  JsonArray *classes = json_array_sized_new (project->classes->len), *pictures = json_array_sized_new (project->pictures->len);
  JsonArray *runs = json_array_sized_new (project->runs->len);
  for (guint k = 0; k < project->classes->len; k++)
    {
      const FewProjectClass *klass = project->classes->pdata[k];
      JsonObject *object = json_object_new ();
      json_object_set_int_member (object, "id", klass->id);
      json_object_set_string_member (object, "name", klass->name);
      set_optional_string (object, "prompt", klass->prompt);
      add_unknown (object, klass->unknown);
      json_array_add_object_element (classes, object);
    }
  for (guint i = 0; i < project->pictures->len; i++)
    {
      const FewProjectPicture *picture = &g_array_index (project->pictures, FewProjectPicture, i);
      g_autofree char *path = path_to_text (picture->path, folder);
      JsonObject *object = json_object_new ();
      json_object_set_int_member (object, "id", picture->id);
      json_object_set_int_member (object, "class", picture->label);
      json_object_set_string_member (object, "path", path ? path : "");
      set_optional_string (object, "sha256", picture->sha256);
      if (picture->excluded)
        json_object_set_boolean_member (object, "excluded", TRUE);
      add_unknown (object, picture->unknown);
      json_array_add_object_element (pictures, object);
    }
  gsize bytes = 0;
  guint first = project->runs->len; /* the first run whose weights are written */
  while (first > 0 && (bytes += weight_bytes (project->runs->pdata[first - 1])) <= MAX_WEIGHT_BYTES)
    first--;
  for (guint r = 0; r < project->runs->len; r++)
    {
      const FewProjectRun *run = project->runs->pdata[r];
      json_array_add_object_element (runs, run_to_object (run, r >= first && run->weights));
    }
  json_object_set_int_member (root, "fewshot", FORMAT);
  set_optional_string (root, "model", project->model);
  set_optional_string (root, "model_sha256", project->model_sha256);
  json_object_set_string_member (root, "template", project->template_text);
  json_object_set_double_member (root, "alpha", project->alpha);
  json_object_set_object_member (root, "settings", job_to_object (&project->job));
  json_object_set_array_member (root, "classes", classes);
  json_object_set_array_member (root, "pictures", pictures);
  json_object_set_array_member (root, "runs", runs);
  add_unknown (root, project->unknown);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, root);
  return json_to_string (node, TRUE);
}

/* ---- reading */

/* The elements of an array member that are objects; *bad when one is not, or there are too many. */
static GPtrArray *
objects (JsonObject *object, const char *member, guint most, const char **bad)
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

static gboolean
is_hash (const char *text)
{
  return strlen (text) == 64 && strspn (text, "0123456789abcdef") == 64;
}

static void
read_classes (JsonObject *root, FewProject *project, const char **bad)
{
  g_autoptr (GPtrArray) list = objects (root, "classes", MAX_CLASSES, bad);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) ids = g_hash_table_new (NULL, NULL);
  for (guint k = 0; k < list->len && !*bad; k++)
    {
      const char *name = few_json_string (list->pdata[k], "name", "", bad), *prompt = few_json_string (list->pdata[k], "prompt", NULL, bad);
      guint id = bounded (list->pdata[k], "id", 1, G_MAXINT32, k + 1, bad);
      g_autofree char *unknown = unknown_members (list->pdata[k], CLASS_MEMBERS);
      if (!*name || !g_hash_table_add (names, (char *) name) || !g_hash_table_add (ids, GUINT_TO_POINTER (id)))
        *bad = *bad ? *bad : "name or id of a class";
      few_project_add_class (project->classes, id, name, prompt && *prompt ? prompt : NULL, unknown);
    }
}

static void
read_pictures (JsonObject *root, FewProject *project, const char *folder, const char **bad)
{
  g_autoptr (GPtrArray) list = objects (root, "pictures", MAX_PICTURES, bad);
  g_autoptr (GHashTable) ids = g_hash_table_new (NULL, NULL);
  if (*bad)
    return;
  g_array_set_size (project->pictures, 0);
  for (guint i = 0; i < list->len && !*bad; i++)
    {
      JsonObject *object = list->pdata[i];
      const char *hash = few_json_string (object, "sha256", "", bad);
      FewProjectPicture picture = { .id = bounded (object, "id", 1, G_MAXINT32, i + 1, bad), .label = bounded (object, "class", 0, MAX_CLASSES, 0, bad),
                                    .path = path_from_text (few_json_string (object, "path", "", bad), folder),
                                    .excluded = few_json_bool (object, "excluded", FALSE, bad), .unknown = unknown_members (object, PICTURE_MEMBERS) };
      if (is_hash (hash))
        g_strlcpy (picture.sha256, hash, sizeof picture.sha256);
      if (picture.label >= project->classes->len || !picture.path || !g_hash_table_add (ids, GUINT_TO_POINTER (picture.id)))
        *bad = *bad ? *bad : "path, class or id of a picture";
      g_array_append_val (project->pictures, picture);
    }
}

static double
fraction (JsonObject *object, const char *member, const char **bad)
{
  double value = few_json_double (object, member, NAN, bad);
  return value >= 0 && value <= 1 ? value : NAN;
}

/* n numbers below `limit`; NULL and *bad otherwise. */
static guint32 *
read_ints (JsonObject *object, const char *member, guint n, guint limit, const char **bad)
{
  JsonArray *array = few_json_array (object, member, bad);
  g_autofree guint32 *values = g_new0 (guint32, n + 1);
  if ((array ? json_array_get_length (array) : 0) != n)
    *bad = *bad ? *bad : member;
  for (guint i = 0; i < n && !*bad; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      gint64 value = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_int (node) : -1;
      if (value < 0 || value >= limit)
        *bad = member;
      values[i] = (guint32) value;
    }
  return g_steal_pointer (&values);
}

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
      run->history[run->epochs++] = (FewEpoch){ values[0], values[1], values[2] };
    }
}

/* Weights that do not fit are no reason to refuse a project: the run can be trained again. */
static void
read_weights (JsonObject *object, FewProjectRun *run, const char **bad)
{
  const char *text = few_json_string (object, "weights", NULL, bad);
  run->dim = bounded (object, "dim", 1, MAX_WIDTH, 1, bad);
  run->hidden = bounded (object, "hidden", 1, MAX_WIDTH, 1, bad);
  gsize length = 0, n = 2 * (gsize) run->dim * run->hidden;
  g_autofree guchar *bytes = text && !*bad ? g_base64_decode (text, &length) : NULL;
  if (length != n * sizeof (float))
    return;
  run->weights = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    {
      guint32 bits;
      memcpy (&bits, bytes + i * sizeof bits, sizeof bits);
      bits = GUINT32_FROM_LE (bits);
      memcpy (&run->weights[i], &bits, sizeof bits);
      if (!isfinite (run->weights[i]))
        {
          g_clear_pointer (&run->weights, g_free);
          return;
        }
    }
}

static char **
read_strings (JsonObject *object, const char *member, guint *n, const char **bad)
{
  JsonArray *array = few_json_array (object, member, bad);
  *n = array ? json_array_get_length (array) : 0;
  if (*n > MAX_CLASSES)
    *bad = member, *n = 0;
  char **strings = g_new0 (char *, *n + 1);
  for (guint i = 0; i < *n; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      gboolean text = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
      strings[i] = g_strdup (text ? json_node_get_string (node) : "");
      if (!text)
        *bad = *bad ? *bad : member;
    }
  return strings;
}

static void
read_run (JsonObject *object, FewProjectRun *run, const char **bad)
{
  guint n_prompts;
  JsonObject *settings = few_json_object (object, "settings", bad);
  const char *roles = few_json_string (object, "roles", "", bad), *hash = few_json_string (object, "model_sha256", "", bad);
  few_train_options_init (&run->job.options);
  run->job.split_seed = 1;
  if (settings)
    job_from_object (settings, &run->job, bad);
  run->title = g_strdup (few_json_string (object, "title", "", bad));
  run->stopped = few_json_bool (object, "stopped", FALSE, bad);
  run->seconds = ratio (object, "seconds", 1e9, 0, bad);
  run->test_accuracy = fraction (object, "test_accuracy", bad);
  run->zero_shot_accuracy = fraction (object, "zero_shot_accuracy", bad);
  run->n_test = bounded (object, "test_pictures", 0, MAX_PICTURES, 0, bad);
  run->names = read_strings (object, "classes", &run->n_classes, bad);
  g_auto (GStrv) prompts = read_strings (object, "prompts", &n_prompts, bad);
  run->prompts = g_new0 (char *, run->n_classes + 1);
  for (guint k = 0; k < MIN (n_prompts, run->n_classes); k++)
    run->prompts[k] = *prompts[k] ? g_strdup (prompts[k]) : NULL;
  if (n_prompts != run->n_classes)
    *bad = *bad ? *bad : "prompts";
  run->template_text = g_strdup (few_json_string (object, "template", "", bad));
  read_history (object, run, bad);
  run->n = (guint) MIN (strlen (roles), MAX_PICTURES);
  run->roles = g_new0 (guint8, run->n + 1);
  for (guint i = 0; i < run->n; i++)
    run->roles[i] = roles[i] == 't' ? FEW_ROLE_TRAIN : roles[i] == 'v' ? FEW_ROLE_VALIDATION : roles[i] == 'e' ? FEW_ROLE_TEST : FEW_ROLE_UNUSED;
  run->ids = read_ints (object, "ids", run->n, G_MAXINT32, bad);
  run->labels = read_ints (object, "labels", run->n, MAX (run->n_classes, 1), bad);
  read_weights (object, run, bad);
  run->backbone_sha256 = is_hash (hash) ? g_strdup (hash) : NULL;
  run->unknown = unknown_members (object, RUN_MEMBERS);
}

static void
read_runs (JsonObject *root, FewProject *project, const char **bad)
{
  g_autoptr (GPtrArray) list = objects (root, "runs", MAX_RUNS, bad);
  for (guint i = 0; i < list->len && !*bad; i++)
    {
      FewProjectRun *run = g_new0 (FewProjectRun, 1);
      g_atomic_ref_count_init (&run->refs);
      g_ptr_array_add (project->runs, run);
      read_run (list->pdata[i], run, bad);
    }
}

FewProject *
few_project_from_json (const char *json, gsize length, const char *name, const char *folder, GError **error)
{
  g_autoptr (JsonNode) node = few_json_parse (json, length, name, error);
  if (!node)
    return NULL;
  JsonObject *root = json_node_get_object (node);
  const char *bad = NULL;
  gint64 format = few_json_int (root, "fewshot", 0, &bad);
  if (bad || format < 1)
    {
      few_fail (error, FORMAT, "%s is not a Fewshot project.", name);
      return NULL;
    }
  if (format > FORMAT)
    {
      few_fail (error, UNSUPPORTED, "%s was written by a newer Fewshot. Update Fewshot to open it.", name);
      return NULL;
    }
  g_autoptr (FewProject) project = few_project_new ();
  JsonObject *settings = few_json_object (root, "settings", &bad);
  const char *hash = few_json_string (root, "model_sha256", "", &bad);
  project->model = g_strdup (few_json_string (root, "model", NULL, &bad));
  project->model_sha256 = is_hash (hash) ? g_strdup (hash) : NULL;
  g_free (project->template_text);
  project->template_text = g_strdup (few_json_string (root, "template", "a photo of a {}.", &bad));
  project->alpha = ratio (root, "alpha", 1, project->alpha, &bad);
  if (settings)
    job_from_object (settings, &project->job, &bad);
  read_classes (root, project, &bad);
  read_pictures (root, project, folder, &bad);
  read_runs (root, project, &bad);
  project->unknown = unknown_members (root, ROOT_MEMBERS);
  g_auto (GStrv) templates = few_templates_split (project->template_text);
  if (!bad && !templates)
    bad = "template";
  if (bad)
    {
      few_fail (error, FORMAT, "%s is damaged: its “%s” cannot be used. Restore the file from a copy.", name, bad);
      return NULL;
    }
  return g_steal_pointer (&project);
}

/* ---- files */

gboolean
few_project_save (const FewProject *project, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path), *json = few_project_to_json (project, folder);
  g_autoptr (FewAtomicFile) file = few_atomic_file_new (path, error);
  return file && few_atomic_file_write (file, json, strlen (json), error) && few_atomic_file_write (file, "\n", 1, error)
         && few_atomic_file_commit (file, error);
}

FewProject *
few_project_load (const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *folder = g_path_get_dirname (path), *name = g_filename_display_basename (path);
  g_autoptr (GMappedFile) map = g_mapped_file_new (path, FALSE, &local);
  if (!map)
    {
      g_autofree char *shown = g_filename_display_name (path);
      few_fail (error, INPUT, "%s could not be opened: %s", shown, local->message);
      return NULL;
    }
  const char *data = g_mapped_file_get_contents (map);
  return few_project_from_json (data ? data : "", g_mapped_file_get_length (map), name, folder, error);
}
