/* SPDX-License-Identifier: MIT */
/* What the formats that answers are kept in share: texts, numbers, paths, and their way to disk. */
#include "common/keep-private.h"
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

enum { FLUSHED = 1 << 16 };

void
few_keep_quote (GString *out, const char *text)
{
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), text);
  g_autofree char *quoted = json_to_string (node, FALSE);
  g_string_append (out, quoted);
}

void
few_keep_number (GString *out, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append (out, g_ascii_formatd (text, sizeof text, "%.6g", isfinite (value) ? value : 0));
}

char *
few_keep_now (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  return g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
}

char *
few_keep_path (const FewKeeper *keeper, const char *path, gboolean *below)
{
  g_autofree char *whole = g_canonicalize_filename (path, NULL);
  gsize length = g_str_equal (keeper->folder, "/") ? 0 : strlen (keeper->folder);
  gboolean inside = strncmp (whole, keeper->folder, length) == 0 && whole[length] == '/';
  if (below)
    *below = inside;
  return g_filename_display_name (inside ? whole + length + 1 : whole);
}

gboolean
few_keep_flush (FewKeeper *keeper, guint i, gboolean now, GError **error)
{
  GString *text = keeper->text[i];
  if (!now && text->len < FLUSHED)
    return TRUE;
  gboolean ok = few_atomic_file_write (keeper->files[i], text->str, text->len, error);
  g_string_truncate (text, 0);
  return ok;
}
