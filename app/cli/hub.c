/* SPDX-License-Identifier: MIT */
/* models, pull, remove: models from a hub. */
#include "cli/cli.h"
#include "common/known-models.h"
#include <math.h>

/* By its name in the catalogue, or any repository. */
static FewCatalogueEntry *
find_model (const char *name, GError **error)
{
  g_autoptr (GPtrArray) entries = few_known_models (error);
  if (!entries)
    return NULL;
  for (guint i = 0; i < entries->len; i++)
    {
      FewCatalogueEntry *entry = entries->pdata[i];
      if (g_str_equal (entry->name, name) || g_str_equal (entry->repository, name))
        return few_catalogue_entry_ref (entry);
    }
  FewCatalogueEntry *entry = few_catalogue_entry_for (name);
  if (!entry)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "There is no model “%s” in the catalogue, and it is no repository (ORG/NAME) "
                 "either. fewshot-cli models lists the names.",
                 name);
  return entry;
}

static const char *
shelf_word (FewShelf shelf)
{
  static const char *const words[] = { "absent", "partial", "here", "found" };
  return words[shelf];
}

int
cli_models (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *models = few_default_models_folder ();
  int status;
  if (!cli_parse (cli, argc, argv, "", NULL, 0, &arguments, &status))
    return status;
  g_autoptr (GPtrArray) entries = few_known_models (&error);
  if (!entries)
    return cli_fail (error);
  JsonBuilder *builder = cli->json ? cli_json_begin () : NULL;
  if (builder)
    {
      cli_json_array (builder, "models");
    }
  for (guint i = 0; i < entries->len; i++)
    {
      const FewCatalogueEntry *e = entries->pdata[i];
      g_autofree char *folder = NULL;
      guint64 bytes;
      FewShelf shelf = few_shelf_find (models, e, &folder, &bytes);
      if (builder)
        {
          json_builder_begin_object (builder);
          cli_json_string (builder, "name", e->name);
          cli_json_string (builder, "title", e->title);
          cli_json_string (builder, "repository", e->repository);
          cli_json_string (builder, "revision", e->revision);
          cli_json_string (builder, "licence", e->licence);
          cli_json_int (builder, "bytes", (gint64) e->about);
          cli_json_int (builder, "memory", (gint64) e->memory);
          cli_json_string (builder, "state", shelf_word (shelf));
          cli_json_int (builder, "bytes_on_disk", (gint64) bytes);
          cli_json_string (builder, "folder", folder ? folder : "");
          json_builder_end_object (builder);
        }
      else
        g_print ("%-16s %-20s %6.0f MB  %-4s %-8s %s\n", e->name, e->title, (double) e->about / 1e6,
                 e->licence, shelf_word (shelf), folder ? folder : "");
    }
  if (builder)
    {
      json_builder_end_array (builder);
      cli_json_end (builder);
    }
  return CLI_OK;
}

/* ---- pull */

typedef struct
{
  GMainLoop *loop;
  FewHub *hub;
  guint id;
  char *folder;
  guint64 transferred;
  GError *error;
} Pulling;

static void
pull_status (gpointer user, const FewPullStatus *s)
{
  Pulling *p = user;
  g_autofree char *detail = NULL;
  p->transferred = s->transferred;
  switch (s->state)
    {
    case FEW_PULL_WAITING:
      g_printerr ("Another window or program fetches this model; waiting for it.\n");
      break;
    case FEW_PULL_RETRYING:
      cli_progress (NULL, 0, 0, NULL);
      cli_complain ("Trying again:", s->error->message);
      break;
    case FEW_PULL_DONE:
      p->folder = g_strdup (s->folder);
      g_main_loop_quit (p->loop);
      break;
    case FEW_PULL_FAILED:
      p->error = g_error_copy (s->error);
      g_main_loop_quit (p->loop);
      break;
    default:
      if (isfinite (s->rate))
        detail = g_strdup_printf ("MB  %.1f MB/s, %.0f s left", s->rate / 1e6, s->seconds_left);
      cli_progress (s->file, (guint) (s->done / 1000000), (guint) (s->total / 1000000), detail);
      break;
    }
}

static void
stop_pull (GCancellable *cancellable G_GNUC_UNUSED, gpointer user)
{
  Pulling *p = user;
  few_hub_cancel (p->hub, p->id);
}

static int
pull_model (Cli *cli, FewCatalogueEntry *entry, const FewHubOptions *options)
{
  Pulling p = { .loop = g_main_loop_new (NULL, FALSE) };
  p.hub = few_hub_new (options, pull_status, &p);
  p.id = few_hub_pull (p.hub, entry);
  gulong handler = g_cancellable_connect (cli->cancellable, G_CALLBACK (stop_pull), &p, NULL);
  g_main_loop_run (p.loop);
  cli_progress (NULL, 0, 0, NULL);
  g_cancellable_disconnect (cli->cancellable, handler);
  few_hub_free (p.hub);
  g_main_loop_unref (p.loop);
  if (p.error)
    {
      int status = cli_fail (p.error);
      g_error_free (p.error);
      return status;
    }
  if (cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      cli_json_string (builder, "name", entry->name);
      cli_json_string (builder, "folder", p.folder);
      cli_json_int (builder, "transferred", (gint64) p.transferred);
      cli_json_end (builder);
    }
  else
    g_print ("%s\n", p.folder);
  g_free (p.folder);
  return CLI_OK;
}

int
cli_pull (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;
  g_autofree char *ca_file = NULL;
  int status;
  int stall = 0;
  int attempts = 0;
  double back_off = 0;
  g_autofree char *back_off_text = NULL;
  const GOptionEntry entries[] = {
    { "endpoint", 0, 0, G_OPTION_ARG_STRING, &endpoint,
      "Another hub with the same layout ($HF_ENDPOINT, https://huggingface.co)", "URL" },
    { "ca-file", 0, 0, G_OPTION_ARG_FILENAME, &ca_file,
      "Certificates to trust in the place of the system's", "FILE" },
    { "stall", 0, 0, G_OPTION_ARG_INT, &stall, "Seconds without a byte before trying again (30)",
      "S" },
    { "attempts", 0, 0, G_OPTION_ARG_INT, &attempts, "Attempts in a row that bring nothing (5)",
      "N" },
    { "back-off", 0, 0, G_OPTION_ARG_STRING, &back_off_text,
      "Seconds before the second attempt, doubled each time (1)", "S" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "NAME", entries, 1, &arguments, &status))
    return status;
  if (!cli_parse_number ("pull", "back-off", back_off_text, 0, 3600, &back_off)
      || !cli_check_count ("pull", "stall", stall)
      || !cli_check_count ("pull", "attempts", attempts))
    return CLI_USAGE;
  g_autoptr (FewCatalogueEntry) entry = find_model (arguments[0], &error);
  if (!entry)
    return cli_fail (error);
  FewHubOptions options = { .endpoint = endpoint,
                            .ca_file = ca_file,
                            .stall_seconds = (guint) MAX (stall, 0),
                            .attempts = (guint) MAX (attempts, 0),
                            .back_off = back_off };
  return pull_model (cli, entry, &options);
}

int
cli_remove (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *models = few_default_models_folder ();
  int status;
  if (!cli_parse (cli, argc, argv, "NAME", NULL, 1, &arguments, &status))
    return status;
  g_autoptr (FewCatalogueEntry) entry = find_model (arguments[0], &error);
  if (!entry || !few_shelf_remove (models, entry->name, &error))
    return cli_fail (error);
  return CLI_OK;
}
