/* SPDX-License-Identifier: MIT */
/* Pictures tagged one after the other, as `fewshot-cli tag` does. */
#include "pages/try/few-tagger.h"
#include <string.h>

static void
item_free (gpointer data)
{
  FewTagItem *item = data;
  for (guint i = 0; i < item->n; i++)
    g_free ((char *) item->tags[i].label);
  g_free (item->tags);
  g_free (item->path);
  g_free (item);
}

GPtrArray *
few_tag_items_new (void)
{
  return g_ptr_array_new_with_free_func (item_free);
}

void
few_tag_items_add (GPtrArray *items, const char *path, const FewTag *tags, guint n)
{
  FewTagItem *item = g_new (FewTagItem, 1);
  *item = (FewTagItem) { g_strdup (path), g_new (FewTag, n + 1), n };
  for (guint i = 0; i < n; i++)
    item->tags[i] = (FewTag) { g_strdup (tags[i].label), tags[i].probability };
  g_ptr_array_add (items, item);
}

void
few_tagged_free (FewTagged *tagged)
{
  g_ptr_array_unref (tagged->failed);
  g_free (tagged->journal);
  g_free (tagged);
}

/* How much of `folder` leads to `path`, too. */
static gsize
shared_length (const char *folder, const char *path)
{
  gsize shared = 0;
  for (gsize i = 0; folder[i] && folder[i] == path[i]; i++)
    if (path[i + 1] == '/' && (folder[i + 1] == '/' || folder[i + 1] == '\0'))
      shared = i + 1;
  return shared;
}

char *
few_tag_items_folder (const GPtrArray *items)
{
  g_autofree char *folder = NULL;
  for (guint i = 0; i < items->len; i++)
    {
      g_autofree char *path =
          g_canonicalize_filename (((const FewTagItem *) items->pdata[i])->path, NULL);
      if (!folder)
        folder = g_path_get_dirname (path);
      else
        folder[shared_length (folder, path)] = '\0';
    }
  return folder && *folder ? g_steal_pointer (&folder) : g_strdup ("/");
}

static void
tag_one (const FewTagItem *item, const FewTagOptions *options, FewTagJournal *journal,
         FewTagged *tagged)
{
  g_autoptr (GError) error = NULL;
  FewTagsOutcome outcome;
  if (few_tags_put (item->path, item->tags, item->n, options, journal, &outcome, NULL, &error))
    tagged->n[outcome]++;
  else
    g_ptr_array_add (tagged->failed, g_strdup (error->message));
}

FewTagged *
few_tag_pictures (GPtrArray *items, const FewTagOptions *options,
                  void (*progress) (gpointer user, guint done, guint total), gpointer user,
                  GCancellable *cancellable, GError **error)
{
  g_autofree char *folder = few_tag_items_folder (items);
  g_autoptr (FewTagJournal) journal =
      few_tags_available (error) ? few_tag_journal_new (folder, error) : NULL;
  if (!journal)
    return NULL;
  FewTagged *tagged = g_new0 (FewTagged, 1);
  tagged->failed = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < items->len && !tagged->stopped; i++)
    {
      if (progress)
        progress (user, i, items->len);
      tagged->stopped = g_cancellable_is_cancelled (cancellable);
      if (!tagged->stopped)
        tag_one (items->pdata[i], options, journal, tagged);
    }
  tagged->journal = g_strdup (few_tag_journal_file (journal));
  return tagged;
}
