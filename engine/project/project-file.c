/* SPDX-License-Identifier: MIT */
/* Projects as JSON: a list of classes, a list of pictures, the settings and the runs. Members
 * that this version does not know are kept as they are, at every level, so that a newer
 * version's file survives an older version. */
#include "base/error.h"
#include "base/hex.h"
#include <fewshot/atomic-file.h>
#include "base/file.h"
#include "base/json.h"
#include "project/members.h"
#include <fewshot/project.h>
#include <fewshot/prompts.h>
#include <glib/gstdio.h>
#include <string.h>

/* The second has boxes, or any number of classes a picture: a version of the first would learn from
 * whole pictures, or keep the first class alone. A project without them stays one of the first. */
enum { FORMAT_FIRST = 1, FORMAT_SECOND = 2 };
/* Weights of older runs beyond this are not written: a file that is saved every few seconds
 * stays small. */
static const gsize MAX_WEIGHT_BYTES = 64u << 20;

static const char *const ROOT_MEMBERS[] = {
  "fewshot", "model",    "model_sha256", "model_fingerprint", "template", "alpha",      "settings",
  "classes", "pictures", "runs",         "none_of_these",     "labels",   "comparison", NULL
};
/* The members that are read and written some elements at a time. */
enum { PICTURES, NONE };
static const char *const CLASS_MEMBERS[] = { "id", "name", "prompt", NULL };

/* ---- writing */

static JsonArray *
classes_to_array (const FewProject *project)
{
  JsonArray *classes = json_array_sized_new (project->classes->len);
  for (guint k = 0; k < project->classes->len; k++)
    {
      const FewProjectClass *klass = project->classes->pdata[k];
      JsonObject *object = json_object_new ();
      json_object_set_int_member (object, "id", klass->id);
      json_object_set_string_member (object, "name", klass->name);
      few_member_set_string (object, "prompt", klass->prompt);
      few_member_add_unknown (object, klass->unknown);
      json_array_add_object_element (classes, object);
    }
  return classes;
}

static gboolean
has_boxes (const FewProject *project)
{
  for (guint i = 0; i < project->pictures->len; i++)
    if (!few_crop_is_whole (&g_array_index (project->pictures, FewProjectPicture, i).crop))
      return TRUE;
  return FALSE;
}

/* With the weights of the newest runs, of no more bytes than that. */
static JsonArray *
runs_to_array (const FewProject *project, gsize weight_bytes)
{
  JsonArray *runs = json_array_sized_new (project->runs->len);
  gsize bytes = 0;
  guint first = project->runs->len; /* the first run whose weights are written */
  while (first > 0
         && (bytes += few_project_run_weight_bytes (project->runs->pdata[first - 1]))
                <= weight_bytes)
    first--;
  for (guint r = 0; r < project->runs->len; r++)
    {
      const FewProjectRun *run = project->runs->pdata[r];
      json_array_add_object_element (runs,
                                     few_project_run_to_object (run, r >= first && run->weights));
    }
  return runs;
}

/* Also where a run of earlier has learned so. */
static gboolean
needs_any (const FewProject *project)
{
  gboolean any = project->any;
  for (guint r = 0; r < project->runs->len && !any; r++)
    any = ((const FewProjectRun *) project->runs->pdata[r])->sets != NULL;
  return any;
}

static char *
write_json (const FewProject *project, const char *folder, gsize weight_bytes)
{
  FewJsonList lists[] = {
    [PICTURES] = { .name = "pictures" }, [NONE] = { .name = "none_of_these" }
  };
  GString *texts[] = { [PICTURES] = few_member_write_pictures (project, FALSE, folder),
                       [NONE] = few_member_write_pictures (project, TRUE, folder) };
  g_autoptr (JsonObject) root = json_object_new ();
  gboolean second = has_boxes (project) || needs_any (project);
  json_object_set_int_member (root, "fewshot", second ? FORMAT_SECOND : FORMAT_FIRST);
  if (project->any)
    json_object_set_string_member (root, "labels", "any");
  few_member_set_string (root, "model", project->model);
  few_member_set_string (root, "model_sha256", project->model_sha256);
  few_member_set_string (root, "model_fingerprint", project->model_fingerprint);
  json_object_set_string_member (root, "template", project->template_text);
  json_object_set_double_member (root, "alpha", project->alpha);
  json_object_set_object_member (root, "settings", few_member_of_job (&project->job));
  json_object_set_array_member (root, "classes", classes_to_array (project));
  json_object_set_array_member (root, lists[PICTURES].name, json_array_new ());
  if (texts[NONE]->len > 0)
    json_object_set_array_member (root, lists[NONE].name, json_array_new ());
  json_object_set_array_member (root, "runs", runs_to_array (project, weight_bytes));
  if (project->comparison)
    json_object_set_object_member (root, "comparison",
                                   few_project_comparison_to_object (project->comparison));
  few_member_add_unknown (root, project->unknown);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, root);
  g_autofree char *around = json_to_string (node, FALSE);
  char *json = few_json_lists_fill (around, lists, texts, G_N_ELEMENTS (lists));
  g_string_free (texts[PICTURES], TRUE);
  g_string_free (texts[NONE], TRUE);
  return json;
}

char *
few_project_to_json (const FewProject *project, const char *folder)
{
  g_return_val_if_fail (project != NULL, NULL);
  return write_json (project, folder, MAX_WEIGHT_BYTES);
}

/* ---- reading */

static void
read_classes (JsonObject *root, FewProject *project, const char **bad)
{
  g_autoptr (GPtrArray) list = few_member_objects (root, "classes", FEW_PROJECT_MAX_CLASSES, bad);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) ids = g_hash_table_new (NULL, NULL);
  for (guint k = 0; k < list->len && !*bad; k++)
    {
      const char *name = few_json_string (list->pdata[k], "name", "", bad);
      const char *prompt = few_json_string (list->pdata[k], "prompt", NULL, bad);
      guint id = few_member_int (list->pdata[k], "id", 1, G_MAXINT32, k + 1, bad);
      g_autofree char *unknown = few_member_unknown (list->pdata[k], CLASS_MEMBERS);
      if (!*name || !g_hash_table_add (names, (char *) name)
          || !g_hash_table_add (ids, GUINT_TO_POINTER (id)))
        *bad = *bad ? *bad : "name or id of a class";
      few_project_add_class (project->classes, id, name, prompt && *prompt ? prompt : NULL,
                             unknown);
    }
}

static void
read_runs (JsonObject *root, FewProject *project, const char **bad)
{
  g_autoptr (GPtrArray) list = few_member_objects (root, "runs", FEW_PROJECT_MAX_RUNS, bad);
  for (guint i = 0; i < list->len && !*bad; i++)
    {
      FewProjectRun *run = g_new0 (FewProjectRun, 1);
      g_atomic_ref_count_init (&run->refs);
      g_ptr_array_add (project->runs, run);
      few_project_run_read (list->pdata[i], run, &project->repaired, bad);
    }
}

/* It can be run again: one that cannot be used is no reason to refuse the project. */
static void
read_comparison (JsonObject *root, FewProject *project)
{
  const char *bad = NULL;
  JsonObject *object = few_json_object (root, "comparison", &bad);
  project->comparison = object ? few_project_comparison_read (object) : NULL;
  project->repaired |= bad || (object && !project->comparison);
}

static void
read_model (JsonObject *root, FewProject *project, const char **bad)
{
  const char *hash = few_json_string (root, "model_sha256", "", bad);
  const char *fingerprint = few_json_string (root, "model_fingerprint", "", bad);
  project->model = g_strdup (few_json_string (root, "model", NULL, bad));
  project->model_sha256 = few_hex_is_sha256 (hash) ? g_strdup (hash) : NULL;
  project->repaired = *hash && !project->model_sha256;
  project->model_fingerprint = few_hex_is_sha256 (fingerprint) ? g_strdup (fingerprint) : NULL;
}

FewProject *
few_project_from_json (const char *json, gsize length, const char *name, const char *folder,
                       GError **error)
{
  g_return_val_if_fail (json != NULL && name != NULL, NULL);
  FewJsonList lists[] = {
    [PICTURES] = { .name = "pictures" }, [NONE] = { .name = "none_of_these" }
  };
  g_autoptr (JsonNode) node =
      few_json_lists_parse (json, length, lists, G_N_ELEMENTS (lists), name, error);
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
  if (format > FORMAT_SECOND)
    {
      few_fail (error, UNSUPPORTED, "%s was written by a newer Fewshot. Update Fewshot to open it.",
                name);
      return NULL;
    }
  g_autoptr (FewProject) project = few_project_new ();
  JsonObject *settings = few_json_object (root, "settings", &bad);
  read_model (root, project, &bad);
  g_free (project->template_text);
  project->template_text = g_strdup (few_json_string (root, "template", "a photo of a {}.", &bad));
  project->alpha = few_member_ratio (root, "alpha", 1, project->alpha, &bad);
  if (settings)
    few_member_job (settings, &project->job, &bad);
  const char *labels = few_json_string (root, "labels", "one", &bad);
  project->any = g_str_equal (labels, "any");
  if (!project->any && !g_str_equal (labels, "one"))
    bad = bad ? bad : "labels";
  read_classes (root, project, &bad);
  few_json_array (root, lists[PICTURES].name, &bad);
  few_json_array (root, lists[NONE].name, &bad);
  if (!few_member_read_pictures (&lists[PICTURES], &lists[NONE], project, name, folder, &bad,
                                 error))
    return NULL;
  read_runs (root, project, &bad);
  read_comparison (root, project);
  project->unknown = few_member_unknown (root, ROOT_MEMBERS);
  g_auto (GStrv) templates = few_templates_split (project->template_text);
  if (!bad && !templates)
    bad = "template";
  if (bad)
    {
      few_fail (error, FORMAT,
                "%s is damaged: its “%s” cannot be used. Restore the file from a copy.", name, bad);
      return NULL;
    }
  return g_steal_pointer (&project);
}

/* ---- files */

/* Whether a picture's class, or classes, are among so many. */
static gboolean
has_classes (const FewProject *project, const FewProjectPicture *picture)
{
  guint n = project->classes->len;
  if (picture->use == FEW_USE_NONE)
    return TRUE;
  if (!project->any)
    return picture->label < n;
  return !picture->labels || picture->labels->labels[picture->labels->n - 1] < n; /* they grow */
}

/* What few_project_from_json would say of the file, found before it is written. Settings, classes
 * and template are read back; pictures and runs are counted, since reading a million of them takes
 * seconds. */
static gboolean
check_readable (const FewProject *project, const char *name, GError **error)
{
  FewProject small = *project;
  g_autoptr (GArray) no_pictures = few_project_pictures_new (0);
  g_autoptr (GPtrArray) no_runs = g_ptr_array_new ();
  small.pictures = no_pictures;
  small.runs = no_runs;
  small.comparison = NULL;
  g_autofree char *json = write_json (&small, NULL, 0);
  g_autoptr (FewProject) again = few_project_from_json (json, strlen (json), name, NULL, error);
  const char *bad = NULL;
  if (!again)
    return FALSE;
  if (project->pictures->len > FEW_PROJECT_MAX_PICTURES)
    bad = "pictures";
  if (project->runs->len > FEW_PROJECT_MAX_RUNS)
    bad = "runs";
  for (guint i = 0; i < project->pictures->len && !bad; i++)
    {
      const FewProjectPicture *picture = &g_array_index (project->pictures, FewProjectPicture, i);
      if (picture->id < 1 || picture->id > G_MAXINT32 || !*picture->path
          || !has_classes (project, picture))
        bad = "pictures";
    }
  if (bad)
    few_fail (error, LIMIT, "%s cannot be saved: its “%s” could not be read again.", name, bad);
  return !bad;
}

/* No more than can be read again; NULL with a sentence when there is no way. */
static char *
write_json_that_fits (const FewProject *project, const char *folder, const char *name,
                      GError **error)
{
  gsize weight_bytes = MAX_WEIGHT_BYTES;
  g_autofree char *json = write_json (project, folder, weight_bytes);
  while (strlen (json) >= FEW_JSON_MOST && weight_bytes > 0)
    {
      weight_bytes = weight_bytes > MAX_WEIGHT_BYTES / 8 ? weight_bytes / 2 : 0;
      g_free (json);
      json = write_json (project, folder, weight_bytes);
    }
  if (strlen (json) < FEW_JSON_MOST)
    return g_steal_pointer (&json);
  few_fail (error, LIMIT,
            "%s cannot be saved: it would take %zu MB, and no more than %d can be read again. "
            "Delete runs that you no longer need.",
            name, strlen (json) >> 20, FEW_JSON_MOST >> 20);
  return NULL;
}

/* Whoever may do all may write these, too; the person did not mean it. */
static gboolean
check_writable (const char *path, const char *name, GError **error)
{
  GStatBuf info;
  if (g_stat (path, &info) != 0 || info.st_mode & 0222)
    return TRUE;
  few_fail (error, INPUT, "%s is read-only. Save the project under another name.", name);
  return FALSE;
}

gboolean
few_project_save (const FewProject *project, const char *path, GError **error)
{
  g_return_val_if_fail (project != NULL && path != NULL, FALSE);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_filename_display_name (path);
  if (!check_writable (path, name, error) || !check_readable (project, name, error))
    return FALSE;
  g_autofree char *json = write_json_that_fits (project, folder, name, error);
  g_autoptr (FewAtomicFile) file = json ? few_atomic_file_new (path, error) : NULL;
  return file && few_atomic_file_write (file, json, strlen (json), error)
         && few_atomic_file_write (file, "\n", 1, error) && few_atomic_file_commit (file, error);
}

FewProject *
few_project_load (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  gsize length;
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *data = few_file_read (path, FEW_JSON_MOST, &length, error);
  return data ? few_project_from_json (data, length, name, folder, error) : NULL;
}
