/* SPDX-License-Identifier: MIT */
/* Equal tokens give equal text features, and those the same cosine with every picture: what the
 * model made of the prompts is asked, not how they are spelt. */
#include "pages/examples/few-same-prompts.h"
#include <glib/gi18n.h>
#include <math.h>

enum { MOST_PICTURES = 64 };
static const float SAME = 2e-6f; /* what the order of a sum changes */

static gboolean
are_same (const float *cosines, guint pictures, guint n_classes, guint a, guint b)
{
  for (guint i = 0; i < pictures; i++)
    if (!(fabsf (cosines[i * n_classes + a] - cosines[i * n_classes + b]) < SAME))
      return FALSE;
  return TRUE;
}

/* The first two classes of the snapshot whose texts are the same; FALSE when there are none. */
static gboolean
find_same (const FewSnapshot *snapshot, guint *first, guint *second)
{
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  guint pictures = MIN (info->n, MOST_PICTURES);
  g_autofree float *cosines = g_try_new (float, (gsize) pictures * info->n_classes + 1);
  if (!cosines)
    return FALSE; /* it is a hint */
  for (guint i = 0; i < pictures; i++)
    few_lens_cosines (snapshot, i, 0, cosines + (gsize) i * info->n_classes);
  for (guint a = 0; pictures > 0 && a < info->n_classes; a++)
    for (guint b = a + 1; b < info->n_classes; b++)
      if (are_same (cosines, pictures, info->n_classes, a, b))
        {
          *first = a;
          *second = b;
          return TRUE;
        }
  return FALSE;
}

char *
few_same_prompts_words (FewView *view)
{
  const FewSnapshot *snapshot = few_view_get_snapshot (view);
  guint first, second;
  if (!snapshot || !find_same (snapshot, &first, &second))
    return NULL;
  return g_strdup_printf (
      _ ("“%s” and “%s” have the same prompt once it is cut into the model's tokens: CLIP "
         "cannot tell them apart by their names. Give one of them a prompt of its own."),
      few_class_get_name (few_view_get_class (view, first)),
      few_class_get_name (few_view_get_class (view, second)));
}

char *
few_unread_words (const FewModelInfo *model, FewClass *klass)
{
  if (!model || !klass)
    return NULL;
  if (!model->reads_texts)
    return g_strdup_printf (_ ("%s knows pictures alone and reads no names: it tells classes apart "
                               "once it has learned from their pictures."),
                            model->name);
  const char *prompt = few_class_get_prompt (klass);
  const char *text = prompt && *prompt ? prompt : few_class_get_name (klass);
  if (!few_model_reads (model, text))
    return g_strdup_printf (
        _ ("%s has hardly seen a word in the script of “%s”: the name is of no use to it. Give the "
           "class a prompt in English, or choose a model of many languages."),
        model->name, text);
  if (few_model_knows_letters (model, text))
    return NULL;
  return g_strdup_printf (
      _ ("“%s” has letters that English seldom writes, and %s learned from English: unless it is "
         "called so in English, too, give the class a prompt in English, or choose a model of many "
         "languages."),
      text, model->name);
}
