/* SPDX-License-Identifier: MIT */
/* frames: pictures of a video as files. */
#include "cli/cli.h"
#include "common/video.h"
#include <unistd.h>

typedef struct
{
  char **arguments;
  char *every;
  gboolean changes;
  int most, side;
} FramesOptions;

static void
clear_options (FramesOptions *o)
{
  g_strfreev (o->arguments);
  g_free (o->every);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FramesOptions, clear_options)

static void
show_progress (gpointer user, guint taken, double seconds)
{
  const Cli *cli = user;
  g_autofree char *line = g_strdup_printf ("%u pictures, %.0f s", taken, seconds);
  if (!cli->json && isatty (STDERR_FILENO))
    cli_put_progress (line);
}

static int
report (const Cli *cli, const FewVideoTaken *taken)
{
  cli_progress (NULL, 0, 0, NULL);
  if (taken->problem)
    g_printerr ("fewshot-cli: %s\n", taken->problem);
  if (cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      cli_json_int (builder, "pictures", taken->paths->len);
      cli_json_int (builder, "there_already", taken->there);
      if (taken->problem)
        cli_json_string (builder, "problem", taken->problem);
      cli_json_array (builder, "files");
      for (guint i = 0; i < taken->paths->len; i++)
        {
          g_autofree char *path = g_filename_display_name (taken->paths->pdata[i]);
          json_builder_add_string_value (builder, path);
        }
      json_builder_end_array (builder);
      cli_json_end (builder);
    }
  else
    for (guint i = 0; i < taken->paths->len; i++)
      {
        g_autofree char *shown = few_text_shown (taken->paths->pdata[i]);
        g_print ("%s\n", shown);
      }
  if (taken->more)
    g_printerr ("note: there is more of it; --most takes more pictures.\n");
  return taken->problem ? CLI_FAILURE : CLI_OK;
}

/* FALSE: it is on standard error what is wrong. */
static gboolean
check_options (const FramesOptions *o, FewVideoOptions *video)
{
  video->changes = o->changes;
  video->interval = 1;
  if (o->every && o->changes)
    {
      g_printerr ("fewshot-cli frames: give --every or --changes, not both.\n");
      return FALSE;
    }
  if (!o->arguments[1] || o->arguments[2])
    {
      g_printerr ("fewshot-cli frames: give one VIDEO and one FOLDER for its pictures.\n");
      return FALSE;
    }
  if (!cli_parse_number ("frames", "every", o->every, .02, 86400, &video->interval)
      || !cli_check_count ("frames", "most", o->most)
      || !cli_check_count ("frames", "side", o->side))
    return FALSE;
  video->most = (guint) CLAMP (o->most, 1, 1 << 20);
  video->side = (guint) CLAMP (o->side, 16, 4096);
  return TRUE;
}

int
cli_frames (Cli *cli, int argc, char **argv)
{
  g_auto (FramesOptions) o = { .most = FEW_VIDEO_MOST, .side = FEW_VIDEO_SIDE };
  g_autoptr (GError) error = NULL;
  FewVideoOptions video;
  int status;
  const GOptionEntry entries[] = {
    { "every", 0, 0, G_OPTION_ARG_STRING, &o.every, "A picture every S seconds (1)", "S" },
    { "changes", 0, 0, G_OPTION_ARG_NONE, &o.changes,
      "A picture wherever the video shows something else", NULL },
    { "most", 0, 0, G_OPTION_ARG_INT, &o.most, "No more than N pictures (1000)", "N" },
    { "side", 0, 0, G_OPTION_ARG_INT, &o.side, "Pixels of a picture's longer side at most (1280)",
      "N" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "VIDEO FOLDER — pictures of a video", entries, 2, &o.arguments,
                  &status))
    return status;
  if (!check_options (&o, &video))
    return CLI_USAGE;
  g_autoptr (FewVideoTaken) taken = few_video_take (o.arguments[0], o.arguments[1], &video,
                                                    show_progress, cli, cli->cancellable, &error);
  return taken ? report (cli, taken) : cli_fail (error);
}
