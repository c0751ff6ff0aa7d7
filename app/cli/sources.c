/* SPDX-License-Identifier: MIT */
/* Files, folders and lists to paths. */
#include "cli/sources.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 16, LONGEST_LINE = 1 << 16 };

/* A list that is being read. */
typedef struct
{
  int fd;
  const char *name;
  GString *text; /* read and not given yet, from `at` on */
  gsize at;
  guint64 line;
  gboolean ended;
} List;

struct CliSources
{
  CliSourceOptions options;
  GCancellable *cancellable;
  guint next; /* argument */
  gboolean list_done;
  List *list;    /* NULL: none is open */
  FewWalk *walk; /* NULL: no folder is */
  char *folder;
  gboolean found; /* a picture in it */
  guint passed_over;
};

CliSources *
cli_sources_new (const CliSourceOptions *options, GCancellable *cancellable)
{
  CliSources *sources = g_new0 (CliSources, 1);
  sources->options = *options;
  sources->list_done = !options->list;
  sources->cancellable = cancellable;
  return sources;
}

static void
free_list (List *list)
{
  if (list->fd != STDIN_FILENO)
    close (list->fd);
  g_string_free (list->text, TRUE);
  g_free (list);
}

static void
close_folder (CliSources *sources)
{
  g_clear_pointer (&sources->walk, few_walk_free);
  g_clear_pointer (&sources->folder, g_free);
}

void
cli_sources_free (CliSources *sources)
{
  close_folder (sources);
  g_clear_pointer (&sources->list, free_list);
  g_free (sources);
}

guint
cli_sources_passed_over (const CliSources *sources)
{
  return sources->passed_over;
}

static gboolean
is_mine (const CliSources *sources, const char *path)
{
  return sources->options.shards < 2
         || few_walk_shard (path, sources->options.shards) == sources->options.shard;
}

/* ---- lists */

static gboolean
open_list (CliSources *sources, const char *name, GError **error)
{
  gboolean standard = g_str_equal (name, "-");
  struct stat info;
  int fd = standard ? STDIN_FILENO : g_open (name, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (fd < 0 || (!standard && (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))))
    {
      int failed = errno;
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT, "The list %s could not be read: %s.", name,
                   fd < 0 ? g_strerror (failed)
                          : "it is no regular file (give - for standard input)");
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  sources->list = g_new0 (List, 1);
  *sources->list =
      (List) { .fd = fd, .name = standard ? "standard input" : name, .text = g_string_new (NULL) };
  return TRUE;
}

/* PATH: something has come, or the end. */
static CliSource
read_more (CliSources *sources, List *list, gboolean wait, GError **error)
{
  char piece[PIECE];
  GPollFD polled[2] = { { .fd = list->fd, .events = G_IO_IN | G_IO_HUP | G_IO_ERR } };
  gboolean stops = g_cancellable_make_pollfd (sources->cancellable, &polled[1]);
  int ready = g_poll (polled, stops ? 2 : 1, wait ? -1 : 0);
  if (stops)
    g_cancellable_release_fd (sources->cancellable);
  if (g_cancellable_set_error_if_cancelled (sources->cancellable, error))
    return CLI_SOURCE_FAILED;
  if (ready == 0 || !polled[0].revents)
    return CLI_SOURCE_LATER;
  gssize n = read (list->fd, piece, sizeof piece);
  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return CLI_SOURCE_LATER;
  if (n < 0)
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT, "%s could not be read: %s.", list->name,
                   g_strerror (errno));
      return CLI_SOURCE_FAILED;
    }
  g_string_erase (list->text, 0, (gssize) list->at);
  list->at = 0;
  g_string_append_len (list->text, piece, n);
  list->ended = n == 0;
  return CLI_SOURCE_PATH;
}

/* The next line that is not empty, without its end. */
static CliSource
read_line (CliSources *sources, gboolean wait, char **line, GError **error)
{
  List *list = sources->list;
  for (;;)
    {
      const char *start = list->text->str + list->at;
      gsize left = list->text->len - list->at;
      const char *end = memchr (start, '\n', left);
      if (!end && !list->ended && left <= LONGEST_LINE)
        {
          CliSource more = read_more (sources, list, wait, error);
          if (more == CLI_SOURCE_FAILED || (more == CLI_SOURCE_LATER && !wait))
            return more;
          continue;
        }
      if (!end && left == 0)
        return CLI_SOURCE_END;
      gsize length = end ? (gsize) (end - start) : left;
      list->at += length + (end != NULL);
      list->line++;
      if (length > LONGEST_LINE || memchr (start, '\0', length))
        {
          g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                       "Line %" G_GUINT64_FORMAT " of %s is no path: %s.", list->line, list->name,
                       length > LONGEST_LINE ? "it is too long" : "it holds a zero byte");
          return CLI_SOURCE_FAILED;
        }
      length -= length > 0 && start[length - 1] == '\r';
      if (length == 0)
        continue;
      *line = g_strndup (start, length);
      return CLI_SOURCE_PATH;
    }
}

/* ---- folders */

static void
say_passed_over (CliSources *sources, const char *sentence)
{
  cli_progress (NULL, 0, 0, NULL);
  cli_complain ("passed over:", sentence);
  sources->passed_over++;
}

/* The next picture of this shard in the folder; NULL at its end. */
static char *
walk_on (CliSources *sources)
{
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *name = few_walk_next (sources->walk, &error);
      char *sentence;
      while ((sentence = few_walk_take_passed_over (sources->walk)))
        {
          say_passed_over (sources, sentence);
          g_free (sentence);
        }
      if (error)
        say_passed_over (sources, error->message);
      else if (!name && !sources->found)
        cli_complain ("no pictures in", sources->folder);
      if (!name)
        return NULL;
      sources->found = TRUE;
      if (is_mine (sources, name))
        return g_build_filename (sources->folder, name, NULL);
    }
}

/* Takes the path, of a file or a folder. TRUE: it is a picture of this shard. */
static gboolean
take_path (CliSources *sources, char *path, char **picture)
{
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      if (!is_mine (sources, path))
        g_clear_pointer (&path, g_free);
      *picture = path;
      return path != NULL;
    }
  sources->walk = few_walk_new (path, NULL);
  sources->folder = path;
  sources->found = FALSE;
  if (!sources->options.recursive)
    few_walk_stay (sources->walk);
  return FALSE;
}

/* ---- all of them */

/* The next argument, or the list behind them. */
static CliSource
open_next (CliSources *sources, char **path, GError **error)
{
  const char *argument = sources->options.arguments[sources->next];
  gboolean is_list = !argument || g_str_equal (argument, "-");
  if (!argument && sources->list_done)
    return CLI_SOURCE_END;
  if (argument)
    sources->next++;
  else
    sources->list_done = TRUE;
  if (is_list)
    return open_list (sources, argument ? argument : sources->options.list, error)
               ? CLI_SOURCE_LATER
               : CLI_SOURCE_FAILED;
  return take_path (sources, g_strdup (argument), path) ? CLI_SOURCE_PATH : CLI_SOURCE_LATER;
}

CliSource
cli_sources_next (CliSources *sources, gboolean wait, char **path, GError **error)
{
  for (;;)
    {
      char *line;
      CliSource got;
      if (g_cancellable_set_error_if_cancelled (sources->cancellable, error))
        return CLI_SOURCE_FAILED;
      if (sources->walk)
        {
          *path = walk_on (sources);
          if (*path)
            return CLI_SOURCE_PATH;
          close_folder (sources);
        }
      else if (sources->list)
        {
          got = read_line (sources, wait, &line, error);
          if (got == CLI_SOURCE_END)
            g_clear_pointer (&sources->list, free_list);
          else if (got != CLI_SOURCE_PATH || take_path (sources, line, path))
            return got;
        }
      else
        {
          got = open_next (sources, path, error);
          if (got != CLI_SOURCE_LATER)
            return got;
        }
    }
}
