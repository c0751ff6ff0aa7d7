/* SPDX-License-Identifier: MIT */
/* Completions of the command line for bash, zsh and fish, from the same tables as the manual. */
#include "cli/manual.h"
#include <string.h>

/* A text between single quotes of the shell, which cannot hold one themselves. */
static void
put_quoted (GString *out, const char *text)
{
  g_autofree char *quoted = g_shell_quote (text);
  g_string_append (out, quoted);
}

static void
put_names (GString *out, const GArray *options, gboolean files_alone)
{
  for (guint i = 0; i < options->len; i++)
    {
      const GOptionEntry *option = &g_array_index (options, GOptionEntry, i);
      if (files_alone && !manual_takes_file (option))
        continue;
      g_string_append_printf (out, " --%s", option->long_name);
      if (option->short_name)
        g_string_append_printf (out, " -%c", option->short_name);
    }
}

char *
manual_complete_bash (const Manual *manual)
{
  GString *out = g_string_new ("# bash completion for fewshot-cli\n"
                               "_fewshot_cli() {\n"
                               "  local word=${COMP_WORDS[COMP_CWORD]} options=\n"
                               "  COMPREPLY=()\n"
                               "  if [ \"$COMP_CWORD\" = 1 ]; then\n"
                               "    mapfile -t COMPREPLY < <(compgen -W '");
  for (guint i = 0; i < manual->commands->len; i++)
    g_string_append_printf (out, "%s ", ((ManualCommand *) manual->commands->pdata[i])->name);
  g_string_append (out, "--help --version' -- \"$word\")\n"
                        "    return\n"
                        "  fi\n"
                        "  case ${COMP_WORDS[1]} in\n");
  for (guint i = 0; i < manual->commands->len; i++)
    {
      const ManualCommand *command = manual->commands->pdata[i];
      g_string_append_printf (out, "  %s) options='", command->name);
      put_names (out, command->options, FALSE);
      g_string_append (out, "' ;;\n");
    }
  g_string_append (out, "  esac\n"
                        "  case $word in\n"
                        "  -*) mapfile -t COMPREPLY < <(compgen -W \"$options");
  put_names (out, manual->common, FALSE);
  g_string_append (out, "\" -- \"$word\") ;;\n"
                        "  *)\n"
                        "    compopt -o filenames 2>/dev/null\n"
                        "    mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
                        "    ;;\n"
                        "  esac\n"
                        "}\n"
                        "complete -F _fewshot_cli fewshot-cli\n");
  return g_string_free (out, FALSE);
}

/* What zsh's _arguments would take for syntax. */
static char *
escape_zsh (const char *text)
{
  GString *out = g_string_new (NULL);
  for (; *text; text++)
    {
      if (strchr ("[]:\\", *text))
        g_string_append_c (out, '\\');
      g_string_append_c (out, *text);
    }
  return g_string_free (out, FALSE);
}

static void
put_zsh_options (GString *out, const GArray *options)
{
  for (guint i = 0; i < options->len; i++)
    {
      const GOptionEntry *option = &g_array_index (options, GOptionEntry, i);
      g_autofree char *help = escape_zsh (option->description);
      g_autofree char *value = escape_zsh (option->arg_description ? option->arg_description : "");
      const char *action = manual_takes_file (option) ? "_files" : " ";
      g_autofree char *rest = option->arg == G_OPTION_ARG_NONE
                                  ? g_strdup_printf ("[%s]", help)
                                  : g_strdup_printf ("[%s]:%s:%s", help, value, action);
      g_autofree char *spec = g_strdup_printf ("*--%s%s", option->long_name, rest);
      g_string_append (out, " \\\n      ");
      put_quoted (out, spec);
      if (!option->short_name)
        continue;
      g_autofree char *brief = g_strdup_printf ("*-%c%s", option->short_name, rest);
      g_string_append (out, " \\\n      ");
      put_quoted (out, brief);
    }
}

char *
manual_complete_zsh (const Manual *manual)
{
  GString *out = g_string_new ("#compdef fewshot-cli\n"
                               "local -a commands common\n"
                               "commands=(");
  for (guint i = 0; i < manual->commands->len; i++)
    {
      const ManualCommand *command = manual->commands->pdata[i];
      g_autofree char *summary = escape_zsh (command->summary);
      g_autofree char *spec = g_strdup_printf ("%s:%s", command->name, summary);
      g_string_append (out, "\n  ");
      put_quoted (out, spec);
    }
  g_string_append (out, ")\n"
                        "common=(");
  put_zsh_options (out, manual->common);
  g_string_append (out, ")\n"
                        "if (( CURRENT == 2 )); then\n"
                        "  _describe command commands\n"
                        "  return\n"
                        "fi\n"
                        "local name=$words[2]\n"
                        "words=($words[2,-1])\n"
                        "(( CURRENT-- ))\n"
                        "case $name in\n");
  for (guint i = 0; i < manual->commands->len; i++)
    {
      const ManualCommand *command = manual->commands->pdata[i];
      g_string_append_printf (out, "%s)\n    _arguments $common", command->name);
      put_zsh_options (out, command->options);
      g_string_append (out, " \\\n      '*:file:_files' ;;\n");
    }
  g_string_append (out, "esac\n");
  return g_string_free (out, FALSE);
}

static void
put_fish_options (GString *out, const char *condition, const GArray *options)
{
  for (guint i = 0; i < options->len; i++)
    {
      const GOptionEntry *option = &g_array_index (options, GOptionEntry, i);
      g_string_append_printf (out, "complete -c fewshot-cli -n '%s' -l %s", condition,
                              option->long_name);
      if (option->short_name)
        g_string_append_printf (out, " -s %c", option->short_name);
      if (option->arg != G_OPTION_ARG_NONE)
        g_string_append (out, manual_takes_file (option) ? " -r -F" : " -x");
      g_string_append (out, " -d ");
      put_quoted (out, option->description);
      g_string_append_c (out, '\n');
    }
}

char *
manual_complete_fish (const Manual *manual)
{
  GString *out = g_string_new ("# fish completion for fewshot-cli\n");
  for (guint i = 0; i < manual->commands->len; i++)
    {
      const ManualCommand *command = manual->commands->pdata[i];
      g_string_append_printf (out, "complete -c fewshot-cli -f -n __fish_use_subcommand -a %s -d ",
                              command->name);
      put_quoted (out, command->summary);
      g_string_append_c (out, '\n');
    }
  put_fish_options (out, "not __fish_use_subcommand", manual->common);
  for (guint i = 0; i < manual->commands->len; i++)
    {
      const ManualCommand *command = manual->commands->pdata[i];
      g_autofree char *condition =
          g_strdup_printf ("__fish_seen_subcommand_from %s", command->name);
      put_fish_options (out, condition, command->options);
    }
  return g_string_free (out, FALSE);
}
