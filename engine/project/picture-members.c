/* SPDX-License-Identifier: MIT */
/* A project's pictures as members of JSON: where they lie, which part of them it is, what class
 * they have. */
#include "base/hex.h"
#include "base/json.h"
#include "project/members.h"
#include <string.h>

static const char *const PICTURE_MEMBERS[] = { "id",        "class", "path", "sha256",  "excluded",
                                               "confirmed", "use",   "box",  "classes", NULL };

/* Pictures that are a tree of JSON at a time. */
enum { AT_ONCE = 1000 };

/* ---- paths */

/* Relative when it lies below the folder; a name that is no UTF-8 as a URI, since JSON is UTF-8. */
static char *
write_path (const char *path, const char *folder)
{
  gsize length = folder ? strlen (folder) : 0;
  while (length > 1 && folder[length - 1] == G_DIR_SEPARATOR)
    length--;
  if (!g_utf8_validate (path, -1, NULL))
    return g_filename_to_uri (path, NULL, NULL);
  if (length > 1 && strncmp (path, folder, length) == 0 && path[length] == G_DIR_SEPARATOR
      && !g_str_has_prefix (path + length + 1, "file:"))
    return g_strdup (path + length + 1);
  return g_strdup (path);
}

static GRefString *
read_path (const char *text, const char *folder)
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
add_box (JsonObject *object, const FewCrop *crop)
{
  JsonArray *array = json_array_sized_new (4);
  double box[4];
  few_crop_box (crop, box);
  for (guint i = 0; i < G_N_ELEMENTS (box); i++)
    json_array_add_double_element (array, box[i]);
  json_object_set_array_member (object, "box", array);
}

static void
add_picture (JsonArray *array, const FewProject *project, const FewProjectPicture *picture,
             const char *folder)
{
  gboolean none = picture->use == FEW_USE_NONE;
  g_autofree char *path = write_path (picture->path, folder);
  JsonObject *object = json_object_new ();
  json_object_set_int_member (object, "id", picture->id);
  if (!none && project->any)
    few_member_set_labels (object, picture->labels);
  else if (!none)
    json_object_set_int_member (object, "class", picture->label);
  json_object_set_string_member (object, "path", path ? path : "");
  few_member_set_string (object, "sha256", picture->sha256);
  if (picture->excluded)
    json_object_set_boolean_member (object, "excluded", TRUE);
  if (picture->confirmed)
    json_object_set_boolean_member (object, "confirmed", TRUE);
  if (picture->use == FEW_USE_TEST)
    json_object_set_string_member (object, "use", "test");
  if (!few_crop_is_whole (&picture->crop))
    add_box (object, &picture->crop);
  few_member_add_unknown (object, picture->unknown);
  json_array_add_object_element (array, object);
}

GString *
few_member_write_pictures (const FewProject *project, gboolean none, const char *folder)
{
  GString *text = g_string_new (NULL);
  for (guint first = 0; first < project->pictures->len; first += AT_ONCE)
    {
      guint end = MIN (first + AT_ONCE, project->pictures->len);
      g_autoptr (JsonArray) some = json_array_new ();
      for (guint i = first; i < end; i++)
        {
          const FewProjectPicture *picture =
              &g_array_index (project->pictures, FewProjectPicture, i);
          if ((picture->use == FEW_USE_NONE) == none)
            add_picture (some, project, picture, folder);
        }
      few_json_list_append (text, some);
    }
  return text;
}

/* ---- reading */

static FewUse
read_use (JsonObject *object, const char **bad)
{
  const char *use = few_json_string (object, "use", "learn", bad);
  if (*bad || g_str_equal (use, "learn"))
    return FEW_USE_LEARN;
  if (!g_str_equal (use, "test"))
    *bad = "use of a picture";
  return FEW_USE_TEST;
}

static FewCrop
read_crop (JsonObject *object, const char **bad)
{
  FewCrop crop = { 0 };
  double box[4];
  JsonArray *array = few_json_array (object, "box", bad);
  if (!array)
    return crop;
  if (!few_json_numbers (array, box, G_N_ELEMENTS (box))
      || !few_crop_init (&crop, box[0], box[1], box[2], box[3]))
    *bad = *bad ? *bad : "box of a picture";
  return crop;
}

static FewProjectPicture
read_picture (JsonObject *object, guint id, const char *folder, gboolean *repaired,
              const char **bad)
{
  const char *hash = few_json_string (object, "sha256", "", bad);
  FewProjectPicture picture = {
    .id = few_member_int (object, "id", 1, G_MAXINT32, id, bad),
    .label = few_member_int (object, "class", 0, FEW_PROJECT_MAX_CLASSES, 0, bad),
    .path = read_path (few_json_string (object, "path", "", bad), folder),
    .excluded = few_json_bool (object, "excluded", FALSE, bad),
    .confirmed = few_json_bool (object, "confirmed", FALSE, bad),
    .use = read_use (object, bad),
    .crop = read_crop (object, bad),
    .unknown = few_member_unknown (object, PICTURE_MEMBERS)
  };
  if (few_hex_is_sha256 (hash))
    g_strlcpy (picture.sha256, hash, sizeof picture.sha256);
  *repaired = *repaired || (*hash && !picture.sha256[0]);
  return picture;
}

typedef struct
{
  FewProject *project;
  const char *name, *folder;
  GHashTable *ids; /* that are taken */
  guint free_id;
} Reading;

static void
read_labelled (Reading *reading, JsonObject *object, guint i, const char **bad)
{
  FewProject *project = reading->project;
  FewProjectPicture picture =
      read_picture (object, i + 1, reading->folder, &project->repaired, bad);
  if (project->any)
    {
      picture.labels = few_member_labels (object, project->classes->len, bad);
      picture.label = picture.labels ? picture.labels->labels[0] : 0;
    }
  gboolean fits = project->any || picture.label < project->classes->len;
  if (!fits || !picture.path || !g_hash_table_add (reading->ids, GUINT_TO_POINTER (picture.id)))
    *bad = *bad ? *bad : "path, class or id of a picture";
  g_array_append_val (project->pictures, picture);
}

static void
read_none (Reading *reading, JsonObject *object, guint i, const char **bad)
{
  FewProject *project = reading->project;
  FewProjectPicture picture =
      read_picture (object, i + 1, reading->folder, &project->repaired, bad);
  picture.label = 0;
  picture.use = FEW_USE_NONE;
  while (g_hash_table_contains (reading->ids, GUINT_TO_POINTER (picture.id)))
    picture.id = reading->free_id++;
  g_hash_table_add (reading->ids, GUINT_TO_POINTER (picture.id));
  if (!picture.path)
    *bad = *bad ? *bad : "path of a picture";
  g_array_append_val (project->pictures, picture);
}

/* Each of a list's objects; its name is bad where one is none, or there are too many. */
static gboolean
read_list (FewJsonList *list, Reading *reading,
           void (*read) (Reading *reading, JsonObject *object, guint i, const char **bad),
           const char **bad, GError **error)
{
  g_autoptr (GError) local = NULL;
  guint n = 0;
  while (!*bad)
    {
      g_autoptr (JsonNode) some = few_json_list_take (list, AT_ONCE, reading->name, &local);
      if (!some)
        break;
      JsonArray *array = json_node_get_array (some);
      for (guint i = 0; i < json_array_get_length (array) && !*bad; i++, n++)
        {
          JsonNode *node = json_array_get_element (array, i);
          if (n < FEW_PROJECT_MAX_PICTURES && JSON_NODE_HOLDS_OBJECT (node))
            read (reading, json_node_get_object (node), n, bad);
          else
            *bad = list->name;
        }
    }
  if (!local)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
few_member_read_pictures (FewJsonList *pictures, FewJsonList *none, FewProject *project,
                          const char *name, const char *folder, const char **bad, GError **error)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (NULL, NULL);
  Reading reading = { project, name, folder, ids, 1 };
  g_array_set_size (project->pictures, 0);
  return read_list (pictures, &reading, read_labelled, bad, error)
         && read_list (none, &reading, read_none, bad, error);
}
