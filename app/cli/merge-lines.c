/* SPDX-License-Identifier: MIT */
/* JSON lines and tables of predictions, joined by their pictures' paths. */
#include "cli/merge-lines.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST_RECORD = 16 << 20, FLUSHED = 1 << 20 };

/* A file and its record at hand. */
typedef struct
{
  const char *name;
  FILE *file;
  GString *record; /* with its line's end; empty: the file is over */
  char *path;      /* of the picture that it is about */
} Part;

typedef struct
{
  Part *parts;
  guint n;
  gboolean table; /* CSV; otherwise JSON lines */
  char *head;     /* the table's */
  FewAtomicFile *file;
  GString *out;
  char *last;       /* path written */
  const Part *from; /* which it was in */
} Join;

static void
clear_join (Join *join)
{
  for (guint i = 0; i < join->n; i++)
    {
      g_clear_pointer (&join->parts[i].file, fclose);
      g_string_free (join->parts[i].record, TRUE);
      g_free (join->parts[i].path);
    }
  g_free (join->parts);
  g_free (join->head);
  g_free (join->last);
  g_clear_pointer (&join->file, few_atomic_file_free);
  if (join->out)
    g_string_free (join->out, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Join, clear_join)

static FILE *
open_file (const char *path, GError **error)
{
  struct stat info;
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  gboolean regular = fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode);
  FILE *file = regular ? fdopen (fd, "r") : NULL;
  if (file)
    return file;
  g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT, "%s cannot be read: %s.", path,
               fd < 0 ? g_strerror (errno) : "it is no regular file");
  if (fd >= 0)
    close (fd);
  return NULL;
}

gboolean
cli_lines_recognise (const char *path)
{
  char begin[8] = "";
  g_autoptr (GError) error = NULL;
  FILE *file = open_file (path, &error);
  if (!file)
    return FALSE;
  gsize length = fread (begin, 1, sizeof begin, file);
  fclose (file);
  return length == sizeof begin
         && (memcmp (begin, "{\"path\":", 8) == 0 || memcmp (begin, "path,cla", 8) == 0
             || memcmp (begin, "path,lab", 8) == 0);
}

/* ---- records */

static gboolean
refuse (const Part *part, const char *why, GError **error)
{
  g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT, "%s %s.", part->name, why);
  return FALSE;
}

/* A line; in a table a quoted field may hold line ends. Empty at the file's end. */
static gboolean
read_record (Part *part, gboolean table, GError **error)
{
  gboolean quoted = FALSE;
  int c = 0;
  g_string_truncate (part->record, 0);
  while ((c != '\n' || quoted) && (c = getc_unlocked (part->file)) != EOF)
    {
      if (part->record->len == LONGEST_RECORD)
        return refuse (part, "has a line that is too long", error);
      g_string_append_c (part->record, (char) c);
      quoted ^= table && c == '"';
    }
  if (ferror (part->file))
    return refuse (part, "cannot be read", error);
  if (part->record->len > 0 && c == EOF)
    return refuse (part, "ends within a line: its shard has not finished", error);
  return TRUE;
}

/* The first field, without its quotes. */
static char *
find_field (const char *record)
{
  GString *field = g_string_new (NULL);
  gboolean quoted = *record == '"';
  for (const char *p = record + quoted; *p; p++)
    {
      if (quoted ? *p == '"' && p[1] != '"' : strchr (",\r\n", *p) != NULL)
        break;
      p += quoted && *p == '"';
      g_string_append_c (field, *p);
    }
  return g_string_free (field, FALSE);
}

/* NULL: it is none of predict's. */
static char *
find_member (const GString *record)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  if (!few_json_check (record->str, record->len, "", NULL)
      || !json_parser_load_from_data (parser, record->str, (gssize) record->len, NULL))
    return NULL;
  JsonNode *root = json_parser_get_root (parser);
  JsonObject *object = root && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  JsonNode *path = object ? json_object_get_member (object, "path") : NULL;
  return path && JSON_NODE_HOLDS_VALUE (path) && json_node_get_value_type (path) == G_TYPE_STRING
             ? json_node_dup_string (path)
             : NULL;
}

/* The next record and its path; path NULL at the end. */
static gboolean
advance (Part *part, gboolean table, GError **error)
{
  g_clear_pointer (&part->path, g_free);
  if (!read_record (part, table, error))
    return FALSE;
  if (part->record->len == 0)
    return TRUE;
  if (memchr (part->record->str, '\0', part->record->len))
    return refuse (part, "holds a zero byte", error);
  part->path = table ? find_field (part->record->str) : find_member (part->record);
  return part->path || refuse (part, "has a line that is not of predict --json-lines", error);
}

/* ---- all of them */

/* The tables begin with the same line, which is written once. */
static gboolean
take_head (Join *join, Part *part, GError **error)
{
  if (!read_record (part, TRUE, error))
    return FALSE;
  if (!join->head)
    {
      join->head = g_strdup (part->record->str);
      g_string_append (join->out, join->head);
    }
  return g_str_equal (join->head, part->record->str)
         || refuse (part, "has other columns than the first table", error);
}

static gboolean
begin (Join *join, const char *const *paths, GError **error)
{
  for (guint i = 0; i < join->n; i++)
    join->parts[i] = (Part) { .name = paths[i], .record = g_string_new (NULL) };
  for (guint i = 0; i < join->n; i++)
    {
      Part *part = &join->parts[i];
      part->file = open_file (part->name, error);
      if (!part->file || (join->table && !take_head (join, part, error))
          || !advance (part, join->table, error))
        return FALSE;
    }
  return TRUE;
}

static Part *
find_next (Join *join)
{
  Part *next = NULL;
  for (guint i = 0; i < join->n; i++)
    {
      Part *part = &join->parts[i];
      if (part->path && (!next || few_walk_compare (part->path, next->path) < 0))
        next = part;
    }
  return next;
}

static gboolean
flush (Join *join, GError **error)
{
  gboolean ok = few_atomic_file_write (join->file, join->out->str, join->out->len, error);
  g_string_truncate (join->out, 0);
  return ok;
}

/* Answers for the parts of a picture lie in one file, one behind the other. */
static gboolean
put_record (Join *join, Part *part, guint64 *pictures, GError **error)
{
  gboolean again = join->last && g_str_equal (join->last, part->path);
  if (again && join->from != part)
    {
      g_autofree char *shown = few_text_shown (part->path);
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                   "%s is in two of the files (one is %s): they are not the shards of one run.",
                   shown, part->name);
      return FALSE;
    }
  g_string_append_len (join->out, part->record->str, (gssize) part->record->len);
  g_free (join->last);
  join->last = g_steal_pointer (&part->path);
  join->from = part;
  *pictures += !again;
  return (join->out->len < FLUSHED || flush (join, error)) && advance (part, join->table, error);
}

gboolean
cli_lines_merge (const char *const *paths, guint n, const char *output, guint64 *pictures,
                 GError **error)
{
  g_auto (Join) join = { .parts = g_new0 (Part, n), .n = n, .out = g_string_new (NULL) };
  char first[4] = "";
  join.file = few_atomic_file_new (output, error);
  for (guint i = 0; i < n && !*first; i++)
    {
      FILE *file = open_file (paths[i], NULL);
      gsize length = file ? fread (first, 1, 1, file) : 0;
      join.table = length == 1 && *first == 'p';
      g_clear_pointer (&file, fclose);
    }
  if (!join.file || !begin (&join, paths, error))
    return FALSE;
  for (Part *part; (part = find_next (&join));)
    if (!put_record (&join, part, pictures, error))
      return FALSE;
  return flush (&join, error) && few_atomic_file_commit (join.file, error);
}
