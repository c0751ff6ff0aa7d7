/* SPDX-License-Identifier: MIT */
/* How much memory there is left: of the machine, of the control groups that this process is in, and
 * of what its own limit lets it address. Linux gives out more than there is, and ends the one who
 * uses it. */
#include "base/memory.h"
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char GROUPS[] = "/sys/fs/cgroup";

/* The number behind `name` at the begin of a line, "" for the first; FALSE: there is none. */
static gboolean
read_number (const char *path, const char *name, guint64 *number)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  const char *line = text;
  while (line && !g_str_has_prefix (line, name))
    {
      line = strchr (line, '\n');
      line = line ? line + 1 : NULL;
    }
  if (!line)
    return FALSE;
  char *end;
  const char *digits = line + strlen (name);
  *number = g_ascii_strtoull (digits, &end, 10);
  return end > digits;
}

/* Files that were read and are kept for another time do not count. */
static guint64
group_left (const char *group)
{
  guint64 most, used;
  guint64 files = 0;
  g_autofree char *limit = g_build_filename (group, "memory.max", NULL);
  g_autofree char *current = g_build_filename (group, "memory.current", NULL);
  g_autofree char *stat = g_build_filename (group, "memory.stat", NULL);
  if (!read_number (limit, "", &most)
      || !read_number (current, "", &used)) /* "max": there is none */
    return G_MAXUINT64;
  if (!read_number (stat, "inactive_file ", &files))
    files = 0;
  used -= MIN (files, used);
  return most - MIN (used, most);
}

/* The least of its group and of all around it. */
static guint64
groups_left (void)
{
  guint64 left = G_MAXUINT64;
  g_autofree char *text = NULL;
  if (!g_file_get_contents ("/proc/self/cgroup", &text, NULL, NULL))
    return left;
  char *at = g_str_has_prefix (text, "0::/") ? text + 3 : strstr (text, "\n0::/");
  if (!at)
    return left;
  at = strchr (at, '/');
  at[strcspn (at, "\n")] = '\0';
  g_autofree char *group = g_build_filename (GROUPS, at, NULL);
  while (strlen (group) >= strlen (GROUPS))
    {
      left = MIN (left, group_left (group));
      *strrchr (group, '/') = '\0';
    }
  return left;
}

static guint64
address_space_left (void)
{
  struct rlimit limit;
  guint64 pages;
  if (getrlimit (RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY
      || !read_number ("/proc/self/statm", "", &pages))
    return G_MAXUINT64;
  guint64 used = pages * (guint64) sysconf (_SC_PAGESIZE);
  return limit.rlim_cur - MIN (used, limit.rlim_cur);
}

guint64
few_memory_left (void)
{
  guint64 kilobytes;
  guint64 left = G_MAXUINT64;
  if (read_number ("/proc/meminfo", "MemAvailable:", &kilobytes))
    left = kilobytes << 10;
  left = MIN (left, groups_left ());
  return MIN (left, address_space_left ());
}
