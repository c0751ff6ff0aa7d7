/* SPDX-License-Identifier: MIT */
/* Folders of pictures without labels: negatives, and what is to be labelled. */
#include "cli/pictures.h"
#include "cli/sources.h"
#include <string.h>

void
cli_pictures_clear (CliPictures *pictures)
{
  g_strfreev (pictures->paths);
  g_free (pictures->features);
}

/* Takes the path. */
static void
add_picture (CliPictures *pictures, GPtrArray *paths, const CliParts *parts, char *path)
{
  g_autofree char *own = path;
  g_autoptr (GPtrArray) list = cli_parts_list (parts, own);
  guint before = paths->len;
  pictures->unknown += list == NULL;
  for (guint i = 0; list && i < list->len; i++)
    {
      const CliPart *part = list->pdata[i];
      if (part->address)
        g_ptr_array_add (paths, g_strdup (part->address));
    }
  pictures->empty += list && paths->len == before;
}

/* char *, NULL-terminated; NULL with an error. */
static GPtrArray *
list_paths (Cli *cli, const char *const *arguments, const CliParts *parts, CliPictures *pictures,
            GError **error)
{
  static const CliParts whole;
  const CliSourceOptions wanted = { .arguments = arguments, .recursive = TRUE };
  g_autoptr (CliSources) sources = cli_sources_new (&wanted, cli->cancellable);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  CliSource got;
  char *path = NULL;
  while ((got = cli_sources_next (sources, TRUE, &path, error)) == CLI_SOURCE_PATH)
    add_picture (pictures, paths, parts ? parts : &whole, path);
  if (got == CLI_SOURCE_FAILED)
    return NULL;
  g_ptr_array_add (paths, NULL);
  return g_steal_pointer (&paths);
}

/* Takes out what could not be read. */
static void
keep_known (CliPictures *pictures, const guint8 *known, guint d)
{
  guint kept = 0;
  for (guint i = 0; i < pictures->n; i++)
    {
      if (!known[i])
        {
          g_free (pictures->paths[i]);
          continue;
        }
      memmove (pictures->features + (gsize) kept * d, pictures->features + (gsize) i * d,
               d * sizeof (float));
      pictures->paths[kept++] = pictures->paths[i];
    }
  pictures->n = kept;
  pictures->paths[kept] = NULL;
}

gboolean
cli_pictures_load (Cli *cli, FewModel *model, const char *const *arguments, const CliParts *parts,
                   CliPictures *pictures, GError **error)
{
  guint d = few_model_dim (model);
  GPtrArray *paths = list_paths (cli, arguments, parts, pictures, error);
  if (!paths)
    return FALSE;
  pictures->n = paths->len - 1;
  pictures->paths = (char **) g_ptr_array_free (paths, FALSE);
  pictures->features = cli_try_floats (MAX (pictures->n, 1), d, error);
  if (!pictures->features)
    return FALSE;
  g_autofree guint8 *known = cli_try_values (pictures->n, 1, error);
  if (!known
      || !cli_encode (cli, model, (const char *const *) pictures->paths, pictures->n,
                      pictures->features, known, NULL, &pictures->refused, NULL, error))
    return FALSE;
  keep_known (pictures, known, d);
  if (pictures->n > 0)
    return TRUE;
  g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT, "There is no picture in %s.", arguments[0]);
  return FALSE;
}
