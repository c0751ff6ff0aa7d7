/* SPDX-License-Identifier: MIT */
/* Answers that are labels, as text and as a data set. */
#include "pages/try/few-try-labels.h"

/* The first answer that there is says it. */
gboolean
few_try_labels_are_told (GListModel *trials)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (trials), FALSE);
  const GPtrArray *labels = NULL;
  gboolean known = FALSE;
  for (guint i = 0; !known && i < g_list_model_get_n_items (trials); i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (trials, i);
      known = few_trial_get_snapshot (trial, NULL) != NULL;
      labels = few_trial_get_labels (trial);
    }
  return labels != NULL;
}

char *
few_try_labels_join (FewTrial *trial)
{
  g_return_val_if_fail (FEW_IS_TRIAL (trial), NULL);
  const GPtrArray *labels = few_trial_get_labels (trial);
  GString *text = g_string_new (NULL);
  for (guint i = 0; labels && i < labels->len; i++)
    g_string_append_printf (text, "%s%s", i ? ";" : "", few_class_get_name (labels->pdata[i]));
  return g_string_free (text, FALSE);
}

char *
few_try_labels_join_chances (FewTrial *trial)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_return_val_if_fail (FEW_IS_TRIAL (trial), NULL);
  const GPtrArray *labels = few_trial_get_labels (trial);
  GString *text = g_string_new (NULL);
  for (guint i = 0; labels && i < labels->len; i++)
    g_string_append_printf (
        text, "%s%s", i ? ";" : "",
        g_ascii_formatd (number, sizeof number, "%.6f", (double) few_trial_get_chance (trial, i)));
  return g_string_free (text, FALSE);
}

/* The number of a class in the set, which gets it where it has none. */
static guint
number_class (FewDataset *set, GHashTable *numbers, FewClass *klass)
{
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (numbers, klass)); /* from 1 on */
  if (number == 0)
    {
      g_ptr_array_add (set->classes, g_strdup (few_class_get_name (klass)));
      number = set->classes->len;
      g_hash_table_insert (numbers, klass, GUINT_TO_POINTER (number));
    }
  return number - 1;
}

FewDataset *
few_try_labels_dataset (GPtrArray *trials, FewClass *klass)
{
  g_return_val_if_fail (trials, NULL);
  FewDataset *set = few_dataset_new ();
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);
  set->any = klass == NULL;
  for (guint i = 0; i < trials->len; i++)
    {
      const GPtrArray *labels = few_trial_get_labels (trials->pdata[i]);
      FewDataPicture *picture = g_new0 (FewDataPicture, 1);
      picture->path = g_strdup (few_picture_get_address (few_trial_get_picture (trials->pdata[i])));
      picture->role = FEW_ROLE_UNUSED;
      if (klass)
        picture->label = number_class (set, numbers, klass);
      picture->labels = g_new (guint32, labels ? labels->len + 1 : 1);
      for (guint k = 0; !klass && labels && k < labels->len; k++)
        picture->labels[picture->n_labels++] = number_class (set, numbers, labels->pdata[k]);
      g_ptr_array_add (set->pictures, picture);
    }
  return set;
}
