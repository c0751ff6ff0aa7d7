/* SPDX-License-Identifier: MIT */
/* Models on this computer, looked at by what a classifier's file records of its own. */
#include "common/backbone.h"
#include "common/paths.h"

GPtrArray *
few_known_models (GError **error)
{
  g_autofree char *path = few_catalogue_path ();
  g_autofree char *folder = few_default_models_folder ();
  GPtrArray *entries = few_catalogue_load (path ? path : "models.json", error);
  g_autoptr (GPtrArray) fetched = few_shelf_list (folder);
  for (guint i = 0; entries && i < fetched->len; i++)
    {
      FewCatalogueEntry *entry = fetched->pdata[i];
      gboolean listed = FALSE;
      for (guint j = 0; j < entries->len; j++)
        listed |= g_str_equal (((FewCatalogueEntry *) entries->pdata[j])->name, entry->name);
      if (!listed)
        g_ptr_array_add (entries, few_catalogue_entry_ref (entry));
    }
  return entries;
}

typedef struct
{
  char *folder, *name;
} Candidate;

static void
free_candidate (gpointer data)
{
  Candidate *candidate = data;
  g_free (candidate->folder);
  g_free (candidate->name);
  g_free (candidate);
}

static void
add_candidate (GPtrArray *candidates, char *folder, const char *name)
{
  Candidate *candidate = g_new (Candidate, 1);
  *candidate = (Candidate) { folder, g_strdup (name) };
  g_ptr_array_add (candidates, candidate);
}

/* The built-in model, and those that the models command shows as here or found. */
static GPtrArray *
list_candidates (void)
{
  GPtrArray *candidates = g_ptr_array_new_with_free_func (free_candidate);
  g_autoptr (GPtrArray) entries = few_known_models (NULL);
  g_autofree char *models = few_default_models_folder ();
  char *pocket = few_pocket_folder ();
  if (pocket)
    add_candidate (candidates, pocket, "pocket");
  for (guint i = 0; entries && i < entries->len; i++)
    {
      const FewCatalogueEntry *entry = entries->pdata[i];
      g_autofree char *folder = NULL;
      FewShelf shelf = few_shelf_find (models, entry, &folder, NULL);
      if (shelf == FEW_SHELF_HERE || shelf == FEW_SHELF_FOUND)
        add_candidate (candidates, g_steal_pointer (&folder), entry->name);
    }
  return candidates;
}

/* A model that cannot be opened is not the one. */
static FewModelMatch
match_candidate (const Candidate *candidate, const FewClassifierInfo *info,
                 GCancellable *cancellable)
{
  g_autofree char *sha256 = NULL;
  g_autofree char *fingerprint = NULL;
  g_autoptr (GError) error = NULL;
  if (!few_model_identify (candidate->folder, &sha256, &fingerprint, cancellable, &error))
    {
      g_debug ("%s: %s", candidate->folder, error->message);
      return FEW_MODEL_OTHER;
    }
  const FewModelInfo found = { .sha256 = sha256, .fingerprint = fingerprint };
  return few_model_match (&found, info->backbone_sha256, info->backbone_fingerprint);
}

typedef struct
{
  const Candidate *candidate; /* NULL: none is */
  FewModelMatch match;
} Nearest;

/* Among those that have the recorded name, or those that have another. */
static void
search (const GPtrArray *candidates, const FewClassifierInfo *info, gboolean same_name,
        Nearest *nearest, GCancellable *cancellable)
{
  for (guint i = 0; i < candidates->len && nearest->match != FEW_MODEL_SAME; i++)
    {
      const Candidate *candidate = candidates->pdata[i];
      if (g_str_equal (candidate->name, info->backbone) != same_name)
        continue;
      FewModelMatch match = match_candidate (candidate, info, cancellable);
      if (match < nearest->match)
        *nearest = (Nearest) { candidate, match };
    }
}

/* Of the same name first: of weights that were never opened every byte is read. */
char *
few_backbone_find (const FewClassifierInfo *info, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) candidates = list_candidates ();
  Nearest nearest = { .match = FEW_MODEL_OTHER };
  search (candidates, info, TRUE, &nearest, cancellable);
  search (candidates, info, FALSE, &nearest, cancellable);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  return nearest.candidate ? g_strdup (nearest.candidate->folder) : NULL;
}
