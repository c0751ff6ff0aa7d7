/* SPDX-License-Identifier: MIT */
/* Looks into a fetched file before it takes its name. */
#include "hub/fetched.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json-scan.h"
#include "base/json.h"
#include "base/words.h"
#include <math.h>

static const guint64 MAX_HEADER = 100 << 20;
static const guint64 MAX_TREE = 4 << 20;
static const double MOST_EXACT = (double) (G_GUINT64_CONSTANT (1) << 53);

/* The second of "data_offsets": where a tensor ends. */
static gboolean
scan_end (FewJsonScan *scan, guint64 *end)
{
  double offsets[2];
  guint n = 0;
  if (!few_json_scan_enter (scan, '['))
    return FALSE;
  for (; few_json_scan_more (scan); n++)
    if (n == 2 || !few_json_scan_number (scan, &offsets[n]))
      return FALSE;
  if (scan->fault || n != 2 || !(offsets[1] >= 0 && offsets[1] <= MOST_EXACT)
      || offsets[1] != floor (offsets[1]))
    return FALSE;
  *end = (guint64) offsets[1];
  return TRUE;
}

/* One tensor of a header. */
static gboolean
scan_tensor (FewJsonScan *scan, GString *name, guint64 *end)
{
  gboolean told = FALSE;
  if (!few_json_scan_enter (scan, '{'))
    return FALSE;
  while (few_json_scan_more (scan))
    {
      if (!few_json_scan_key (scan, name))
        return FALSE;
      gboolean offsets = g_str_equal (name->str, "data_offsets");
      if (offsets ? !scan_end (scan, end) : !few_json_scan_skip (scan))
        return FALSE;
      told = told || offsets;
    }
  return told && !scan->fault;
}

/* Where the last tensor of a safetensors header ends, or −1. Headers may have a hundred megabytes,
 * and their trees ten times that. */
static gint64
find_data_end (const char *text, gsize length)
{
  guint64 most = 0;
  FewJsonScan scan;
  g_autoptr (GString) name = g_string_new (NULL);
  few_json_scan_init (&scan, text, length);
  if (!few_json_scan_enter (&scan, '{'))
    return -1;
  while (few_json_scan_more (&scan))
    {
      guint64 end = 0;
      if (!few_json_scan_key (&scan, name))
        return -1;
      gboolean metadata = g_str_equal (name->str, "__metadata__");
      if (metadata ? !few_json_scan_skip (&scan) : !scan_tensor (&scan, name, &end))
        return -1;
      most = MAX (most, end);
    }
  return few_json_scan_finish (&scan) ? (gint64) most : -1;
}

/* As long as its header says, to the byte. */
static gboolean
check_safetensors (const FewFile *file, const char *name, GError **error)
{
  guint64 size = few_file_size (file);
  guint64 length = 0;
  if (size >= 10 && !few_file_read_at (file, &length, sizeof length, 0, error))
    return FALSE;
  length = GUINT64_FROM_LE (length);
  gboolean sane = size >= 10 && length >= 2 && length <= MIN (size - 8, MAX_HEADER);
  g_autofree char *text = sane ? g_try_malloc (length) : NULL;
  if (text && !few_file_read_at (file, text, length, 8, error))
    return FALSE;
  gint64 end = text ? find_data_end (text, length) : -1;
  if (end >= 0 && (guint64) end == size - 8 - length)
    return TRUE;
  few_fail (error, INPUT, "What the server sent as %s is no whole safetensors file.", name);
  return FALSE;
}

static gboolean
check_json (const char *path, const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) root = few_json_load (path, &local);
  if (!root)
    few_fail (error, INPUT, "What the server sent as %s is no whole JSON file: %s", name,
              local->message);
  return root != NULL;
}

/* The vocabulary of a multilingual model has tens of megabytes, and its tree ten times that. */
static gboolean
check_large_json (const char *path, const char *name, GError **error)
{
  gsize length;
  FewJsonScan scan;
  g_autofree char *data = few_file_read (path, FEW_JSON_MOST, &length, error);
  if (!data)
    return FALSE;
  few_json_scan_init (&scan, data, length);
  gboolean whole = few_json_scan_peek (&scan) == '{' && few_json_scan_skip (&scan)
                   && few_json_scan_finish (&scan);
  if (!whole)
    few_fail (error, INPUT, "What the server sent as %s is no whole JSON file: %s.", name,
              _ (scan.fault ? scan.fault : N_ ("it does not begin with an object")));
  return whole;
}

gboolean
few_fetched_check (const char *path, const char *name, GError **error)
{
  g_autoptr (FewFile) file = few_file_open (path, G_MAXUINT64, error);
  if (!file)
    return FALSE;
  if (g_str_has_suffix (name, ".safetensors"))
    return check_safetensors (file, name, error);
  if (!g_str_has_suffix (name, ".json"))
    return TRUE;
  return few_file_size (file) > MAX_TREE ? check_large_json (path, name, error)
                                         : check_json (path, name, error);
}
