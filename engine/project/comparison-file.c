/* SPDX-License-Identifier: MIT */
/* A comparison of methods as JSON: its numbers, and what is said of the pictures of one draw in
 * base64. */
#include "base/hex.h"
#include "base/json.h"
#include "project/members.h"
#include <math.h>
#include <string.h>

enum {
  MOST_GRID = 1000,  /* a side, */
  MOST_CELLS = 4096, /* each of which is a widget where it is shown */
  MOST_METHODS = 1000,
  MOST_SHOTS = 1000,
  MOST_PER_CLASS = 100000,
  MOST_SEEDS = 1000,
  MOST_FOUND = 20000
};

static const char *const MEMBERS[] = {
  "labels",   "methods", "shots", "seeds",        "classes",           "class_ids",
  "pictures", "truth",   "found", "model_sha256", "model_fingerprint", NULL
};

/* ---- writing */

/* How many labels each has, then all of them. */
static void
set_sets (JsonObject *object, const char *member, const FewLabelSets *sets)
{
  g_autoptr (GArray) words = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint i = 0; i < sets->n; i++)
    {
      guint32 n = sets->first[i + 1] - sets->first[i];
      g_array_append_val (words, n);
    }
  g_array_append_vals (words, sets->labels, sets->first[sets->n]);
  few_member_set_words (object, member, words->data, words->len);
}

static gsize
count_grid (const FewProjectCompared *one)
{
  return (gsize) one->rows + one->columns + (gsize) one->rows * one->columns;
}

/* Doubles, each as two words, the lower one first. */
static void
set_grid (JsonObject *object, const FewProjectCompared *one)
{
  gsize n = count_grid (one);
  g_autofree guint32 *words = g_new (guint32, 2 * n);
  for (gsize i = 0; i < n; i++)
    {
      guint64 bits;
      memcpy (&bits, one->grid + i, sizeof bits);
      words[2 * i] = (guint32) bits;
      words[2 * i + 1] = (guint32) (bits >> 32);
    }
  json_object_set_int_member (object, "grid_rows", one->rows);
  json_object_set_int_member (object, "grid_columns", one->columns);
  few_member_set_string (object, "grid_row", one->row_name);
  few_member_set_string (object, "grid_column", one->column_name);
  few_member_set_words (object, "grid", words, 2 * n);
}

static void
set_numbers (JsonObject *object, const FewProjectComparison *comparison,
             const FewProjectCompared *one)
{
  if (!comparison->any)
    {
      json_object_set_int_member (object, "test", one->n_test);
      json_object_set_int_member (object, "right", one->right);
    }
  few_member_set_fraction (object, "map", one->map);
  few_member_set_fraction (object, "macro_f1", one->macro_f1);
  json_object_set_double_member (object, "seconds", one->seconds);
  json_object_set_int_member (object, "parameters", (gint64) one->parameters);
  json_object_set_boolean_member (object, "too_few", one->too_few);
  few_member_set_string (object, "chosen", one->chosen);
  if (one->grid)
    set_grid (object, one);
  if (one->predicted)
    few_member_set_words (object, "says", one->predicted, comparison->n);
  else if (one->said)
    set_sets (object, "says", one->said);
}

static JsonArray *
found_to_array (const FewProjectComparison *comparison)
{
  JsonArray *found = json_array_sized_new (comparison->found->len);
  for (guint i = 0; i < comparison->found->len; i++)
    {
      const FewProjectCompared *one = &g_array_index (comparison->found, FewProjectCompared, i);
      JsonObject *object = json_object_new ();
      json_object_set_int_member (object, "method", one->method);
      json_object_set_int_member (object, "shots", one->shots);
      json_object_set_int_member (object, "seed", one->seed);
      json_object_set_int_member (object, "most_shots", one->most_shots);
      if (one->reason)
        json_object_set_string_member (object, "reason", one->reason);
      else
        set_numbers (object, comparison, one);
      json_array_add_object_element (found, object);
    }
  return found;
}

static JsonArray *
strings_to_array (char **strings)
{
  JsonArray *array = json_array_new ();
  for (char **string = strings; string && *string; string++)
    json_array_add_string_element (array, *string);
  return array;
}

JsonObject *
few_project_comparison_to_object (const FewProjectComparison *comparison)
{
  JsonObject *object = json_object_new ();
  if (comparison->any)
    json_object_set_string_member (object, "labels", "any");
  json_object_set_array_member (object, "methods", strings_to_array (comparison->methods));
  json_object_set_array_member (object, "shots",
                                few_member_ints (comparison->shots, comparison->n_shots));
  json_object_set_int_member (object, "seeds", comparison->n_seeds);
  json_object_set_array_member (object, "classes", strings_to_array (comparison->names));
  json_object_set_array_member (object, "class_ids",
                                few_member_ints (comparison->class_ids, comparison->n_classes));
  few_member_set_words (object, "pictures", comparison->ids, comparison->n);
  if (comparison->sets)
    set_sets (object, "truth", comparison->sets);
  else
    few_member_set_words (object, "truth", comparison->labels, comparison->n);
  json_object_set_array_member (object, "found", found_to_array (comparison));
  few_member_set_string (object, "model_sha256", comparison->backbone_sha256);
  few_member_set_string (object, "model_fingerprint", comparison->backbone_fingerprint);
  few_member_add_unknown (object, comparison->unknown);
  return object;
}

/* ---- reading */

/* One label a picture; NULL and *bad where they are not that. */
static guint32 *
read_labels (JsonObject *object, const char *member, const FewProjectComparison *comparison,
             const char **bad)
{
  gsize n;
  g_autofree guint32 *labels = few_member_words (object, member, &n, bad);
  gboolean fits = n == comparison->n;
  for (gsize i = 0; i < n && fits; i++)
    fits = labels[i] < comparison->n_classes;
  if (fits)
    return g_steal_pointer (&labels);
  *bad = *bad ? *bad : member;
  return NULL;
}

/* Any number of labels a picture, so. */
static FewLabelSets *
read_sets (JsonObject *object, const char *member, const FewProjectComparison *comparison,
           const char **bad)
{
  gsize n;
  gsize at = comparison->n;
  g_autofree guint32 *words = few_member_words (object, member, &n, bad);
  g_autoptr (FewLabelSets) sets = few_label_sets_new ();
  gboolean fits = n >= comparison->n;
  for (gsize i = comparison->n; i < n && fits; i++)
    fits = words[i] < comparison->n_classes;
  for (guint i = 0; i < comparison->n && fits; i++)
    {
      fits = words[i] <= n - at && few_label_sets_add (sets, words + at, words[i], NULL);
      at += fits ? words[i] : 0;
    }
  if (fits && at == n)
    return g_steal_pointer (&sets);
  *bad = *bad ? *bad : member;
  return NULL;
}

/* Without it where it is no such thing. */
static void
read_grid (JsonObject *object, FewProjectCompared *one, const char **bad)
{
  gsize n;
  g_autofree guint32 *words = few_member_words (object, "grid", &n, bad);
  const char *row = few_json_string (object, "grid_row", "", bad);
  const char *column = few_json_string (object, "grid_column", "", bad);
  one->rows = few_member_int (object, "grid_rows", 0, MOST_GRID, 0, bad);
  one->columns = few_member_int (object, "grid_columns", 0, MOST_GRID, 0, bad);
  if (!words || n != 2 * count_grid (one) || (gsize) one->rows * one->columns > MOST_CELLS
      || strlen (row) > FEW_PROJECT_MAX_METHOD || strlen (column) > FEW_PROJECT_MAX_METHOD)
    return;
  one->row_name = g_strdup (row);
  one->column_name = g_strdup (column);
  one->grid = g_new (double, n / 2);
  for (gsize i = 0; i < n / 2; i++)
    {
      guint64 bits = (guint64) words[2 * i + 1] << 32 | words[2 * i];
      memcpy (one->grid + i, &bits, sizeof bits);
    }
}

static void
read_numbers (JsonObject *object, const FewProjectComparison *comparison, FewProjectCompared *one,
              const char **bad)
{
  const char *chosen = few_json_string (object, "chosen", "", bad);
  one->n_test = few_member_int (object, "test", 0, FEW_PROJECT_MAX_PICTURES, 0, bad);
  one->right = few_member_int (object, "right", 0, one->n_test, 0, bad);
  one->map = few_member_fraction (object, "map", bad);
  one->macro_f1 = few_member_fraction (object, "macro_f1", bad);
  one->seconds = few_member_ratio (object, "seconds", 1e9, 0, bad);
  one->parameters = (guint64) MAX (few_json_int (object, "parameters", 0, bad), 0);
  one->too_few = few_json_bool (object, "too_few", FALSE, bad);
  one->chosen = *chosen ? g_strdup (chosen) : NULL;
  read_grid (object, one, bad);
  if (!json_object_has_member (object, "says"))
    return;
  if (comparison->any)
    one->said = read_sets (object, "says", comparison, bad);
  else
    one->predicted = read_labels (object, "says", comparison, bad);
}

static void
read_found (JsonObject *object, FewProjectComparison *comparison, const char **bad)
{
  g_autoptr (GPtrArray) list = few_member_objects (object, "found", MOST_FOUND, bad);
  for (guint i = 0; i < list->len && !*bad; i++)
    {
      JsonObject *from = list->pdata[i];
      const char *reason = few_json_string (from, "reason", NULL, bad);
      FewProjectCompared one = { .map = NAN, .macro_f1 = NAN, .reason = g_strdup (reason) };
      one.method = few_member_int (from, "method", 0, (gint64) comparison->n_methods - 1, 0, bad);
      one.shots = few_member_int (from, "shots", 1, MOST_PER_CLASS, 1, bad);
      one.seed = few_member_int (from, "seed", 1, comparison->n_seeds, 1, bad);
      one.most_shots = few_member_int (from, "most_shots", 0, FEW_PROJECT_MAX_PICTURES, 0, bad);
      if (!one.reason)
        read_numbers (from, comparison, &one, bad);
      g_array_append_val (comparison->found, one);
    }
}

static void
read_pictures (JsonObject *object, FewProjectComparison *comparison, const char **bad)
{
  gsize n;
  comparison->ids = few_member_words (object, "pictures", &n, bad);
  if (n > FEW_PROJECT_MAX_PICTURES)
    *bad = *bad ? *bad : "pictures";
  if (*bad)
    return;
  comparison->n = (guint) n;
  if (comparison->any)
    comparison->sets = read_sets (object, "truth", comparison, bad);
  else
    comparison->labels = read_labels (object, "truth", comparison, bad);
}

/* How many elements a list has, of at most so many. */
static guint
count_elements (JsonObject *object, const char *member, guint most, const char **bad)
{
  JsonArray *array = few_json_array (object, member, bad);
  guint n = array ? json_array_get_length (array) : 0;
  if (n > most)
    *bad = *bad ? *bad : member;
  return MIN (n, most);
}

static void
read_wanted (JsonObject *object, FewProjectComparison *comparison, const char **bad)
{
  guint limit = MOST_PER_CLASS + 1;
  comparison->any = g_str_equal (few_json_string (object, "labels", "", bad), "any");
  comparison->methods = few_member_strings (object, "methods", &comparison->n_methods, bad);
  comparison->n_shots = count_elements (object, "shots", MOST_SHOTS, bad);
  comparison->shots = few_member_read_ints (object, "shots", comparison->n_shots, limit, bad);
  comparison->n_seeds = few_member_int (object, "seeds", 1, MOST_SEEDS, 1, bad);
  comparison->names = few_member_strings (object, "classes", &comparison->n_classes, bad);
  comparison->class_ids = few_member_read_ints (object, "class_ids", comparison->n_classes,
                                                (guint) G_MAXINT32 + 1, bad);
  if (comparison->n_methods > MOST_METHODS || comparison->n_methods == 0)
    *bad = *bad ? *bad : "methods";
  for (guint i = 0; i < comparison->n_shots; i++)
    if (comparison->shots[i] <= (i ? comparison->shots[i - 1] : 0))
      *bad = *bad ? *bad : "shots";
  if (comparison->n_shots == 0)
    *bad = *bad ? *bad : "shots";
}

FewProjectComparison *
few_project_comparison_read (JsonObject *object)
{
  const char *bad = NULL;
  const char *hash = few_json_string (object, "model_sha256", "", &bad);
  const char *fingerprint = few_json_string (object, "model_fingerprint", "", &bad);
  g_autoptr (FewProjectComparison) comparison = few_project_comparison_new ();
  comparison->backbone_sha256 = few_hex_is_sha256 (hash) ? g_strdup (hash) : NULL;
  comparison->backbone_fingerprint =
      few_hex_is_sha256 (fingerprint) ? g_strdup (fingerprint) : NULL;
  comparison->unknown = few_member_unknown (object, MEMBERS);
  read_wanted (object, comparison, &bad);
  if (!bad)
    read_pictures (object, comparison, &bad);
  if (!bad)
    read_found (object, comparison, &bad);
  return bad ? NULL : g_steal_pointer (&comparison);
}
