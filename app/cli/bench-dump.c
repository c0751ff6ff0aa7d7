/* SPDX-License-Identifier: MIT */
/* One run of `bench` as tensors, for programs that check its numbers. */
#include "cli/bench.h"

/* [n, K]: 1 where a picture has a label; not of one label each. */
static float *
spread_sets (const FewTask *task, GError **error)
{
  guint k = task->n_classes;
  float *sets = cli_try_floats (task->n + (gsize) 1, k, error);
  for (guint i = 0; sets && task->sets && i < task->n; i++)
    for (guint c = 0; c < k; c++)
      sets[(gsize) i * k + c] = few_label_sets_hold (task->sets, i, c) ? 1 : 0;
  return sets;
}

gboolean
bench_dump (const Bench *b, const FewTask *task, const FewMethodResult *result, GError **error)
{
  g_autoptr (GArray) tensors = g_array_new (FALSE, FALSE, sizeof (FewNamedTensor));
  guint n = task->n;
  guint k = task->n_classes;
  guint d = few_model_dim (b->model);
  g_autofree float *labels = cli_try_values (n, sizeof *labels, error);
  g_autofree float *roles = labels ? cli_try_values (n, sizeof *roles, error) : NULL;
  if (!roles)
    return FALSE;
  g_autofree float *sets = spread_sets (task, error);
  if (!sets)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      labels[i] = (float) task->labels[i];
      roles[i] = task->roles[i];
    }
  const FewNamedTensor fixed[] = {
    { "features", { n, d }, 2, task->features, NULL },
    { "text", { k, d }, 2, task->text_features, NULL },
    { "text_raw", { k, d }, 2, task->text_raw, NULL },
    { "labels", { n }, 1, labels, NULL },
    { "roles", { n }, 1, roles, NULL },
    { "scores", { n, k }, 2, result->scores, NULL },
  };
  g_array_append_vals (tensors, fixed, G_N_ELEMENTS (fixed));
  FewNamedTensor of_sets = { "label_sets", { n, k }, 2, sets, NULL };
  if (task->sets)
    g_array_append_val (tensors, of_sets);
  guint n_train = 0;
  for (guint i = 0; i < n; i++)
    n_train += task->roles[i] == FEW_ROLE_TRAIN;
  if (task->views)
    {
      FewNamedTensor views = { "views", { n_train, task->n_views, d }, 3, task->views, NULL };
      g_array_append_val (tensors, views);
    }
  g_autofree float *losses = g_new (float, MAX (result->epochs, 1));
  for (guint i = 0; i < result->epochs; i++)
    losses[i] = result->history[i].loss;
  FewNamedTensor history = { "losses", { result->epochs }, 1, losses, NULL };
  if (result->epochs)
    g_array_append_val (tensors, history);
  for (guint i = 0; i < result->tensors->len; i++)
    {
      const FewLearned *learned = result->tensors->pdata[i];
      FewNamedTensor tensor = {
        learned->name, { learned->rows, learned->columns }, 2, learned->values, NULL
      };
      g_array_append_val (tensors, tensor);
    }
  char scale[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (scale, sizeof scale, "%.9g", few_model_info (b->model)->logit_scale);
  const char *const metadata[] = { "chosen", result->chosen ? result->chosen : "", "logit_scale",
                                   scale, NULL };
  return few_tensor_file_save (b->dump, &g_array_index (tensors, FewNamedTensor, 0), tensors->len,
                               metadata, error);
}
