/* SPDX-License-Identifier: MIT */
/* Which kind of file it is, by what is in it. */
#include <fewshot/archive.h>
#include <fewshot/labels.h>
#include "base/error.h"
#include "base/file.h"
#include "base/picture-kind.h"
#include "labels/rows.h"
#include "task/dataset.h"
#include <fewshot/picture.h>
#include <string.h>

enum { MOST = 256 << 20 };

gboolean
few_labels_is_name (const char *path)
{
  static const char *const endings[] = { ".csv", ".tsv", ".json", ".jsonl", ".ndjson", NULL };
  g_return_val_if_fail (path != NULL, FALSE);
  return few_name_ends_in (path, endings);
}

/* An object a line: the first is closed before the line ends, and another follows. */
static gboolean
is_json_lines (const char *text)
{
  const char *end = strchr (text, '\n');
  const char *next = end ? end + strspn (end, " \t\r\n") : NULL;
  while (end && end > text && g_ascii_isspace (end[-1]))
    end--;
  return *text == '{' && end && end > text && end[-1] == '}' && *next == '{';
}

static gboolean
read_rows (FewLabelRows *rows, const char *path, const char *text, gsize length, GError **error)
{
  static const char *const lines[] = { ".jsonl", ".ndjson", NULL };
  static const char *const tabs[] = { ".tsv", NULL };
  const char *start = text + strspn (text, " \t\r\n");
  if (few_name_ends_in (path, lines) || is_json_lines (start))
    return few_labels_read_json_lines (rows, text, length, error);
  if (*start == '{' || *start == '[')
    return few_labels_read_json (rows, text, length, error);
  return few_labels_read_csv (rows, text, length, few_name_ends_in (path, tabs), error);
}

static FewDataset *
open_file (const char *path, gboolean any, GCancellable *cancellable, GError **error)
{
  gsize length;
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *data = few_file_read (path, MOST, &length, error);
  if (!data)
    return NULL;
  gsize mark = length >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  if (!g_utf8_validate_len (data + mark, length - mark, NULL))
    {
      few_fail (error, FORMAT,
                "%s is not UTF-8 text: save it in that encoding (table programs call it “CSV "
                "UTF-8”) and try again.",
                shown);
      return NULL;
    }
  g_autoptr (FewLabelRows) rows = few_label_rows_new (shown);
  g_autofree char *folder = g_path_get_dirname (path);
  rows->any = any;
  if (!read_rows (rows, path, data + mark, length - mark, error))
    return NULL;
  return few_label_rows_resolve (rows, folder, cancellable, error);
}

/* What is no file of labels, and what to do with it. */
static gboolean
check_kind (const char *path, GError **error)
{
  static const char *const parquet[] = { ".parquet", NULL };
  g_autofree char *shown = g_filename_display_name (path);
  if (few_is_picture_file (path))
    few_fail (error, INPUT,
              "%s is a picture, where a folder of class folders or a file of labels is wanted.",
              shown);
  else if (few_archive_is_name (path))
    few_fail (error, UNSUPPORTED,
              "%s is an archive. Unpack it into a folder first: “fewshot-cli unpack”, or Import "
              "Archive in the window's menu.",
              shown);
  else if (few_name_ends_in (path, parquet))
    few_fail (error, UNSUPPORTED,
              "%s is a Parquet file, which is not read here. Python makes a folder of it: import "
              "datasets, os; d = datasets.load_dataset (\"parquet\", data_files=\"%s\", "
              "split=\"train\"); [(os.makedirs (f\"out/{c}\", exist_ok=True), "
              "r[\"image\"].save (f\"out/{c}/{i}.png\")) for i, r in enumerate (d) for c in "
              "[d.features[\"label\"].int2str (r[\"label\"])]]",
              shown, shown);
  else
    return TRUE;
  return FALSE;
}

FewDataset *
few_labels_open (const char *path, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  if (g_file_test (path, G_FILE_TEST_IS_DIR) || !g_file_test (path, G_FILE_TEST_EXISTS))
    return few_dataset_scan (path, error);
  return check_kind (path, error) ? open_file (path, FALSE, cancellable, error) : NULL;
}

FewDataset *
few_labels_open_any (const char *path, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  if (!g_file_test (path, G_FILE_TEST_IS_DIR) && g_file_test (path, G_FILE_TEST_EXISTS))
    return check_kind (path, error) ? open_file (path, TRUE, cancellable, error) : NULL;
  g_autoptr (FewDataset) dataset = few_dataset_scan (path, error);
  return dataset && few_dataset_make_any (dataset, error) ? g_steal_pointer (&dataset) : NULL;
}
