/* SPDX-License-Identifier: MIT */
/* Texts to features: batches of prompts, and the text features of classes. */
#include "base/error.h"
#include "base/memory.h"
#include "clip/model.h"
#include <fewshot/encode.h>
#include <fewshot/prompts.h>
#include <math.h>
#include <string.h>

enum { TEXT_BATCH = 16 };

typedef struct
{
  const char *const *texts;
  guint n;
  float *features;
  GCancellable *cancellable;
} TextJob;

/* Where the feature of a text of `length` tokens is read, in a context of `context`. */
static guint
find_end (const FewTextStyle *style, const gint32 *ids, guint length, guint context)
{
  guint end = 0;
  if (style->pool == FEW_TEXT_LAST)
    return context - 1;
  if (style->pool == FEW_TEXT_FIRST_END)
    {
      while (end < length && ids[end] != (gint32) style->end_id)
        end++;
      return end < length ? end : 0;
    }
  /* the FIRST position of the largest id: an end token that the text itself contains counts */
  for (guint j = 1; j < length; j++)
    if (ids[j] > ids[end])
      end = j;
  return end;
}

/* b ≤ TEXT_BATCH texts → ids [b, longest], and where in them each has its feature. A text that
 * sees all of its context sees what fills it, too. */
static guint
tokenize_batch (FewModel *model, const char *const *texts, guint b, gint32 *ids, guint32 *ends)
{
  const FewClipConfig *config = few_model_config (model);
  const FewTextStyle *style = &config->text_style;
  guint context = config->context_length;
  guint longest = style->sees_all ? context : 0;
  gint32 padding = few_model_padding (model);
  gint32 rows[TEXT_BATCH][FEW_MAX_CONTEXT] = { 0 };
  for (guint i = 0; i < b; i++)
    {
      guint length = few_model_tokenize (model, texts[i], rows[i], NULL);
      for (guint j = length; j < context; j++)
        rows[i][j] = padding;
      ends[i] = find_end (style, rows[i], length, context);
      longest = MAX (longest, ends[i] + 1);
    }
  for (guint i = 0; i < b; i++)
    {
      memcpy (ids + (gsize) i * longest, rows[i], longest * sizeof (gint32));
      ends[i] += i * longest;
    }
  return longest;
}

static gboolean
encode_texts (FewModel *model, gpointer user, GError **error)
{
  TextJob *job = user;
  gsize dim = few_model_dim (model);
  guint context = few_model_config (model)->context_length;
  g_autofree gint32 *ids = g_new (gint32, (gsize) TEXT_BATCH * context);
  for (guint first = 0; first < job->n; first += TEXT_BATCH)
    {
      if (g_cancellable_set_error_if_cancelled (job->cancellable, error))
        return FALSE;
      guint b = MIN (TEXT_BATCH, job->n - first);
      guint32 ends[TEXT_BATCH];
      guint longest = tokenize_batch (model, job->texts + first, b, ids, ends);
      if (!few_model_forward_text (model, b, longest, ids, ends, job->features + first * dim,
                                   error))
        return FALSE;
    }
  return TRUE;
}

gboolean
few_model_encode_texts (FewModel *model, const char *const *texts, guint n, float *features,
                        GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (model != NULL && (n == 0 || (texts && features)), FALSE);
  TextJob job = { texts, n, features, cancellable };
  return few_model_retry (model, encode_texts, &job, error);
}

static void
normalise_row (float *row, guint d)
{
  double sum = 0;
  for (guint i = 0; i < d; i++)
    sum += (double) row[i] * row[i];
  float scale = sum > 0 ? (float) (1 / sqrt (sum)) : 0;
  for (guint i = 0; i < d; i++)
    row[i] *= scale;
}

gboolean
few_model_encode_classes (FewModel *model, const char *const *names, const char *const *prompts,
                          guint n_classes, const char *const *templates, float *out, float *raw,
                          GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (model != NULL && templates != NULL && (n_classes == 0 || (names && out)),
                        FALSE);
  guint d = few_model_dim (model);
  guint n_templates = g_strv_length ((char **) templates);
  if (n_templates == 0)
    {
      few_fail (error, INPUT, "There is no prompt template.");
      return FALSE;
    }
  g_autofree float *features = few_try_floats (n_classes, d, "the classes", error);
  if (!features)
    return FALSE;
  memset (out, 0, (gsize) n_classes * d * sizeof (float));
  if (raw)
    memset (raw, 0, (gsize) n_classes * d * sizeof (float));
  for (guint t = 0; t < n_templates; t++)
    {
      g_auto (GStrv) texts = few_try_strings (NULL, n_classes, "the classes", error);
      if (!texts)
        return FALSE;
      for (guint k = 0; k < n_classes; k++)
        texts[k] = few_template_fill (
            prompts && prompts[k] && *prompts[k] ? prompts[k] : templates[t], names[k]);
      if (!few_model_encode_texts (model, (const char *const *) texts, n_classes, features,
                                   cancellable, error))
        return FALSE;
      for (gsize i = 0; raw && i < (gsize) n_classes * d; i++)
        raw[i] += features[i] / (float) n_templates;
      for (guint k = 0; k < n_classes; k++)
        {
          normalise_row (features + (gsize) k * d, d);
          for (guint i = 0; i < d; i++)
            out[(gsize) k * d + i] += features[(gsize) k * d + i];
        }
    }
  for (guint k = 0; k < n_classes; k++)
    normalise_row (out + (gsize) k * d, d);
  return TRUE;
}
