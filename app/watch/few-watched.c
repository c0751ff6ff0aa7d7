/* SPDX-License-Identifier: MIT */
/* Watched folders as values, settings and units of systemd. */
#include "watch/few-watched.h"
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

static void
add_unit (GString *lines, const FewWatched *watched)
{
  g_autofree char *name = name_unit (watched);
  g_autofree char *folder = quote_value (watched->folder);
  g_autofree char *classifier = quote_value (watched->classifier);
  g_autofree char *target = quote_value (watched->target);
  g_autofree char *options =
      watched->action == FEW_WATCH_SORT ? g_strdup_printf ("--sort %s", target) : g_strdup ("");
  g_autofree char *quoted_options = quote_value (options);
  g_autofree char *file = g_strdup_printf ("CLASSIFIER=%s\nFOLDER=%s\nOPTIONS=%s\n", classifier,
                                           folder, quoted_options);
  g_autofree char *quoted = g_shell_quote (file);
  g_string_append_printf (lines,
                          "printf %%s %s > ~/.config/fewshot/watch/%s.conf\n"
                          "systemctl --user enable --now fewshot-watch@%s\n",
                          quoted, name, name);
}

char *
few_watched_units (const GPtrArray *folders)
{
  g_return_val_if_fail (folders, NULL);
  GString *lines = g_string_new ("mkdir -p ~/.config/fewshot/watch\n");
  for (guint i = 0; i < folders->len; i++)
    add_unit (lines, folders->pdata[i]);
  return g_string_free (lines, FALSE);
}
