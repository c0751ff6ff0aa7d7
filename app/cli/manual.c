/* SPDX-License-Identifier: MIT */
/* fewshot-cli manual: the manual page, written from the table of commands and from each command's
 * own table of options, so that it cannot say anything else than --help does. */
#include <config.h>
#include "cli/manual.h"
#include <string.h>

static void
free_command (ManualCommand *command)
{
  g_free (command->usage);
  g_free (command->summary);
  g_array_unref (command->options);
  g_free (command);
}

static void
clear_manual (Manual *manual)
{
  g_clear_pointer (&manual->commands, g_ptr_array_unref);
  g_clear_pointer (&manual->common, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Manual, clear_manual)

static GArray *
copy_options (const GOptionEntry *entries)
{
  GArray *copy = g_array_new (FALSE, FALSE, sizeof (GOptionEntry));
  for (; entries && entries->long_name; entries++)
    g_array_append_vals (copy, entries, 1);
  return copy;
}

/* What cli_parse tells in the place of parsing. */
static void
take_options (const GOptionEntry *common, const GOptionEntry *entries, gpointer data)
{
  Manual *manual = data;
  ManualCommand *command = manual->commands->pdata[manual->commands->len - 1];
  if (!manual->common)
    manual->common = copy_options (common);
  g_array_unref (command->options);
  command->options = copy_options (entries);
}

/* "MODEL DATA — what it does" in its two halves. */
static void
split_help (const char *help, ManualCommand *command)
{
  const char *dash = strstr (help, "— ");
  g_assert (dash);
  command->usage = g_strchomp (g_strndup (help, (gsize) (dash - help)));
  command->summary = g_strdup (dash + strlen ("— "));
  command->summary[0] = g_ascii_toupper (command->summary[0]);
}

/* Each command is asked for its options by running it with nothing but its name. */
static void
gather (Cli *cli, Manual *manual)
{
  Cli asked = { .describe = take_options, .describe_data = manual };
  manual->commands = g_ptr_array_new_with_free_func ((GDestroyNotify) free_command);
  for (guint i = 0; i < cli->n_commands; i++)
    {
      char *argv[] = { (char *) cli->commands[i].name, NULL };
      ManualCommand *command = g_new0 (ManualCommand, 1);
      command->name = cli->commands[i].name;
      command->options = copy_options (NULL);
      split_help (cli->commands[i].help, command);
      g_ptr_array_add (manual->commands, command);
      cli->commands[i].run (&asked, 1, argv);
    }
  g_assert (manual->common != NULL); /* the first command told it */
}

/* A text in roff: a hyphen that stays one, no line that begins with a request. */
static void
put_text (GString *out, const char *text)
{
  if (*text == '.' || *text == '\'')
    g_string_append (out, "\\&");
  for (; *text; text++)
    if (*text == '\\')
      g_string_append (out, "\\e");
    else if (*text == '-')
      g_string_append (out, "\\-");
    else
      g_string_append_c (out, *text);
}

static void
put_in (GString *out, char font, const char *text)
{
  g_string_append_printf (out, "\\f%c", font);
  put_text (out, text);
  g_string_append (out, "\\fR");
}

static void
put_option (GString *out, const GOptionEntry *option)
{
  g_autofree char *name = g_strdup_printf ("--%s", option->long_name);
  g_string_append (out, ".TP\n");
  if (option->short_name)
    {
      const char letter[] = { '-', option->short_name, '\0' };
      put_in (out, 'B', letter);
      g_string_append (out, ", ");
    }
  put_in (out, 'B', name);
  if (option->arg != G_OPTION_ARG_NONE)
    {
      g_string_append_c (out, ' ');
      put_in (out, 'I', option->arg_description);
    }
  g_string_append_c (out, '\n');
  put_text (out, option->description);
  g_string_append_c (out, '\n');
}

static void
put_options (GString *out, const GArray *options)
{
  for (guint i = 0; i < options->len; i++)
    put_option (out, &g_array_index (options, GOptionEntry, i));
}

static void
put_command (GString *out, const ManualCommand *command)
{
  g_string_append (out, ".SS ");
  put_text (out, command->name);
  g_string_append (out, "\n.B fewshot\\-cli ");
  put_text (out, command->name);
  g_string_append (out, "\n.I ");
  put_text (out, command->usage);
  g_string_append (out, "\n.PP\n");
  put_text (out, command->summary);
  g_string_append (out, ".\n");
  put_options (out, command->options);
}

static const char before[] =
    ".TH FEWSHOT\\-CLI 1 \"\" \"Fewshot " FEW_VERSION "\" \"User Commands\"\n"
    ".SH NAME\nfewshot\\-cli \\- few\\-shot recognition of pictures with CLIP\n"
    ".SH SYNOPSIS\n.B fewshot\\-cli\n.I COMMAND\n.RI [ OPTION ]... \" \" [ ARGUMENT ]...\n.br\n"
    ".B fewshot\\-cli \\-\\-version\n"
    ".SH DESCRIPTION\nTrains classifiers on folders of pictures with the features of a CLIP model, "
    "compares methods, and classifies pictures.\n.PP\n.I MODEL\nis a folder, the name of a "
    "fetched model, or\n.B pocket\nfor the built\\-in one.\n.I DATA\nis a folder of class folders, "
    "or one that holds\n.IR train/ ,\n.I test/\nand perhaps\n.I val/\nof them; a file of labels "
    "(CSV, TSV, JSON); or, where pictures are learned from, a zip or tar archive.\n.I "
    "CLASSIFIER\nis "
    "a file that\n.B train\nor the window has written.\n";

static const char after[] =
    ".SH EXIT STATUS\n.TP\n.B 0\nIt is done.\n.TP\n.B 1\nIt failed; a sentence on standard error "
    "says why.\n.TP\n.B 2\nThe command line could not be understood.\n"
    ".SH ENVIRONMENT\n.TP\n.B HF_TOKEN\nA token for closed repositories; it is sent to the hub "
    "alone.\n.TP\n.B HF_ENDPOINT\nAnother hub.\n.TP\n.BR HF_HOME , \" HF_HUB_CACHE\"\nWhere "
    "models of other programs lie, which are found there.\n.TP\n.B FEWSHOT_PYTHON\nThe Python "
    "whose onnxruntime\n.B verify\nuses.\n"
    ".SH FILES\n.TP\n.I $XDG_DATA_HOME/fewshot/models\nModels that were fetched.\n.TP\n"
    ".I $XDG_CACHE_HOME/fewshot/features\nFeatures of pictures that were seen before.\n"
    ".SH EXAMPLES\n.nf\nfewshot\\-cli train pocket parts/ \\-o parts.safetensors\n"
    "fewshot\\-cli predict parts.safetensors new/*.jpg\n"
    "fewshot\\-cli bench pocket parts/ \\-\\-shots 1,4,16\n.fi\n";

static char *
write_page (const Manual *manual)
{
  GString *out = g_string_new (before);
  g_string_append (out, ".SH COMMANDS\n");
  for (guint i = 0; i < manual->commands->len; i++)
    put_command (out, manual->commands->pdata[i]);
  g_string_append (out, ".SH OPTIONS OF EVERY COMMAND\n");
  put_options (out, manual->common);
  g_string_append (out, after);
  return g_string_free (out, FALSE);
}

int
cli_manual (Cli *cli, int argc, char **argv)
{
  static const struct
  {
    const char *name;
    char *(*write) (const Manual *manual);
  } forms[] = {
    { "man", write_page },
    { "bash", manual_complete_bash },
    { "zsh", manual_complete_zsh },
    { "fish", manual_complete_fish },
  };
  g_auto (GStrv) arguments = NULL;
  int status;
  if (!cli_parse (cli, argc, argv, "[man | bash | zsh | fish]", NULL, 0, &arguments, &status))
    return status;
  const char *wanted = arguments[0] ? arguments[0] : "man";
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (g_str_equal (forms[i].name, wanted))
      {
        g_auto (Manual) manual = { 0 };
        gather (cli, &manual);
        g_autofree char *text = forms[i].write (&manual);
        g_print ("%s", text);
        return CLI_OK;
      }
  g_printerr ("fewshot-cli manual: it is written as man, bash, zsh or fish, not as “%s”.\n",
              wanted);
  return CLI_USAGE;
}
