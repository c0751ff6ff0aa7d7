/* SPDX-License-Identifier: MIT */
/* Data sets whose pictures are listed in files: CoOp's split files, and text lists. */
#include "base/error.h"
#include <fewshot/dataset.h>
#include "base/file.h"
#include "base/json.h"
#include "task/dataset.h"
#include <string.h>

enum { MAX_PICTURES = 20000000, MAX_CLASSES = 1000000, MAX_LIST_BYTES = 1 << 30 };

/* A relative path must stay inside the pictures' folder. */
static char *
inside (const char *images, const char *path, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  if (*path == '\0' || g_path_is_absolute (path)
      || g_strv_contains ((const char *const *) parts, ".."))
    {
      few_fail (error, FORMAT,
                "A list names the picture “%s”, which is not inside the folder of pictures.", path);
      return NULL;
    }
  return g_build_filename (images, path, NULL);
}

/* ---- CoOp's split files */

static gboolean
add_entry (FewDataset *dataset, GPtrArray *names, JsonNode *node, FewRole role,
           const char *json_path, const char *images, GError **error)
{
  JsonArray *entry = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  const char *path = NULL;
  const char *name = NULL;
  gint64 label = -1;
  if (entry && json_array_get_length (entry) == 3)
    {
      JsonNode *first = json_array_get_element (entry, 0);
      JsonNode *second = json_array_get_element (entry, 1);
      JsonNode *third = json_array_get_element (entry, 2);
      path = JSON_NODE_HOLDS_VALUE (first) && json_node_get_value_type (first) == G_TYPE_STRING
                 ? json_node_get_string (first)
                 : NULL;
      label = JSON_NODE_HOLDS_VALUE (second) && json_node_get_value_type (second) == G_TYPE_INT64
                  ? json_node_get_int (second)
                  : -1;
      name = JSON_NODE_HOLDS_VALUE (third) && json_node_get_value_type (third) == G_TYPE_STRING
                 ? json_node_get_string (third)
                 : NULL;
    }
  if (!path || !name || label < 0 || label >= MAX_CLASSES)
    {
      few_fail (error, FORMAT, "%s is not a split file: an entry is not [path, label, class name].",
                json_path);
      return FALSE;
    }
  if ((gint64) names->len <= label)
    g_ptr_array_set_size (names, (gint) label + 1);
  if (!names->pdata[label])
    names->pdata[label] = g_strdup (name);
  char *full = inside (images, path, error);
  if (full)
    few_dataset_add (dataset, full, (guint) label, role);
  return full != NULL;
}

FewDataset *
few_dataset_load_split (const char *json_path, const char *images, GError **error)
{
  g_return_val_if_fail (json_path != NULL, NULL);
  static const char *const members[] = { "train", "val", "test" };
  static const FewRole roles[] = { FEW_ROLE_TRAIN, FEW_ROLE_VALIDATION, FEW_ROLE_TEST };
  JsonNode *root = few_json_load (json_path, error);
  if (!root)
    return NULL;
  g_autoptr (FewDataset) dataset = few_dataset_new ();
  gboolean ok = TRUE;
  const char *bad = NULL;
  for (guint part = 0; part < G_N_ELEMENTS (members) && ok; part++)
    {
      JsonArray *list = few_json_array (json_node_get_object (root), members[part], &bad);
      guint n = list ? json_array_get_length (list) : 0;
      for (guint i = 0; i < n && ok; i++)
        ok = add_entry (dataset, dataset->classes, json_array_get_element (list, i), roles[part],
                        json_path, images, error);
    }
  json_node_unref (root);
  if (ok && (bad || dataset->pictures->len == 0))
    {
      few_fail (error, FORMAT,
                "%s is not a split file: “train”, “val” and “test” are to be lists of [path, "
                "label, class name].",
                json_path);
      ok = FALSE;
    }
  for (guint i = 0; ok && i < dataset->classes->len; i++)
    if (!dataset->classes->pdata[i])
      {
        few_fail (error, FORMAT, "%s has no picture with the label %u, but has larger labels.",
                  json_path, i);
        ok = FALSE;
      }
  dataset->has_roles = TRUE;
  return ok ? g_steal_pointer (&dataset) : NULL;
}

/* ---- text lists */

/* The text of a file as editors save it: UTF-8 with or without a mark, or UTF-16 with one. NULL: it
 * is none of these. */
static char *
as_utf8 (const char *data, gsize length)
{
  const guint8 *b = (const guint8 *) data;
  if (length >= 2 && (b[0] ^ b[1]) == 1 && b[0] >= 0xfe) /* FF FE or FE FF */
    {
      char *text = g_convert (data + 2, (gssize) length - 2, "UTF-8",
                              b[0] == 0xff ? "UTF-16LE" : "UTF-16BE", NULL, &length, NULL);
      if (text && strlen (text) == length)
        return text;
      g_free (text);
      return NULL;
    }
  gsize mark = length >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  return g_utf8_validate (data + mark, (gssize) (length - mark), NULL) ? g_strdup (data + mark)
                                                                       : NULL;
}

/* Calls func with each line that holds two words or more: the first, and the rest. */
static gboolean
each_line (const char *path,
           gboolean (*func) (gpointer user, const char *first, const char *rest, GError **error),
           gpointer user, GError **error)
{
  gsize length;
  g_autofree char *data = few_file_read (path, MAX_LIST_BYTES, &length, error);
  if (!data)
    {
      g_prefix_error (error, "The list cannot be read: ");
      return FALSE;
    }
  g_autofree char *text = as_utf8 (data, length);
  if (!text)
    {
      few_fail (error, FORMAT, "%s is not a list: it is not UTF-8 text.", path);
      return FALSE;
    }
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line; line++)
    {
      char *first = g_strstrip (*line);
      char *rest = first;
      if (*first == '\0')
        continue;
      while (*rest && !g_ascii_isspace (*rest))
        rest++;
      if (*rest == '\0')
        {
          few_fail (error, FORMAT,
                    "%s, line %u: a path and a class name are wanted, separated by a space.", path,
                    (guint) (line - lines) + 1);
          return FALSE;
        }
      *rest++ = '\0';
      if (!func (user, first, g_strstrip (rest), error))
        return FALSE;
    }
  return TRUE;
}

typedef struct
{
  FewDataset *dataset;
  GHashTable *labels; /* class name → label + 1 */
  FewRole role;
  const char *images;
} List;

static gboolean
add_line (gpointer user, const char *first, const char *rest, GError **error)
{
  List *list = user;
  g_autofree char *file =
      strchr (first, '.') ? g_strdup (first) : g_strconcat (first, ".jpg", NULL);
  char *path = inside (list->images, file, error);
  if (!path)
    return FALSE;
  guint label = GPOINTER_TO_UINT (g_hash_table_lookup (list->labels, rest));
  if (label == 0)
    {
      g_ptr_array_add (list->dataset->classes, g_strdup (rest));
      label = list->dataset->classes->len;
      g_hash_table_insert (list->labels, g_strdup (rest), GUINT_TO_POINTER (label));
    }
  few_dataset_add (list->dataset, path, label - 1, list->role);
  return TRUE;
}

FewDataset *
few_dataset_load_lists (const char *train, const char *val, const char *test, const char *images,
                        GError **error)
{
  const char *const paths[] = { train, val, test };
  static const FewRole roles[] = { FEW_ROLE_TRAIN, FEW_ROLE_VALIDATION, FEW_ROLE_TEST };
  g_autoptr (FewDataset) dataset = few_dataset_new ();
  g_autoptr (GHashTable) labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  List list = { dataset, labels, FEW_ROLE_TRAIN, images };
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      list.role = roles[i];
      if (paths[i] && !each_line (paths[i], add_line, &list, error))
        return NULL;
    }
  if (dataset->pictures->len == 0)
    {
      few_fail (error, INPUT, "The lists name no picture.");
      return NULL;
    }
  dataset->has_roles = test != NULL;
  return g_steal_pointer (&dataset);
}

typedef struct
{
  FewDataset *dataset;
  guint renamed, unknown;
} Renaming;

static gboolean
rename_class (gpointer user, const char *first, const char *rest, GError **error G_GNUC_UNUSED)
{
  Renaming *renaming = user;
  GPtrArray *classes = renaming->dataset->classes;
  guint index;
  if (!g_ptr_array_find_with_equal_func (classes, first, g_str_equal, &index))
    {
      renaming->unknown++;
      return TRUE;
    }
  g_free (classes->pdata[index]);
  classes->pdata[index] = g_strdup (rest);
  renaming->renamed++;
  return TRUE;
}

gboolean
few_dataset_rename_classes (FewDataset *dataset, const char *path, GError **error)
{
  g_return_val_if_fail (dataset != NULL && path != NULL, FALSE);
  Renaming renaming = { dataset, 0, 0 };
  if (!each_line (path, rename_class, &renaming, error))
    return FALSE;
  if (renaming.renamed == 0)
    {
      few_fail (error, INPUT,
                "No line of %s begins with the name of a class folder: no class was renamed.",
                path);
      return FALSE;
    }
  if (renaming.unknown > 0)
    g_ptr_array_add (dataset->notes,
                     g_strdup_printf ("%u line%s of %s name%s no class folder.", renaming.unknown,
                                      renaming.unknown == 1 ? "" : "s", path,
                                      renaming.unknown == 1 ? "s" : ""));
  return TRUE;
}
