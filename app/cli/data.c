/* SPDX-License-Identifier: MIT */
/* A DATA folder with its features and roles. */
#include "cli/data.h"
#include <string.h>

void
cli_data_clear (CliData *data)
{
  g_free (data->features);
  g_free (data->labels);
  g_free (data->roles);
  g_strfreev (data->classes);
  g_strfreev (data->paths);
}

/* Takes the pictures without a role out. */
static void
drop_unused (CliData *data, guint d)
{
  guint kept = 0;
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
      data->paths[kept++] = data->paths[i];
    }
  data->n = kept;
  data->paths[kept] = NULL;
}

gboolean
cli_data_encode (Cli *cli, FewModel *model, const FewDataset *set, CliData *data, GError **error)
{
  guint n = set->pictures->len;
  guint d = few_model_dim (model);
  data->n = n;
  data->n_classes = set->classes->len;
  data->features = g_new (float, (gsize) n *d);
  data->labels = g_new (guint32, n);
  data->roles = g_new (guint8, n);
  data->paths = g_new0 (char *, n + 1);
  data->classes = g_new0 (char *, set->classes->len + 1);
  for (guint i = 0; i < set->classes->len; i++)
    data->classes[i] = g_strdup (set->classes->pdata[i]);
  for (guint i = 0; i < n; i++)
    {
      const FewDataPicture *picture = set->pictures->pdata[i];
      data->labels[i] = picture->label;
      data->roles[i] = picture->role;
      data->paths[i] = g_strdup (picture->path);
    }
  g_autofree guint8 *known = g_new0 (guint8, n);
  if (!cli_encode (cli, model, (const char *const *) data->paths, n, data->features, known,
                   &data->refused, &data->cached, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!known[i])
      data->roles[i] = FEW_ROLE_UNUSED;
  drop_unused (data, d);
  return TRUE;
}

/* All of train/ is for training, but for a share to validate on. */
static void
take_validation (CliData *data, guint64 seed)
{
  g_autofree guint32 *labels = g_new (guint32, data->n + 1);
  g_autofree guint32 *at = g_new (guint32, data->n + 1);
  g_autofree guint8 *roles = g_new (guint8, data->n + 1);
  guint n = 0;
  for (guint i = 0; i < data->n; i++)
    if (data->roles[i] == FEW_ROLE_TRAIN)
      {
        labels[n] = data->labels[i];
        at[n++] = i;
      }
  few_split (labels, n, data->n_classes, 0, seed, roles);
  for (guint i = 0; i < n; i++)
    data->roles[at[i]] = roles[i] == FEW_ROLE_VALIDATION ? FEW_ROLE_VALIDATION : FEW_ROLE_TRAIN;
}

gboolean
cli_data_load (Cli *cli, FewModel *model, const char *folder, guint shots, guint64 seed,
               CliData *data, GError **error)
{
  g_autoptr (FewDataset) set = few_dataset_scan (folder, error);
  gboolean has_validation = FALSE;
  if (!set || !cli_data_encode (cli, model, set, data, error))
    return FALSE;
  for (guint i = 0; i < data->n; i++)
    has_validation |= data->roles[i] == FEW_ROLE_VALIDATION;
  if (!set->has_roles)
    few_split (data->labels, data->n, data->n_classes, shots, seed, data->roles);
  else if (shots > 0)
    few_shot_split (data->labels, data->n, data->n_classes, shots, seed, data->roles);
  else if (!has_validation)
    take_validation (data, seed);
  drop_unused (data, few_model_dim (model));
  return TRUE;
}
