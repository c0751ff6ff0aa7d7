/* SPDX-License-Identifier: MIT */
/* Watched folders as values, settings and units of systemd. */
#include "watch/few-watched.h"
#include <glib/gi18n.h>
#include <string.h>

static const char *const WORDS[] = {
  [FEW_WATCH_LIST] = "list", [FEW_WATCH_TAGS] = "tags", [FEW_WATCH_SORT] = "sort"
};

FewWatched *
few_watched_new (const FewWatched *members)
{
  g_return_val_if_fail (members && members->folder, NULL);
  enum { DIGITS = 16 };
  FewWatched *watched = g_new (FewWatched, 1);
  *watched = *members;
  g_atomic_ref_count_init (&watched->refs);
  watched->folder = g_canonicalize_filename (members->folder, "/");
  watched->id = g_compute_checksum_for_string (G_CHECKSUM_SHA256, watched->folder, -1);
  watched->id[DIGITS] = 0;
  watched->classifier = g_strdup (members->classifier ? members->classifier : "");
  watched->target = g_strdup (members->target ? members->target : "");
  return watched;
}

FewWatched *
few_watched_ref (FewWatched *watched)
{
  g_atomic_ref_count_inc (&watched->refs);
  return watched;
}

void
few_watched_unref (FewWatched *watched)
{
  if (!g_atomic_ref_count_dec (&watched->refs))
    return;
  g_free (watched->id);
  g_free (watched->folder);
  g_free (watched->classifier);
  g_free (watched->target);
  g_free (watched);
}

gboolean
few_watched_is_equal (const FewWatched *a, const FewWatched *b)
{
  return g_str_equal (a->folder, b->folder) && g_str_equal (a->classifier, b->classifier)
         && g_str_equal (a->target, b->target) && a->action == b->action
         && a->recursive == b->recursive && a->on == b->on;
}

char *
few_watched_name (const FewWatched *watched)
{
  return g_filename_display_basename (watched->folder);
}

gboolean
few_watched_read_action (const char *word, FewWatchAction *action)
{
  for (guint i = 0; i < G_N_ELEMENTS (WORDS); i++)
    if (g_str_equal (word, WORDS[i]))
      {
        *action = i;
        return TRUE;
      }
  return FALSE;
}

/* Folders of classes below the one that is watched would be found there as new pictures. */
static gboolean
is_target_seen (const FewWatched *watched)
{
  g_autofree char *below = g_strconcat (watched->folder, "/", NULL);
  return g_str_equal (watched->target, watched->folder)
         || (watched->recursive && g_str_has_prefix (watched->target, below));
}

const char *
few_watched_complain (const FewWatched *watched)
{
  if (!*watched->classifier)
    return _ ("No classifier was exported yet: export one, or choose a file.");
  if (watched->action == FEW_WATCH_SORT && !*watched->target)
    return _ ("Choose the folder that the pictures are sorted into.");
  if (watched->action == FEW_WATCH_SORT && is_target_seen (watched))
    return _ ("Pictures cannot be sorted into the folder that is watched: choose another.");
  return NULL;
}

/* ---- the setting; paths may be of any bytes */

GVariant *
few_watched_to_variant (const FewWatched *watched)
{
  GVariantDict dict;
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "folder", "^ay", watched->folder);
  g_variant_dict_insert (&dict, "classifier", "^ay", watched->classifier);
  g_variant_dict_insert (&dict, "target", "^ay", watched->target);
  g_variant_dict_insert (&dict, "action", "s", WORDS[watched->action]);
  g_variant_dict_insert (&dict, "recursive", "b", watched->recursive);
  g_variant_dict_insert (&dict, "on", "b", watched->on);
  return g_variant_dict_end (&dict);
}

FewWatched *
few_watched_from_variant (GVariant *variant)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (variant);
  g_autofree char *folder = NULL;
  g_autofree char *classifier = NULL;
  g_autofree char *target = NULL;
  const char *action = "list";
  FewWatched members = { .on = TRUE };
  g_variant_dict_lookup (&dict, "folder", "^ay", &folder);
  g_variant_dict_lookup (&dict, "classifier", "^ay", &classifier);
  g_variant_dict_lookup (&dict, "target", "^ay", &target);
  g_variant_dict_lookup (&dict, "action", "&s", &action);
  g_variant_dict_lookup (&dict, "recursive", "b", &members.recursive);
  g_variant_dict_lookup (&dict, "on", "b", &members.on);
  if (!folder || !g_path_is_absolute (folder) || !few_watched_read_action (action, &members.action))
    return NULL;
  members.folder = folder;
  members.classifier = classifier;
  members.target = target;
  return few_watched_new (&members);
}

/* ---- units */

/* What systemd-escape would leave alone. */
static char *
name_unit (const FewWatched *watched)
{
  g_autofree char *name = few_watched_name (watched);
  g_strcanon (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_", '_');
  return g_strdup_printf ("%s_%.4s", name, watched->id);
}

/* A value of an EnvironmentFile: between double quotes, where a backslash guards. */
static char *
quote_value (const char *value)
{
  GString *quoted = g_string_new ("\"");
  for (const char *c = value; *c; c++)
    {
      if (strchr ("\"\\`$", *c))
        g_string_append_c (quoted, '\\');
      g_string_append_c (quoted, *c);
    }
  return g_string_free (g_string_append_c (quoted, '"'), FALSE);
}

/* What predict is told beside classifier and folder, to do what is set. */
static char *
list_options (const FewWatched *watched, const char *tag_root)
{
  g_autofree char *target = quote_value (watched->target);
  g_autofree char *root = quote_value (tag_root);
  GString *options = g_string_new ("--reject auto");
  if (watched->recursive)
    g_string_append (options, " --recursive");
  if (watched->action == FEW_WATCH_SORT)
    g_string_append_printf (options, " --sort %s", target);
  if (watched->action == FEW_WATCH_TAGS)
    g_string_append_printf (options, " --tags %s", root);
  return g_string_free (options, FALSE);
}

static void
add_unit (GString *lines, const FewWatched *watched, const char *unit, const char *tag_root)
{
  g_autofree char *folder = quote_value (watched->folder);
  g_autofree char *classifier = quote_value (watched->classifier);
  g_autofree char *options = list_options (watched, tag_root);
  g_autofree char *quoted_options = quote_value (options);
  g_autofree char *file = g_strdup_printf ("CLASSIFIER=%s\nFOLDER=%s\nOPTIONS=%s\n", classifier,
                                           folder, quoted_options);
  g_autofree char *quoted = g_shell_quote (file);
  g_string_append_printf (lines,
                          "printf %%s %s > ~/.config/fewshot/watch/%s.conf\n"
                          "systemctl --user enable fewshot-watch@%s\n"
                          "systemctl --user restart fewshot-watch@%s\n",
                          quoted, unit, unit, unit);
}

/* One of before ends, too. */
static void
end_unit (GString *lines, const FewWatched *watched, const char *unit)
{
  const char *wrong = watched->on ? few_watched_complain (watched) : _ ("It is switched off.");
  g_autofree char *shown = g_filename_display_name (watched->folder);
  /* Translators: a folder; then why, a sentence */
  g_autofree char *sentence = g_strdup_printf (_ ("%s is not watched: %s"), shown, wrong);
  g_autofree char *quoted = g_shell_quote (sentence);
  g_string_append_printf (lines, "systemctl --user disable --now fewshot-watch@%s\necho %s\n", unit,
                          quoted);
}

char *
few_watched_units (const GPtrArray *folders, const char *tag_root)
{
  g_return_val_if_fail (folders && tag_root, NULL);
  GString *lines = g_string_new ("mkdir -p ~/.config/fewshot/watch\n");
  g_autofree char *quoted = g_shell_quote (
      _ ("Pause, notifications and later changes in Preferences do not reach systemd: copy again "
         "after a change. What it answers: journalctl --user -u 'fewshot-watch@*'"));
  for (guint i = 0; i < folders->len; i++)
    {
      const FewWatched *watched = folders->pdata[i];
      g_autofree char *unit = name_unit (watched);
      if (watched->on && !few_watched_complain (watched))
        add_unit (lines, watched, unit, tag_root);
      else
        end_unit (lines, watched, unit);
    }
  g_string_append_printf (lines, "echo %s\n", quoted);
  return g_string_free (lines, FALSE);
}
