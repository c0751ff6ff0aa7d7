/* SPDX-License-Identifier: MIT */
/* Model cards. */
#include "common/model-card.h"
#include "common/markdown.h"
#include <config.h>
#include <math.h>

enum { MOST_CLASSES = 200 };

static void
put_head (GString *card, const FewClassifierInfo *info, const char *file)
{
  g_autofree char *name = few_markdown_quote (file);
  g_autofree char *model = few_markdown_quote (info->backbone);
  g_autofree char *sum = few_markdown_quote (info->backbone_sha256);
  g_autofree char *date = few_markdown_quote (info->origin.trained);
  const FewMethodInfo *method = few_method_info_find (info->method);
  g_string_append_printf (
      card,
      info->thresholds ? "# %s\n\nTells which of %u labels a picture has, any number of "
                         "them: %s%s%s%s, learned on the frozen features of %s.\n\n"
                       : "# %s\n\nTells %u classes of pictures apart: %s%s%s%s, learned on "
                         "the frozen features of %s.\n\n",
      name, info->n_classes, few_method_title (info->method), method ? " (" : "",
      method ? method->reference : "", method ? ")" : "", model);
  g_string_append_printf (card, "| | |\n|---|---|\n| model | %s |\n| its weights | SHA-256 %s |\n",
                          model, sum);
  if (*info->template_text)
    {
      g_autofree char *prompt = few_markdown_quote (info->template_text);
      g_string_append_printf (card, "| prompt | %s |\n", prompt);
    }
  if (info->thresholds)
    g_string_append_printf (card, "| C, CLIP's share in the prior | %g, %g |\n", info->strength,
                            info->prior);
  else
    g_string_append_printf (card, "| α | %.2f (0: CLIP alone, 1: what was learned alone) |\n",
                            info->alpha);
  if (*date)
    g_string_append_printf (card, "| date | %s |\n", date);
  g_string_append_printf (card, "| written by | Fewshot %s |\n", FEW_VERSION);
}

static void
put_classes (GString *card, const FewClassifierInfo *info)
{
  const guint32 *counts = info->statistics.counts;
  g_string_append (card, "\n## Classes\n\n");
  for (guint k = 0; k < MIN (info->n_classes, MOST_CLASSES); k++)
    {
      g_autofree char *name = few_markdown_quote (info->classes[k]);
      if (info->thresholds)
        g_string_append_printf (card, "- %s (%u pictures; holds from %.1f %% on%s)\n", name,
                                info->positives[k], 100 * (double) info->thresholds[k],
                                info->positives[k] < FEW_SEVERAL_LEAST
                                    ? ", for want of pictures to choose that by"
                                    : "");
      else if (counts)
        g_string_append_printf (card, "- %s (%u pictures)\n", name, counts[k]);
      else
        g_string_append_printf (card, "- %s\n", name);
    }
  if (info->n_classes > MOST_CLASSES)
    g_string_append_printf (card, "- and %u more\n", info->n_classes - MOST_CLASSES);
}

static void
put_making (GString *card, const FewClassifierInfo *info)
{
  const FewOrigin *origin = &info->origin;
  g_string_append (card, "\n## How it was made\n\n");
  if (g_str_equal (origin->made, "merged"))
    g_string_append (card, "Merged, without their pictures, from the classifiers whose files have "
                           "these SHA-256:\n\n");
  else if (g_str_equal (origin->made, "added"))
    g_string_append (card, "Pictures were added, without those that it had learned from, to the "
                           "classifier whose file has this SHA-256:\n\n");
  else if (g_str_equal (origin->made, "reopened"))
    g_string_append (card, "Saved again from a project that began with the classifier whose file "
                           "has this SHA-256:\n\n");
  for (guint i = 0; origin->parents && origin->parents[i]; i++)
    g_string_append_printf (card, "- `%s`\n", origin->parents[i]);
  if (origin->parents)
    g_string_append (card, "\n");
  if (origin->n_train + origin->n_validation + origin->n_test > 0)
    g_string_append_printf (card,
                            "%u pictures were learned from, %u were kept aside to choose by, %u to "
                            "test on.\n",
                            origin->n_train, origin->n_validation, origin->n_test);
  else
    g_string_append (card, "How many pictures it learned from is not recorded.\n");
}

/* What the pictures were that it was measured on, and what that is worth. */
static const char *
describe_measured (const char *measured)
{
  if (g_str_equal (measured, "test"))
    return "test pictures, which nothing was learned from or chosen by";
  if (g_str_equal (measured, "validation"))
    return "validation pictures, by which α was chosen: elsewhere it does somewhat worse";
  if (g_str_equal (measured, "cross-validation"))
    return "the pictures that it learned from, each by what was learned without it "
           "(cross-validation): no picture was kept aside to test on";
  return "pictures that are not told";
}

/* "81.3 %", or a dash. */
static char *
say_share (double share)
{
  return isnan (share) ? g_strdup ("–") : g_strdup_printf ("%.1f %%", 100 * share);
}

/* A share in percent, or a dash. */
static void
put_cell (GString *card, double share)
{
  if (isnan (share))
    g_string_append (card, " – |");
  else
    g_string_append_printf (card, " %.1f |", 100 * share);
}

/* Of any number of labels. */
static void
put_several (GString *card, const FewClassifierInfo *info)
{
  const FewOrigin *origin = &info->origin;
  const FewSeveralScores *s = origin->several;
  g_autofree char *map = say_share (s->map);
  g_autofree char *micro = say_share (s->micro_f1);
  g_autofree char *macro = say_share (s->macro_f1);
  g_autofree char *exact = say_share (s->exact);
  g_string_append_printf (
      card,
      "Mean average precision %s of %u pictures; F1 %s of all labels together, %s as the labels' "
      "mean; %s of the pictures with exactly their labels. They are %s.\n",
      map, origin->n_measured, micro, macro, exact, describe_measured (origin->measured));
  if (!isnan (origin->zero_shot_map))
    g_string_append_printf (card,
                            "CLIP alone, by the names of the labels: mean average precision "
                            "%.1f %%.\n",
                            100 * origin->zero_shot_map);
  g_string_append (card, "\n| label, in percent | pictures | AP | precision | recall | F1 |\n"
                         "|---|---|---|---|---|---|\n");
  for (guint l = 0; l < MIN (s->n_labels, MOST_CLASSES); l++)
    {
      const FewSeveralLabel *label = s->labels + l;
      g_autofree char *name = few_markdown_quote (info->classes[l]);
      g_string_append_printf (card, "| %s | %u |", name, label->pictures);
      put_cell (card, label->ap);
      put_cell (card, label->precision);
      put_cell (card, label->recall);
      put_cell (card, label->f1);
      g_string_append_c (card, '\n');
    }
}

static void
put_numbers (GString *card, const FewClassifierInfo *info)
{
  const FewOrigin *origin = &info->origin;
  g_string_append (card, "\n## What was measured\n\n");
  if (origin->several)
    {
      put_several (card, info);
      return;
    }
  if (origin->n_measured == 0 || isnan (origin->accuracy))
    {
      g_string_append (card, info->thresholds
                                 ? "The file does not tell. `fewshot-cli eval` measures mean "
                                   "average precision and F1 on labelled pictures.\n"
                                 : "Nothing: this classifier was not measured since it was made. "
                                   "`fewshot-cli eval` does so on labelled pictures.\n");
      return;
    }
  double low, high;
  guint n = origin->n_measured;
  few_interval ((guint) lrint (origin->accuracy * n), n, &low, &high);
  g_string_append_printf (
      card, "%.1f %% right (95 %% interval %.1f–%.1f) of %u pictures. They are %s.\n",
      100 * origin->accuracy, 100 * low, 100 * high, n, describe_measured (origin->measured));
  if (!isnan (origin->zero_shot_accuracy))
    g_string_append_printf (card, "CLIP alone, by the names of the classes: %.1f %%.\n",
                            100 * origin->zero_shot_accuracy);
}

static void
put_trust (GString *card, const FewClassifierInfo *info)
{
  const FewTrustInfo *trust = info->trust ? few_trust_info (info->trust) : NULL;
  g_string_append (card, "\n## What its probabilities are worth\n\n");
  if (info->thresholds)
    {
      g_string_append (card, "They are those of a logistic regression a label, whose strength was "
                             "chosen by the log-loss of pictures held out; each threshold has the "
                             "largest F1 on these.\n");
      return;
    }
  if (!trust || trust->n_told == 0)
    {
      g_string_append (card, "Not known: they were not calibrated.\n");
      return;
    }
  g_string_append_printf (card,
                          "Expected calibration error %.3f, cross-validated on %u pictures at "
                          "α %.2f.\n",
                          trust->error_after, trust->n_told, trust->alpha);
  if (trust->answer_level > 0)
    g_string_append_printf (card,
                            "Answer sets hold the right class for 90 %% of pictures like those, "
                            "with %.1f classes on average.\n",
                            trust->set_size);
  if (trust->n_negatives > 0)
    g_string_append_printf (card, "It has seen %u pictures that are none of the classes.\n",
                            trust->n_negatives);
}

char *
few_model_card (const FewClassifierInfo *info, const char *file)
{
  g_return_val_if_fail (info && file, NULL);
  GString *card = g_string_new (NULL);
  put_head (card, info, file);
  put_classes (card, info);
  put_making (card, info);
  put_numbers (card, info);
  put_trust (card, info);
  g_string_append (card, "\n## Limits\n\nThe numbers hold for pictures like those that were "
                         "measured. Pictures of other places, cameras, seasons or subjects may be "
                         "recognised worse");
  g_string_append (card, info->thresholds ? ". Whose"
                                          : ", and a picture of none of the classes is given one "
                                            "of them unless refusing is asked for. Whose");
  g_string_append (card, " the pictures were, and what the "
                         "classifier is meant for, whoever passes it on has to say.\n");
  return g_string_free (card, FALSE);
}
