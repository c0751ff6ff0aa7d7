/* SPDX-License-Identifier: MIT */
/* Files and their locks as one thing. */
#include "document/few-place.h"
#include "document/few-drafts.h"
#include "document/few-project-lock.h"
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static FewPlace *
create_place (const char *path, gboolean draft, int lock)
{
  FewPlace *place = g_new0 (FewPlace, 1);
  place->path = g_strdup (path);
  place->draft = draft;
  place->lock = lock;
  return place;
}

FewPlace *
few_place_new_draft (void)
{
  g_autofree char *path = few_draft_new_path ();
  return create_place (path, TRUE, few_draft_lock (path));
}

FewPlace *
few_place_new_file (const char *path, GError **error)
{
  g_return_val_if_fail (path, NULL);
  int lock = few_project_lock (path);
  if (lock >= 0)
    return create_place (path, FALSE, lock);
  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
               /* Translators: a file */
               _ ("%s is in use by another window. Choose another name."), shown);
  return NULL;
}

FewPlace *
few_place_new_locked (const char *path, int lock, const FewStamp *stamp)
{
  g_return_val_if_fail (path && stamp, NULL);
  FewPlace *place = create_place (path, few_draft_is (path), lock);
  place->stamp = *stamp;
  return place;
}

static void
free_place (FewPlace **place)
{
  g_free ((*place)->path);
  g_clear_pointer (place, g_free);
}

void
few_place_leave (FewPlace **place)
{
  if (!*place)
    return;
  if ((*place)->draft)
    few_draft_unlock ((*place)->path, (*place)->lock);
  else
    few_project_unlock ((*place)->path, (*place)->lock);
  free_place (place);
}

void
few_place_leave_and_remove (FewPlace **place)
{
  if (*place && (*place)->draft)
    g_unlink ((*place)->path);
  few_place_leave (place);
}

void
few_place_abandon (FewPlace **place)
{
  if (!*place)
    return;
  if ((*place)->lock >= 0)
    close ((*place)->lock); /* its file stays */
  free_place (place);
}

char *
few_place_title_of (const char *path)
{
  g_return_val_if_fail (path, NULL);
  char *name = g_filename_display_basename (path);
  if (g_str_has_suffix (name, ".fewshot"))
    name[strlen (name) - strlen (".fewshot")] = 0;
  return name;
}
