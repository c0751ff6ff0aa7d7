/* SPDX-License-Identifier: MIT */
/* Which part of the work is ours: as the command line says, or as Slurm does. */
#include "cli/cli.h"

enum { MOST_SHARDS = 1000000 };

static gboolean
parse_part (const char *text, guint *shard, guint *shards)
{
  guint64 i, n;
  g_auto (GStrv) parts = g_strsplit (text, "/", 3);
  if (g_strv_length (parts) != 2
      || !g_ascii_string_to_unsigned (parts[0], 10, 1, MOST_SHARDS, &i, NULL)
      || !g_ascii_string_to_unsigned (parts[1], 10, 1, MOST_SHARDS, &n, NULL) || i > n)
    return FALSE;
  *shard = (guint) i - 1;
  *shards = (guint) n;
  return TRUE;
}

static gboolean
read_number (const char *name, guint64 *value)
{
  const char *text = g_getenv (name);
  return text && g_ascii_string_to_unsigned (text, 10, 0, MOST_SHARDS, value, NULL);
}

/* Slurm counts the tasks of this submission alone: a few that are submitted again would take
 * themselves for the whole. So only arrays that begin where a whole one does are believed. */
static gboolean
read_slurm (guint *shard, guint *shards)
{
  guint64 id, first, last, n;
  if (!read_number ("SLURM_ARRAY_TASK_ID", &id) || !read_number ("SLURM_ARRAY_TASK_MIN", &first)
      || !read_number ("SLURM_ARRAY_TASK_MAX", &last)
      || !read_number ("SLURM_ARRAY_TASK_COUNT", &n))
    return FALSE;
  if (n == 0 || first > 1 || last != first + n - 1 || id < first || id > last)
    return FALSE;
  *shard = (guint) (id - first);
  *shards = (guint) n;
  return TRUE;
}

const char *
cli_take_shard (const char *text, guint *shard, guint *shards)
{
  if (g_str_equal (text, "slurm"))
    return read_slurm (shard, shards)
               ? NULL
               : "--shard slurm works in a Slurm job array without gaps that begins at 0 or 1, as "
                 "sbatch --array=1-8. A task that is submitted alone names its part, as 2/8.";
  return parse_part (text, shard, shards)
             ? NULL
             : "--shard wants I/N with 1 ≤ I ≤ N, as 2/8, or slurm in a Slurm job array.";
}
