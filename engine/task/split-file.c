/* SPDX-License-Identifier: MIT */
/* Data sets whose pictures are listed in files: CoOp's split files, and text lists. */
#include "base/error.h"
#include <fewshot/dataset.h>
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/words.h"
#include "task/dataset.h"
#include <string.h>

enum { MAX_LIST_BYTES = 1 << 30 };

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
  if (!path || !name || label < 0 || label >= (gint64) FEW_DATASET_MOST_CLASSES)
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
  return full && few_dataset_add (dataset, full, (guint) label, role, error);
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

/* UTF-16 without its mark; NULL with a sentence, or without one where it is none. */
static char *
read_utf16 (const guint8 *data, gsize length, gboolean little, GError **error)
{
  g_autofree char *text = few_try_bytes (length / 2 * 3 + 1, "a list", error);
  gsize size = 0;
  gunichar high = 0;
  for (gsize i = 0; text && i + 1 < length; i += 2)
    {
      gunichar unit = (gunichar) (data[i + little] << 8 | data[i + !little]);
      gboolean is_low = unit >= 0xdc00 && unit < 0xe000;
      if (unit == 0 || is_low != (high != 0))
        return NULL;
      if (unit >= 0xd800 && unit < 0xdc00)
        {
          high = unit;
          continue;
        }
      if (is_low)
        unit = 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00);
      high = 0;
      size += (gsize) g_unichar_to_utf8 (unit, text + size);
    }
  if (!text || high || length % 2)
    return NULL;
  text[size] = '\0';
  return g_steal_pointer (&text);
}

/* The text of a file as editors save it: UTF-8 with or without a mark, or UTF-16 with one. Takes
 * the data, which nothing copies: they may be large. */
static char *
read_list (const char *path, GError **error)
{
  gsize length;
  g_autoptr (GError) problem = NULL;
  g_autofree char *data = few_file_read (path, MAX_LIST_BYTES, &length, error);
  if (!data)
    {
      g_prefix_error (error, _ ("The list cannot be read: "));
      return NULL;
    }
  const guint8 *b = (const guint8 *) data;
  gsize mark = length >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  char *text = NULL;
  if (length >= 2 && (b[0] ^ b[1]) == 1 && b[0] >= 0xfe) /* FF FE or FE FF */
    text = read_utf16 (b + 2, length - 2, b[0] == 0xff, &problem);
  else if (g_utf8_validate (data + mark, (gssize) (length - mark), NULL))
    {
      memmove (data, data + mark, length - mark + 1);
      text = g_steal_pointer (&data);
    }
  if (problem)
    g_propagate_error (error, g_steal_pointer (&problem));
  else if (!text)
    few_fail (error, FORMAT, "%s is not a list: it is not UTF-8 text.", path);
  return text;
}

/* Calls func with each line that holds two words or more: the first, and the rest. */
static gboolean
each_line (const char *path,
           gboolean (*func) (gpointer user, const char *first, const char *rest, GError **error),
           gpointer user, GError **error)
{
  g_autofree char *text = read_list (path, error);
  char *next = text;
  for (guint number = 1; next; number++)
    {
      char *first = next;
      char *end = strchr (first, '\n');
      next = end ? end + 1 : NULL;
      if (end)
        *end = '\0';
      g_strstrip (first);
      char *rest = first;
      if (*first == '\0')
        continue;
      while (*rest && !g_ascii_isspace (*rest))
        rest++;
      if (*rest == '\0')
        {
          few_fail (error, FORMAT,
                    "%s, line %u: a path and a class name are wanted, separated by a space.", path,
                    number);
          return FALSE;
        }
      *rest++ = '\0';
      if (!func (user, first, g_strstrip (rest), error))
        return FALSE;
    }
  return text != NULL;
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
  return few_dataset_add (list->dataset, path, label - 1, list->role, error);
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
  GHashTable *labels; /* class name as it was → label + 1 */
  guint renamed, unknown;
} Renaming;

static gboolean
rename_class (gpointer user, const char *first, const char *rest, GError **error G_GNUC_UNUSED)
{
  Renaming *renaming = user;
  gpointer *classes = renaming->dataset->classes->pdata;
  guint label = GPOINTER_TO_UINT (g_hash_table_lookup (renaming->labels, first));
  if (label == 0)
    {
      renaming->unknown++;
      return TRUE;
    }
  g_free (classes[label - 1]);
  classes[label - 1] = g_strdup (rest);
  renaming->renamed++;
  return TRUE;
}

gboolean
few_dataset_rename_classes (FewDataset *dataset, const char *path, GError **error)
{
  g_return_val_if_fail (dataset != NULL && path != NULL, FALSE);
  const GPtrArray *classes = dataset->classes;
  g_autoptr (GHashTable) labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Renaming renaming = { dataset, labels, 0, 0 };
  for (guint c = classes->len; c-- > 0;) /* of equal names the first */
    g_hash_table_replace (labels, g_strdup (classes->pdata[c]), GUINT_TO_POINTER (c + 1));
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
    g_ptr_array_add (
        dataset->notes,
        g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u line of %s names no class folder.",
                                      "%u lines of %s name no class folder.", renaming.unknown),
                         renaming.unknown, path));
  return TRUE;
}
