/* SPDX-License-Identifier: MIT */
/* Classifiers of one model into one: whether they can be, the classes of all of them, and what is
 * told of the whole. merge-forms.c is what each closed form makes of it. */
#include "adapt/merge-private.h"
#include "adapt/classifier.h"
#include "base/error.h"
#include "base/words.h"
#include "config.h"
#include <fewshot/method.h>
#include <fewshot/prompts.h>
#include <math.h>
#include <string.h>

/* ---- which of them can be joined, and how */

/* What a part has to hold. */
typedef enum { NOTHING, STATISTICS, KEYS } Needs;

typedef struct
{
  const char *method;
  Needs needs;
  gboolean (*fill) (FewUnion *u, FewClassifierInfo *whole, GError **error);
} Form;

static const Form forms[] = {
  { "zero-shot", NOTHING, few_union_zero_shot },
  { "gda", STATISTICS, few_union_gda },
  { "tip-adapter", KEYS, few_union_cache },
  { "proker", KEYS, few_union_kernel },
};

/* NULL: what that method learns cannot be joined. */
static const Form *
find_form (const char *method)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (g_str_equal (forms[i].method, method))
      return &forms[i];
  return NULL;
}

/* Whether a part has what its form is joined by. */
static gboolean
check_part (const FewClassifierInfo *part, const FewMergeOptions *options, GError **error)
{
  const char *method = options->as_gda ? "gda" : part->method;
  const Form *form = part->thresholds ? NULL : find_form (method);
  gboolean statistics = part->statistics.counts != NULL && !part->thresholds;
  if (!form && statistics)
    few_fail (error, UNSUPPORTED,
              "What %s learned cannot be joined without its pictures. Train on all of them (what "
              "was encoded once comes from the cache), or ask for GDA of what the files tell of "
              "their classes (--as gda).",
              few_method_title (part->method));
  else if (!form)
    few_fail (error, UNSUPPORTED,
              "What %s learned cannot be joined without its pictures. Train on all of them: what "
              "was encoded once comes from the cache.",
              few_method_title (part->method));
  else if (form->needs == STATISTICS && !statistics)
    few_fail (error, UNSUPPORTED,
              "The classifier of %s does not hold the statistics of its classes: an older version "
              "wrote it, or it comes from a project that was opened again. Train it again.",
              few_method_title (part->method));
  else if (form->needs == KEYS && part->kind != FEW_CLASSIFIER_CACHE)
    few_fail (error, FORMAT, "A classifier of %s without keys cannot be joined.",
              few_method_title (part->method));
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_model (const FewClassifierInfo *first, const FewClassifierInfo *part, GError **error)
{
  if (part->dim != first->dim || !g_str_equal (part->backbone_sha256, first->backbone_sha256))
    few_fail (error, INPUT,
              "The classifiers are of different models, “%s” and “%s”: what one learned means "
              "nothing to the other.",
              first->backbone, part->backbone);
  else if (!g_str_equal (part->backbone_fingerprint, first->backbone_fingerprint)
           || fabs (part->logit_scale - first->logit_scale) > 1e-3 * first->logit_scale)
    few_fail (error, INPUT,
              "The classifiers are of the same weights with another config, preprocessing or "
              "tokenizer: train one of them again.");
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_parts (const FewUnion *u, GError **error)
{
  const FewClassifierInfo *first = u->parts[0];
  for (guint i = 0; i < u->n; i++)
    {
      if (!check_model (first, u->parts[i], error) || !check_part (u->parts[i], u->options, error))
        return FALSE;
      if (!u->options->as_gda && !g_str_equal (u->parts[i]->method, first->method))
        {
          few_fail (error, INPUT,
                    "One classifier was learned by %s, another by %s: only what one method "
                    "learned can be joined.",
                    few_method_title (first->method), few_method_title (u->parts[i]->method));
          return FALSE;
        }
    }
  return TRUE;
}

/* ---- the classes of all */

/* The sentence that stands for a class of a part in the whole; NULL: the template. */
static gboolean
find_prompt (const FewUnion *u, const FewClassifierInfo *part, guint c, char **prompt,
             GError **error)
{
  *prompt = NULL;
  if (part->prompts && *part->prompts[c])
    *prompt = g_strdup (part->prompts[c]);
  if (*prompt || g_str_equal (part->template_text, u->parts[0]->template_text))
    return TRUE;
  g_auto (GStrv) templates = few_templates_split (part->template_text);
  if (templates && !templates[1])
    *prompt = few_template_fill (templates[0], part->classes[c]);
  else
    few_fail (error, INPUT,
              "The classifiers were made with different prompts, “%s” and “%s”, and the "
              "second is of several sentences. Train that classifier again with the first prompt.",
              u->parts[0]->template_text, part->template_text);
  return *prompt != NULL;
}

static gboolean
take_classes (FewUnion *u, guint index, GHashTable *places, GError **error)
{
  const FewClassifierInfo *part = u->parts[index];
  u->maps[index] = few_room_new (&u->room, guint32, part->n_classes, 1);
  if (few_room_is_short (&u->room, FEW_MERGE_WHAT, error))
    return FALSE;
  for (guint c = 0; c < part->n_classes; c++)
    {
      gpointer at;
      char *prompt;
      if (g_hash_table_lookup_extended (places, part->classes[c], NULL, &at))
        {
          if (!u->options->join)
            {
              few_fail (error, INPUT,
                        "Both classifiers have a class “%s”. Say that they are the same class "
                        "(--join), or give one of them another name.",
                        part->classes[c]);
              return FALSE;
            }
          u->merged.n_joined++;
          u->maps[index][c] = GPOINTER_TO_UINT (at);
          continue;
        }
      if (!find_prompt (u, part, c, &prompt, error))
        return FALSE;
      u->maps[index][c] = u->names->len;
      g_hash_table_insert (places, (char *) part->classes[c], GUINT_TO_POINTER (u->names->len));
      g_ptr_array_add (u->names, (char *) part->classes[c]);
      g_ptr_array_add (u->prompts, prompt);
    }
  return TRUE;
}

static gboolean
gather_classes (FewUnion *u, GError **error)
{
  gsize d = u->d;
  g_autoptr (GHashTable) places = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < u->n; i++)
    if (!take_classes (u, i, places, error))
      return FALSE;
  u->k = u->names->len;
  u->text = few_room_new (&u->room, float, u->k, d);
  if (few_room_is_short (&u->room, FEW_MERGE_WHAT, error))
    return FALSE;
  for (guint i = u->n; i > 0; i--) /* the first that has a class is the last to say */
    for (guint c = 0; c < u->parts[i - 1]->n_classes; c++)
      memcpy (u->text + u->maps[i - 1][c] * d, u->parts[i - 1]->text_features + c * d,
              d * sizeof (float));
  return TRUE;
}

/* ---- the whole */

/* α and its like: what the parts have in common. */
static void
take_common (FewUnion *u, FewClassifierInfo *whole)
{
  const FewClassifierInfo *first = u->parts[0];
  gboolean same = !u->options->as_gda;
  gboolean counted = TRUE;
  whole->alpha = first->alpha;
  whole->backbone_precision = first->backbone_precision;
  for (guint i = 0; i < u->n; i++)
    {
      const FewClassifierInfo *part = u->parts[i];
      same = same && part->alpha == first->alpha;
      counted = counted && part->origin.n_train > 0;
      whole->origin.n_train += part->origin.n_train;
      if (!g_str_equal (part->backbone_precision, first->backbone_precision))
        whole->backbone_precision = "";
    }
  u->merged.alpha_lost = !same;
  if (!same)
    whole->alpha = 1;
  if (!counted)
    whole->origin.n_train = 0;
}

static FewClassifier *
make_whole (FewUnion *u, const char *made, GError **error)
{
  const FewClassifierInfo *first = u->parts[0];
  const Form *form = find_form (u->options->as_gda ? "gda" : first->method);
  g_assert (form != NULL); /* check_parts has seen it */
  g_autofree char *now = few_origin_now ();
  g_auto (GStrv) prompts =
      few_classifier_prompts ((const char *const *) u->prompts->pdata, u->prompts->len);
  g_ptr_array_add (u->names, NULL);
  FewClassifierInfo whole = { .method = form->method,
                              .dim = u->d,
                              .n_classes = u->k,
                              .trained_alpha = 1,
                              .logit_scale = first->logit_scale,
                              .text_features = u->text,
                              .classes = (const char *const *) u->names->pdata,
                              .template_text = first->template_text,
                              .prompts = (const char *const *) prompts,
                              .backbone = first->backbone,
                              .backbone_sha256 = first->backbone_sha256,
                              .backbone_fingerprint = first->backbone_fingerprint,
                              .origin = { .version = FEW_VERSION,
                                          .trained = now,
                                          .accuracy = NAN,
                                          .zero_shot_accuracy = NAN,
                                          .made = made,
                                          .parents = u->options->parents },
                              .statistics = { .a = NAN } };
  take_common (u, &whole);
  return form->fill (u, &whole, error) ? few_classifier_new (&whole, error) : NULL;
}

FewClassifier *
few_union_make (const FewClassifierInfo **parts, guint n, const FewMergeOptions *options,
                const char *made, FewMerged *merged, GCancellable *cancellable, GError **error)
{
  FewUnion u = { .parts = parts,
                 .n = n,
                 .options = options,
                 .cancellable = cancellable,
                 .d = parts[0]->dim,
                 .names = g_ptr_array_new (),
                 .prompts = g_ptr_array_new_with_free_func (g_free),
                 .maps = g_new0 (guint32 *, n) };
  gboolean ok = check_parts (&u, error) && gather_classes (&u, error);
  FewClassifier *whole = ok ? make_whole (&u, made, error) : NULL;
  if (merged)
    *merged = u.merged;
  g_ptr_array_unref (u.names);
  g_ptr_array_unref (u.prompts);
  g_free (u.maps);
  few_room_clear (&u.room);
  return whole;
}

void
few_merge_options_init (FewMergeOptions *options)
{
  g_return_if_fail (options != NULL);
  *options = (FewMergeOptions) { .tau = NAN, .sharpness = NAN, .lambda = NAN, .a = NAN };
}

gboolean
few_classifier_can_add (const FewClassifier *classifier, const FewMergeOptions *options,
                        GError **error)
{
  g_return_val_if_fail (classifier != NULL && options != NULL, FALSE);
  return check_part (few_classifier_info (classifier), options, error);
}

FewClassifier *
few_classifier_merge (FewClassifier *const *parts, guint n, const FewMergeOptions *options,
                      FewMerged *merged, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (parts != NULL && n > 0 && options != NULL, NULL);
  g_autofree const FewClassifierInfo **infos = g_new (const FewClassifierInfo *, n);
  for (guint i = 0; i < n; i++)
    infos[i] = few_classifier_info (parts[i]);
  return few_union_make (infos, n, options, "merged", merged, cancellable, error);
}
