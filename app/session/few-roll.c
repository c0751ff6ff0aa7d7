/* SPDX-License-Identifier: MIT */
/* Two lists of objects become arrays. */
#include "session/few-roll.h"

void
few_roll_call_classes (FewRoll *roll, GListModel *classes, const char *template_text)
{
  g_return_if_fail (roll != NULL && template_text != NULL);
  g_return_if_fail (G_IS_LIST_MODEL (classes));
  guint k = g_list_model_get_n_items (classes);
  const char **names = g_new0 (const char *, k + 1);
  const char **prompts = g_new0 (const char *, k + 1);
  roll->classes = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < k; i++)
    {
      FewClass *klass = g_list_model_get_item (classes, i);
      names[i] = few_class_get_name (klass);
      prompts[i] = few_class_get_prompt (klass);
      g_ptr_array_add (roll->classes, klass);
    }
  roll->prompts = (FewPrompts) { k, names, prompts, template_text };
  roll->pictures = (FewLabelled) { 0 };
}

/* class → its number */
static GHashTable *
number_classes (const GPtrArray *classes)
{
  GHashTable *label_of = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < classes->len; i++)
    g_hash_table_insert (label_of, classes->pdata[i], GUINT_TO_POINTER (i));
  return label_of;
}

/* ---- pictures */

/* Arrays with room for all pictures. */
typedef struct
{
  guint32 *ids, *labels;
  const char **paths;
  guint8 *pinned;
  guint32 *negatives;
  FewLabelSets *sets; /* NULL: one class each */
  guint n, n_negatives;
  FewClass *last; /* of the picture before, and its number: those of a class lie together */
  guint label;
} Lists;

static void
lists_init (Lists *lists, guint n, gboolean several)
{
  *lists = (Lists) { .ids = g_new (guint32, n + 1),
                     .labels = g_new0 (guint32, n + 1),
                     .paths = g_new0 (const char *, n + 1),
                     .pinned = g_new (guint8, n + 1),
                     .negatives = g_new (guint32, n + 1),
                     .sets = several ? few_label_sets_new () : NULL };
}

/* FALSE where memory is short: it does not take part. */
static gboolean
add_labels (FewLabelSets *sets, FewPicture *picture, GHashTable *label_of)
{
  guint n;
  g_autofree guint32 *labels = few_picture_number_classes (picture, label_of, &n);
  return few_label_sets_add (sets, labels, n, NULL);
}

/* Where each may have any number of classes, one without is as good as any. */
static void
add_picture (Lists *lists, FewPicture *picture, GHashTable *label_of)
{
  FewUse use = few_picture_get_use (picture);
  if (!lists->sets && use == FEW_USE_NONE)
    {
      lists->negatives[lists->n_negatives++] = few_picture_get_id (picture);
      return;
    }
  if (lists->sets && !add_labels (lists->sets, picture, label_of))
    return;
  FewClass *klass = few_picture_get_class (picture);
  if (klass != lists->last)
    lists->label = GPOINTER_TO_UINT (g_hash_table_lookup (label_of, klass));
  lists->last = klass;
  lists->pinned[lists->n] = few_picture_is_test (picture);
  lists->ids[lists->n] = few_picture_get_id (picture);
  lists->paths[lists->n] = few_picture_get_address (picture);
  lists->labels[lists->n] = lists->label;
  lists->n++;
}

void
few_roll_call (FewRoll *roll, GListModel *classes, const GPtrArray *pictures,
               const char *template_text, gboolean several)
{
  g_return_if_fail (roll != NULL && template_text != NULL);
  g_return_if_fail (G_IS_LIST_MODEL (classes) && pictures != NULL);
  few_roll_call_classes (roll, classes, template_text);
  g_autoptr (GHashTable) label_of = number_classes (roll->classes);
  Lists lists;
  lists_init (&lists, pictures->len, several);
  for (guint i = 0; i < pictures->len; i++)
    if (few_picture_get_state (pictures->pdata[i]) == FEW_PICTURE_READY
        && !few_picture_is_excluded (pictures->pdata[i]))
      add_picture (&lists, pictures->pdata[i], label_of);
  roll->pictures = (FewLabelled) { .n = lists.n,
                                   .ids = lists.ids,
                                   .labels = lists.labels,
                                   .sets = lists.sets,
                                   .paths = lists.paths,
                                   .pinned = lists.pinned,
                                   .negatives = lists.negatives,
                                   .n_negatives = lists.n_negatives };
}

void
few_roll_clear (FewRoll *roll)
{
  g_return_if_fail (roll != NULL);
  g_free ((gpointer) roll->prompts.names);
  g_free ((gpointer) roll->prompts.prompts);
  g_free ((gpointer) roll->pictures.ids);
  g_free ((gpointer) roll->pictures.labels);
  g_free ((gpointer) roll->pictures.paths);
  g_free ((gpointer) roll->pictures.pinned);
  g_free ((gpointer) roll->pictures.negatives);
  g_clear_pointer (&roll->pictures.sets, few_label_sets_unref);
  g_clear_pointer (&roll->classes, g_ptr_array_unref);
}
