/* SPDX-License-Identifier: MIT */
/* DATA folders: features, duplicates, roles, and what a person should know of them. */
#include "cli/data.h"
#include "cli/opened.h"
#include <string.h>

enum { HASH = 32, SHOWN = 20 }; /* sentences of one kind */

void
cli_data_clear (CliData *data)
{
  g_free (data->features);
  g_free (data->labels);
  g_free (data->roles);
  g_strfreev (data->classes);
  g_strfreev (data->paths);
  g_free (data->deeper);
  g_free (data->together);
  g_clear_pointer (&data->sets, few_label_sets_unref);
}

/* The labels of the pictures that have a role. */
static gboolean
drop_unused_sets (CliData *data, GError **error)
{
  g_autofree guint32 *rows = cli_try_values (data->n, sizeof *rows, error);
  guint kept = 0;
  if (!rows)
    return FALSE;
  for (guint i = 0; i < data->n; i++)
    if (data->roles[i] != FEW_ROLE_UNUSED)
      rows[kept++] = i;
  FewLabelSets *sets = few_label_sets_pick (data->sets, rows, kept, data->n_classes, error);
  if (!sets)
    return FALSE;
  few_label_sets_unref (data->sets);
  data->sets = sets;
  return TRUE;
}

/* Takes the pictures without a role out. FALSE: there is no memory. */
static gboolean
drop_unused (CliData *data, guint d, GError **error)
{
  guint kept = 0;
  if (data->sets && !drop_unused_sets (data, error))
    return FALSE;
  for (guint i = 0; i < data->n; i++)
    {
      if (data->roles[i] == FEW_ROLE_UNUSED)
        {
          g_free (data->paths[i]);
          continue;
        }
      memmove (data->features + (gsize) kept * d, data->features + (gsize) i * d,
               d * sizeof (float));
      data->labels[kept] = data->labels[i];
      data->roles[kept] = data->roles[i];
      if (data->together)
        data->together[kept] = data->together[i];
      data->paths[kept++] = data->paths[i];
    }
  data->n = kept;
  data->paths[kept] = NULL;
  return TRUE;
}

gboolean
cli_data_leave_tests_out (CliData *data, FewModel *model, GError **error)
{
  for (guint i = 0; i < data->n; i++)
    if (data->roles[i] == FEW_ROLE_TEST)
      data->roles[i] = FEW_ROLE_UNUSED;
  return drop_unused (data, few_model_dim (model), error);
}

static guint
hash_of (gconstpointer key)
{
  guint value;
  memcpy (&value, key, sizeof value);
  return value;
}

static gboolean
hash_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, HASH) == 0;
}

static char *
show_address (const char *address)
{
  g_autofree char *shown = few_address_shown (address);
  return few_text_shown (shown);
}

/* Of pictures of the same content the first keeps its role; same [n] (or NULL): which that is. */
static void
leave_duplicates_out (CliData *data, const guint8 *hashes, guint32 *same)
{
  g_autoptr (GHashTable) first = g_hash_table_new (hash_of, hash_equal);
  for (guint i = 0; i < data->n; i++)
    {
      const guint8 *hash = hashes + (gsize) i * HASH;
      gpointer at;
      if (data->roles[i] == FEW_ROLE_UNUSED)
        continue;
      if (!g_hash_table_lookup_extended (first, hash, NULL, &at))
        {
          g_hash_table_insert (first, (gpointer) hash, GUINT_TO_POINTER (i));
          continue;
        }
      data->roles[i] = FEW_ROLE_UNUSED;
      guint kept = GPOINTER_TO_UINT (at);
      if (same)
        same[i] = kept;
      if (data->duplicates++ >= SHOWN)
        continue;
      g_autofree char *extra = show_address (data->paths[i]);
      g_autofree char *other = show_address (data->paths[kept]);
      if (data->any)
        g_printerr ("left out: %s is the same picture as %s, which gets its labels, too.\n", extra,
                    other);
      else
        g_printerr ("left out: %s is the same picture as %s in “%s”.\n", extra, other,
                    data->classes[data->labels[kept]]);
    }
  if (data->duplicates > SHOWN)
    g_printerr ("left out: %u more duplicates.\n", data->duplicates - SHOWN);
}

static gboolean
take_room (CliData *data, gsize n, gsize d, GError **error)
{
  data->features = cli_try_floats (n, d, error);
  data->labels = data->features ? cli_try_values (n, sizeof *data->labels, error) : NULL;
  data->roles = data->labels ? cli_try_values (n, sizeof *data->roles, error) : NULL;
  data->paths = data->roles ? cli_try_values (n, sizeof *data->paths, error) : NULL;
  return data->paths != NULL;
}

static void
labels_free (gpointer labels) /* NULL of a picture that another stands for */
{
  g_clear_pointer (&labels, g_array_unref);
}

/* What the set says of each picture, and of those with its content. */
static gboolean
join_sets (CliData *data, const FewDataset *set, const guint32 *same, GError **error)
{
  g_autoptr (FewLabelSets) sets = few_label_sets_new ();
  g_autoptr (GPtrArray) more = g_ptr_array_new_full (data->n, labels_free);
  g_ptr_array_set_size (more, (gint) data->n);
  for (guint i = 0; i < data->n; i++)
    {
      const FewDataPicture *picture = set->pictures->pdata[i];
      GArray **labels = (GArray **) &more->pdata[same[i]];
      if (!*labels)
        *labels = g_array_new (FALSE, FALSE, sizeof (guint32));
      g_array_append_vals (*labels, picture->labels, picture->n_labels);
    }
  for (guint i = 0; i < data->n; i++)
    {
      const GArray *labels = more->pdata[i];
      if (!few_label_sets_add (sets, labels ? (const guint32 *) (gpointer) labels->data : NULL,
                               labels ? labels->len : 0, error))
        return FALSE;
    }
  data->sets = g_steal_pointer (&sets);
  return TRUE;
}

gboolean
cli_data_encode (Cli *cli, FewModel *model, const FewDataset *set, CliData *data, GError **error)
{
  guint n = set->pictures->len;
  guint d = few_model_dim (model);
  data->n_classes = set->classes->len;
  if (!take_room (data, n, d, error))
    return FALSE;
  data->n = n;
  data->classes = g_new0 (char *, set->classes->len + 1);
  for (guint i = 0; i < set->classes->len; i++)
    data->classes[i] = g_strdup (set->classes->pdata[i]);
  for (guint i = 0; i < n; i++)
    {
      const FewDataPicture *picture = set->pictures->pdata[i];
      data->labels[i] = data->any ? 0 : picture->label;
      data->roles[i] = picture->role;
      data->paths[i] = g_strdup (picture->path);
    }
  for (guint i = 0; i < set->notes->len; i++)
    cli_complain ("note:", set->notes->pdata[i]);
  g_autofree guint8 *known = cli_try_values (n, 1, error);
  g_autofree guint8 *hashes = known ? cli_try_values (n, HASH, error) : NULL;
  if (!hashes
      || !cli_encode (cli, model, (const char *const *) data->paths, n, data->features, known,
                      hashes, &data->refused, &data->cached, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      FewCrop crop;
      guint8 *hash = hashes + (gsize) i * HASH;
      g_free (few_address_split (data->paths[i], &crop));
      few_crop_key (&crop, hash, hash); /* parts of one file are not the same */
      if (!known[i])
        data->roles[i] = FEW_ROLE_UNUSED;
    }
  g_autofree guint32 *same = data->any ? cli_try_values (n, sizeof *same, error) : NULL;
  if (data->any && !same)
    return FALSE;
  for (guint i = 0; same && i < n; i++)
    same[i] = i;
  leave_duplicates_out (data, hashes, same);
  return (!same || join_sets (data, set, same, error)) && drop_unused (data, d, error);
}

gboolean
cli_data_has (const CliData *data, FewRole role)
{
  for (guint i = 0; i < data->n; i++)
    if (data->roles[i] == role)
      return TRUE;
  return FALSE;
}

/* All of train/ is for training, but for a share to validate on. */
static gboolean
split_training (CliData *data, guint64 seed, GError **error)
{
  g_autofree guint32 *labels = cli_try_values (data->n, sizeof *labels, error);
  g_autofree guint32 *at = labels ? cli_try_values (data->n, sizeof *at, error) : NULL;
  g_autofree guint8 *own = at ? cli_try_values (data->n, sizeof *own, error) : NULL;
  guint n = 0;
  if (!own)
    return FALSE;
  for (guint i = 0; i < data->n; i++)
    if (data->roles[i] == FEW_ROLE_TRAIN)
      {
        labels[n] = data->labels[i];
        at[n++] = i;
      }
  if (!few_split_shares (labels, NULL, n, data->n_classes, 0, data->shares, seed, own, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (own[i] == FEW_ROLE_VALIDATION)
      data->roles[at[i]] = FEW_ROLE_VALIDATION;
  return TRUE;
}

gboolean
cli_data_parse_groups (const char *word, FewTogether *by)
{
  static const struct
  {
    const char *word;
    FewTogether by;
  } known[] = { { "bursts", FEW_TOGETHER_BURSTS },
                { "folders", FEW_TOGETHER_BURSTS | FEW_TOGETHER_FOLDERS },
                { "none", 0 } };
  guint i = 0;
  while (i < G_N_ELEMENTS (known) && !g_str_equal (word, known[i].word))
    i++;
  if (i < G_N_ELEMENTS (known))
    *by = known[i].by;
  return i < G_N_ELEMENTS (known);
}

gboolean
cli_data_look_at_files (const Cli *cli, CliData *data, GError **error)
{
  data->together = cli_try_values (data->n, sizeof *data->together, error);
  return data->together
         && few_groups_of_files ((const char *const *) data->paths, data->labels, data->n, data->by,
                                 cli->cancellable, data->together, error);
}

gboolean
cli_data_has_parts (const CliData *data)
{
  for (guint i = 0; i < data->n; i++)
    if (few_address_has_crop (data->paths[i]))
      return TRUE;
  return FALSE;
}

guint32 *
cli_data_find_alike (const Cli *cli, FewModel *model, const CliData *data, GError **error)
{
  enum { MOST = 20000 };
  g_autofree guint32 *groups = cli_try_values (data->n, sizeof *groups, error);
  if (!groups)
    return NULL;
  for (guint i = 0; i < data->n; i++)
    groups[i] = i;
  if (data->n > MOST)
    g_printerr ("%u pictures are too many to look for near-duplicates among them.\n", data->n);
  else if (!few_twins (data->features, data->n, few_model_dim (model),
                       (const char *const *) data->paths, 0, cli->cancellable, groups, error))
    return NULL;
  return g_steal_pointer (&groups);
}

guint32 *
cli_data_find_twins (const Cli *cli, FewModel *model, const CliData *data, GError **error)
{
  g_autofree guint32 *groups = cli_data_find_alike (cli, model, data, error);
  if (!groups || (data->together && !few_groups_join (groups, data->together, data->n, error)))
    return NULL;
  return g_steal_pointer (&groups);
}

/* What belongs together does not fall on both sides of the split: it is moved to the training
 * pictures, or left out. Folds do not part it, either. */
static gboolean
part_twins (const Cli *cli, FewModel *model, CliData *data, gboolean move, GError **error)
{
  g_autofree guint32 *groups = cli_data_find_twins (cli, model, data, error);
  if (data->any) /* folds of several labels are dealt out by the groups as they are */
    return groups && few_groups_join (data->together, groups, data->n, error)
           && few_split_keep_together (groups, data->n, !move, data->roles, &data->twins, error);
  return groups
         && few_groups_join_told (data->together, groups, data->labels, data->roles, data->n, error)
         && few_split_keep_together (groups, data->n, !move, data->roles, &data->twins, error);
}

static gboolean
split_several (CliData *data, guint shots, guint64 seed, GError **error)
{
  if (!data->has_roles)
    return few_split_several (data->sets, data->n_classes, NULL, shots, data->shares, seed,
                              data->roles, error)
           && few_split_spread_parts ((const char *const *) data->paths, NULL, data->n, shots > 0,
                                      data->roles, error);
  return shots == 0
         || few_shot_several (data->sets, data->n_classes, shots, seed, data->roles, error);
}

static gboolean
split_as_asked (CliData *data, guint shots, guint64 seed, gboolean learn, GError **error)
{
  if (data->any)
    return split_several (data, shots, seed, error);
  if (!data->has_roles)
    return few_split_shares (data->labels, NULL, data->n, data->n_classes, shots, data->shares,
                             seed, data->roles, error)
           && few_split_spread_parts ((const char *const *) data->paths, NULL, data->n, shots > 0,
                                      data->roles, error);
  if (shots > 0)
    return few_shot_split (data->labels, data->n, data->n_classes, shots, seed, data->roles, error);
  return !learn || cli_data_has (data, FEW_ROLE_VALIDATION) || split_training (data, seed, error);
}

gboolean
cli_data_parse_labels (const char *word, gboolean *any)
{
  *any = g_strcmp0 (word, "any") == 0;
  return !word || *any || g_str_equal (word, "one");
}

static const char ANY[] = "--labels any takes them, and learns each class by itself.";

/* Whether what cannot be taken as it is has pictures with several classes. */
static gboolean
has_several (const Cli *cli, const char *data)
{
  g_autoptr (FewDataset) set = few_labels_open_any (data, cli->cancellable, NULL);
  for (guint i = 0; set && i < set->pictures->len; i++)
    if (((const FewDataPicture *) set->pictures->pdata[i])->n_labels > 1)
      return TRUE;
  return FALSE;
}

/* A class that looks like several in one cell; NULL: there is none. */
static const char *
find_parted (const FewDataset *set)
{
  for (guint c = 0; c < set->classes->len; c++)
    if (strpbrk (set->classes->pdata[c], ";|"))
      return set->classes->pdata[c];
  return NULL;
}

FewDataset *
cli_data_open (const Cli *cli, const char *data, gboolean any, const FewBoxJob *boxes,
               GError **error)
{
  if (any && boxes && boxes->source != FEW_BOXES_NONE)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           "--labels any takes whole pictures: leave --boxes out.");
      return NULL;
    }
  g_autoptr (GError) local = NULL;
  FewDataset *set = any ? few_labels_open_any (data, cli->cancellable, &local)
                        : few_labels_open_boxes (data, boxes, cli->cancellable, &local);
  if (set && set->several > 0)
    g_ptr_array_add (set->notes,
                     g_strdup_printf ("%u of them have several classes: %s", set->several, ANY));
  const char *parted = set && !any ? find_parted (set) : NULL;
  if (parted)
    g_ptr_array_add (set->notes,
                     g_strdup_printf ("“%s” looks like several classes: %s", parted, ANY));
  if (set)
    return set;
  if (!any && has_several (cli, data))
    {
      g_autofree char *whole =
          g_strdup_printf ("%s Where pictures have several classes, %s", local->message, ANY);
      g_set_error_literal (error, local->domain, local->code, whole);
    }
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

gboolean
cli_data_load (Cli *cli, FewModel *model, const char *folder, guint shots, guint64 seed,
               gboolean learn, CliData *data, GError **error)
{
  g_autofree char *opened = cli_open_folder (cli, folder, error);
  g_autoptr (FewDataset) set =
      opened ? cli_data_open (cli, opened, data->any, data->boxes, error) : NULL;
  if (!set || (learn && !few_dataset_check (set, folder, error))
      || !cli_data_encode (cli, model, set, data, error))
    return FALSE;
  data->has_roles = set->has_roles;
  data->deeper = g_strdup (set->deeper);
  if (!split_as_asked (data, shots, seed, learn, error))
    return FALSE;
  gboolean move = shots == 0 && !set->has_roles;
  if (learn
      && (!cli_data_look_at_files (cli, data, error)
          || (!data->keep_twins && !part_twins (cli, model, data, move, error))))
    return FALSE;
  return drop_unused (data, few_model_dim (model), error);
}

gboolean
cli_data_take_all (CliData *data, const char *folder, GError **error)
{
  if (data->has_roles && cli_data_has (data, FEW_ROLE_TEST))
    {
      g_autofree char *shown = few_text_shown (folder);
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "%s has test pictures of its own: leave --no-test out, or name its training "
                   "folder.",
                   shown);
      return FALSE;
    }
  for (guint i = 0; i < data->n; i++)
    data->roles[i] = FEW_ROLE_TRAIN;
  return TRUE;
}

/* ---- prompts */

/* The tokens of all prompts of a class, as a string to compare. */
static char *
tokens_of (FewModel *model, const char *name, const char *prompt, const char *const *templates)
{
  const char *const own[] = { prompt, NULL };
  g_autofree gint32 *ids = g_new (gint32, few_model_info (model)->context_length);
  GString *tokens = g_string_new (NULL);
  for (const char *const *t = prompt && *prompt ? own : templates; *t; t++)
    {
      g_autofree char *text = few_template_fill (*t, name);
      guint n = few_model_tokenize (model, text, ids, NULL);
      for (guint i = 0; i < n; i++)
        g_string_append_printf (tokens, "%d ", ids[i]);
    }
  return g_string_free (tokens, FALSE);
}

void
cli_data_compare_prompts (FewModel *model, const CliData *data, const char *const *prompts,
                          const char *const *templates)
{
  g_autoptr (GHashTable) first = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!few_model_info (model)->reads_texts)
    return;
  for (guint c = 0; c < data->n_classes; c++)
    {
      char *tokens = tokens_of (model, data->classes[c], prompts ? prompts[c] : NULL, templates);
      const char *other = g_hash_table_lookup (first, tokens);
      if (other)
        {
          g_autofree char *a = few_text_shown (other);
          g_autofree char *b = few_text_shown (data->classes[c]);
          g_printerr ("“%s” and “%s” have the same prompt once it is cut into the model's tokens: "
                      "CLIP cannot tell them apart by their names.\n",
                      a, b);
          g_free (tokens);
        }
      else
        g_hash_table_insert (first, tokens, data->classes[c]);
    }
}
