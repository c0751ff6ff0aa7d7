/* SPDX-License-Identifier: MIT */
/* Texts to features: batches of prompts, and the text features of classes. */
#include "base/error.h"
#include "base/memory.h"
#include "clip/model.h"
#include <fewshot/encode.h>
#include <fewshot/prompts.h>
#include <math.h>
#include <string.h>

enum { TEXT_BATCH = 16, TEXT_WINDOW = 256 };

static gboolean
load_text (FewModel *model, gpointer user G_GNUC_UNUSED, GError **error)
{
  return few_model_text (model, error) != NULL;
}

gboolean
few_model_load_text (FewModel *model, GError **error)
{
  g_return_val_if_fail (model != NULL, FALSE);
  return !few_model_info (model)->reads_texts || few_model_retry (model, load_text, NULL, error);
}

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

/* ---- texts that see themselves and no filling: they run beside those of their own length */

typedef struct
{
  guint text, length;
} Length;

static gint
compare_lengths (gconstpointer a, gconstpointer b, gpointer user G_GNUC_UNUSED)
{
  const Length *first = a;
  const Length *second = b;
  if (first->length != second->length)
    return first->length < second->length ? -1 : 1;
  return first->text < second->text ? -1 : 1;
}

/* Up to TEXT_BATCH from `order` on that are as long as the first of them. */
static guint
count_equal (const Length *order, guint n)
{
  guint equal = 1;
  while (equal < MIN (n, TEXT_BATCH) && order[equal].length == order[0].length)
    equal++;
  return equal;
}

/* n ≤ TEXT_WINDOW texts from `first` on. ids: [TEXT_BATCH, context]; rows: [TEXT_WINDOW, context];
 * found: [TEXT_BATCH, dim] */
static gboolean
encode_window (FewModel *model, const TextJob *job, guint first, guint n, gint32 *rows, gint32 *ids,
               float *found, GError **error)
{
  gsize context = few_model_config (model)->context_length;
  gsize dim = few_model_dim (model);
  Length order[TEXT_WINDOW];
  for (guint i = 0; i < n; i++)
    order[i] = (Length) { i, MAX (1, few_model_tokenize (model, job->texts[first + i],
                                                         rows + i * context, NULL)) };
  g_qsort_with_data (order, (gint) n, sizeof *order, compare_lengths, NULL);
  for (guint at = 0, b; at < n; at += b)
    {
      guint32 firsts[TEXT_BATCH];
      guint t = order[at].length;
      b = count_equal (order + at, n - at);
      for (guint i = 0; i < b; i++)
        {
          memcpy (ids + (gsize) i * t, rows + order[at + i].text * context, t * sizeof (gint32));
          firsts[i] = i * t;
        }
      if (!few_model_forward_text (model, b, t, ids, firsts, found, error))
        return FALSE;
      for (guint i = 0; i < b; i++)
        memcpy (job->features + (first + order[at + i].text) * dim, found + i * dim,
                dim * sizeof (float));
    }
  return TRUE;
}

static gboolean
encode_by_length (FewModel *model, const TextJob *job, GError **error)
{
  gsize context = few_model_config (model)->context_length;
  g_autofree gint32 *rows = g_new0 (gint32, TEXT_WINDOW * context);
  g_autofree gint32 *ids = g_new (gint32, TEXT_BATCH * context);
  g_autofree float *found = g_new (float, TEXT_BATCH *(gsize) few_model_dim (model));
  for (guint first = 0; first < job->n; first += TEXT_WINDOW)
    if (g_cancellable_set_error_if_cancelled (job->cancellable, error)
        || !encode_window (model, job, first, MIN (TEXT_WINDOW, job->n - first), rows, ids, found,
                           error))
      return FALSE;
  return TRUE;
}

/* ---- all others */

static gboolean
encode_texts (FewModel *model, gpointer user, GError **error)
{
  TextJob *job = user;
  gsize dim = few_model_dim (model);
  guint context = few_model_config (model)->context_length;
  if (few_model_config (model)->text_style.kind != FEW_TEXT_CLIP)
    return encode_by_length (model, job, error);
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
  if (n > 0 && !few_model_info (model)->reads_texts)
    {
      few_fail (error, UNSUPPORTED, "%s knows pictures alone and reads no texts.",
                few_model_info (model)->name);
      return FALSE;
    }
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
  if (!few_model_info (model)->reads_texts)
    return TRUE;
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
