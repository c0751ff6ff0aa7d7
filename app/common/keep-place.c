/* SPDX-License-Identifier: MIT */
/* Which deployment a picture is of: that of its folder, or the one that is told of all. */
#include "common/keep-private.h"
#include <glib/gi18n.h>
#include <string.h>

void
few_keep_place_free (gpointer data)
{
  FewKeepPlace *place = data;
  g_free (place->id);
  g_free (place);
}

static gboolean
is_below (const char *path, const char *folder)
{
  gsize length = strlen (folder);
  return strncmp (path, folder, length) == 0 && path[length] == '/';
}

/* Of several the deepest; NULL: none of them. */
static const FewDeployment *
find_told (const FewKeepOptions *options, const char *path)
{
  const FewDeployment *best = NULL;
  for (guint i = 0; options->deployments && i < options->deployments->len; i++)
    {
      const FewDeployment *one = options->deployments->pdata[i];
      if (is_below (path, one->folder) && (!best || strlen (one->folder) > strlen (best->folder)))
        best = one;
    }
  return best;
}

static char *
name_place (const FewKeepOptions *options, const FewDeployment *told, const char *path)
{
  const char *end = options->by_folders && told == options->deployment ? strchr (path, '/') : NULL;
  if (end)
    return g_strndup (path, (gsize) (end - path));
  if (told->id && *told->id)
    return g_strdup (told->id);
  return g_strdup (told->folder ? told->folder : "deployment-1");
}

/* Of those that have pictures already; NULL: none is called so. */
static FewKeepPlace *
find_known (const FewKeeper *keeper, const char *id)
{
  for (guint i = 0; i < keeper->places->len; i++)
    if (g_str_equal (((const FewKeepPlace *) keeper->places->pdata[i])->id, id))
      return keeper->places->pdata[i];
  return NULL;
}

FewKeepPlace *
few_keep_find_place (FewKeeper *keeper, const char *path, GError **error)
{
  const FewKeepOptions *options = &keeper->options;
  const FewDeployment *told = find_told (options, path);
  if (!told)
    told = options->deployment;
  if (!told || few_deployment_check (told))
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                   /* Translators: a picture's file */
                   _ ("It is not told where the camera stood that took %s."), path);
      return NULL;
    }
  g_autofree char *id = name_place (options, told, path);
  FewKeepPlace *place = find_known (keeper, id);
  if (place && place->told != told)
    {
      /* as the command line alone can ask for */
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                   "Two deployments are called “%s”: give one of them another id.", id);
      return NULL;
    }
  if (place)
    return place;
  place = g_new0 (FewKeepPlace, 1);
  place->told = told;
  place->id = g_steal_pointer (&id);
  g_ptr_array_add (keeper->places, place);
  return place;
}

void
few_keep_note_time (FewKeepPlace *place, const char *taken)
{
  if (!*place->first || strcmp (taken, place->first) < 0)
    g_strlcpy (place->first, taken, sizeof place->first);
  if (strcmp (taken, place->last) > 0)
    g_strlcpy (place->last, taken, sizeof place->last);
}
