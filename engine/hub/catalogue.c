/* SPDX-License-Identifier: MIT */
/* The models that are offered: entries, and the file that lists them. */
#include "hub/catalogue.h"
#include "base/hex.h"
#include "base/error.h"
#include "base/json.h"
#include <fewshot/hub.h>
#include <string.h>

enum { MAX_MODELS = 1000, MAX_FILES = 200 };

static void
free_entry (gpointer data)
{
  FewCatalogueEntry *entry = data;
  char **strings[] = {
    &entry->name,     &entry->title,     &entry->use,     &entry->repository,
    &entry->revision, &entry->publisher, &entry->licence, &entry->preprocessing,
    &entry->source,   &entry->languages, &entry->measure,
  };
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    g_free (*strings[i]);
  for (guint i = 0; i < entry->n_files; i++)
    {
      g_free (entry->files[i].name);
      g_free (entry->files[i].sha256);
    }
  g_free (entry->files);
  g_free (entry);
}

FewCatalogueEntry *
few_catalogue_entry_ref (FewCatalogueEntry *entry)
{
  g_return_val_if_fail (entry != NULL, NULL);
  g_atomic_ref_count_inc (&entry->refs);
  return entry;
}

void
few_catalogue_entry_unref (FewCatalogueEntry *entry)
{
  g_return_if_fail (entry != NULL);
  if (g_atomic_ref_count_dec (&entry->refs))
    free_entry (entry);
}

FewCatalogueEntry *
few_catalogue_entry_new (const char *name, const char *repository, const char *revision)
{
  FewCatalogueEntry *entry = g_new0 (FewCatalogueEntry, 1);
  g_atomic_ref_count_init (&entry->refs);
  entry->name = g_strdup (name);
  entry->title = g_strdup (name);
  entry->use = g_strdup ("");
  entry->publisher = g_strdup ("");
  entry->repository = g_strdup (repository);
  entry->revision = g_strdup (revision);
  entry->licence = g_strdup ("");
  entry->preprocessing = g_strdup ("");
  entry->languages = g_strdup ("");
  entry->source = g_strdup ("");
  entry->measure = g_strdup ("names");
  return entry;
}

gboolean
few_hub_name_is_safe (const char *name)
{
  g_auto (GStrv) parts = g_strsplit (name, "/", -1);
  for (char **part = parts; *part; part++)
    {
      if (**part == '\0' || **part == '.' || strlen (*part) > 200)
        return FALSE;
      for (const char *c = *part; *c; c++)
        if (!g_ascii_isalnum (*c) && !strchr ("._-+", *c))
          return FALSE;
    }
  return parts[0] != NULL;
}

gboolean
few_hub_repository_is_valid (const char *repository)
{
  const char *slash = strchr (repository, '/');
  return few_hub_name_is_safe (repository) && slash && !strchr (slash + 1, '/');
}

void
few_catalogue_entry_add_file (FewCatalogueEntry *entry, const char *name, guint64 bytes,
                              const char *sha256)
{
  entry->files = g_renew (FewCatalogueFile, entry->files, entry->n_files + 1);
  entry->files[entry->n_files++] = (FewCatalogueFile) { g_strdup (name), bytes, g_strdup (sha256) };
}

/* What a person chooses by. FALSE for what cannot be. */
static gboolean
parse_facts (FewCatalogueEntry *entry, JsonObject *object, const char **bad)
{
  struct
  {
    char **to;
    const char *member;
  } strings[] = { { &entry->title, "title" },         { &entry->use, "use" },
                  { &entry->publisher, "publisher" }, { &entry->licence, "licence" },
                  { &entry->source, "source" },       { &entry->preprocessing, "preprocessing" },
                  { &entry->languages, "languages" } };
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      g_free (*strings[i].to);
      *strings[i].to = g_strdup (few_json_string (object, strings[i].member, "", bad));
    }
  g_free (entry->measure);
  entry->measure = g_strdup (few_json_string (object, "measure", "names", bad));
  entry->memory = (guint64) few_json_int (object, "memory", 0, bad);
  entry->about = (guint64) few_json_int (object, "about", 0, bad);
  entry->gflop = few_json_double (object, "gflop", 0, bad);
  entry->accuracy = few_json_double (object, "accuracy", 0, bad);
  entry->speed = few_json_double (object, "speed", 0, bad);
  return entry->gflop >= 0 && entry->accuracy >= 0 && entry->accuracy <= 100 && entry->speed >= 0;
}

static FewCatalogueEntry *
parse_catalogue (JsonObject *object, const char **bad)
{
  const char *name = few_json_string (object, "name", "", bad);
  const char *repository = few_json_string (object, "repository", "", bad);
  g_autoptr (FewCatalogueEntry) entry =
      few_catalogue_entry_new (name, repository, few_json_string (object, "revision", "main", bad));
  gboolean possible = parse_facts (entry, object, bad);
  JsonArray *files = few_json_array (object, "files", bad);
  if (*bad || !possible || !few_hub_name_is_safe (name) || strchr (name, '/')
      || !few_hub_repository_is_valid (repository) || !few_hub_name_is_safe (entry->revision)
      || (files && json_array_get_length (files) == 0)
      || (files && json_array_get_length (files) > MAX_FILES))
    return NULL;
  for (guint i = 0; files && i < json_array_get_length (files); i++)
    {
      JsonNode *node = json_array_get_element (files, i);
      JsonObject *file = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *file_name = file ? few_json_string (file, "name", "", bad) : "";
      const char *sha256 = file ? few_json_string (file, "sha256", NULL, bad) : NULL;
      gint64 bytes = file ? few_json_int (file, "bytes", 0, bad) : -1;
      if (*bad || !few_hub_name_is_safe (file_name) || strchr (file_name, '/') || bytes < 0
          || (sha256 && !few_hex_is_sha256 (sha256)))
        return NULL;
      few_catalogue_entry_add_file (entry, file_name, (guint64) bytes, sha256);
      entry->about = MAX (entry->about, (guint64) bytes);
    }
  return g_steal_pointer (&entry);
}

GPtrArray *
few_catalogue_load (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  JsonNode *root = few_json_load (path, error);
  if (!root)
    return NULL;
  const char *bad = NULL;
  JsonArray *models = few_json_array (json_node_get_object (root), "models", &bad);
  g_autoptr (GPtrArray) entries =
      g_ptr_array_new_with_free_func ((GDestroyNotify) few_catalogue_entry_unref);
  gboolean ok = models && !bad && json_array_get_length (models) <= MAX_MODELS;
  for (guint i = 0; ok && i < json_array_get_length (models); i++)
    {
      JsonNode *node = json_array_get_element (models, i);
      FewCatalogueEntry *entry = JSON_NODE_HOLDS_OBJECT (node)
                                     ? parse_catalogue (json_node_get_object (node), &bad)
                                     : NULL;
      ok = entry != NULL;
      if (entry)
        g_ptr_array_add (entries, entry);
    }
  json_node_unref (root);
  if (!ok)
    {
      few_fail (error, FORMAT,
                "%s is not a catalogue of models: entry %u is not as it should be%s%s.", path,
                entries->len + 1, bad ? ": " : "", bad ? bad : "");
      return NULL;
    }
  return g_steal_pointer (&entries);
}
