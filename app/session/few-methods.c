/* SPDX-License-Identifier: MIT */
/* What Train offers, in plain words. */
#include "session/few-methods.h"
#include <glib/gi18n.h>
#include <string.h>

static const FewMethodChoice choices[] = {
  { FEW_METHOD_LIVE_AUTOMATIC, N_ ("Automatic"),
    N_ ("An answer at once; then two small layers learn in view, and join it where they help") },
  { "automatic", N_ ("Automatic, Closed Form Only"),
    N_ ("CLIP and two classifiers, weighed on pictures unseen. Nothing to set") },
  { NULL, N_ ("CLIP-Adapter, Live"),
    N_ ("Two small layers, shown while they learn. Settings below") },
  { "gda", N_ ("GDA"), N_ ("One bell curve a class, all of one shape. Instant") },
  { "lp++", N_ ("LP++"), N_ ("A linear classifier that leans on the words, class by class") },
  { "linear-probe", N_ ("Linear Probe"),
    N_ ("A linear classifier without the words. Needs many pictures") },
  { "clap", N_ ("CLAP"), N_ ("One prototype a class that stays near its words") },
  { "tip-adapter", N_ ("Tip-Adapter"), N_ ("Remembers every picture and asks the nearest ones") },
  { "tip-adapter-f", N_ ("Tip-Adapter-F"), N_ ("The same memory, trained") },
  { "clip-adapter", N_ ("CLIP-Adapter, as Compared"),
    N_ ("Trained longer, with its α chosen on validation pictures") },
  { "clip-adapter-text", N_ ("CLIP-Adapter on Words"),
    N_ ("Two small layers on the words instead of the picture") },
  { "coop", N_ ("CoOp"), N_ ("Learns the words of the prompt. Slow") },
};

const FewMethodChoice *
few_method_choice (guint index)
{
  return index < G_N_ELEMENTS (choices) ? &choices[index] : NULL;
}

static const char BALANCED[] = "priors=balanced";

gboolean
few_method_choice_takes_priors (const char *specification)
{
  static const char *const names[] = { "automatic", "lp++", "linear-probe", NULL };
  FewMethodOptions options;
  return specification && few_method_parse (specification, &options, NULL)
         && g_strv_contains (names, options.name);
}

gboolean
few_method_choice_is_balanced (const char *specification)
{
  return specification && strstr (specification, BALANCED) != NULL;
}

char *
few_method_choice_balance (const char *specification, gboolean balanced)
{
  g_return_val_if_fail (specification != NULL, NULL);
  g_auto (GStrv) parts = g_strsplit_set (specification, ":,", -1);
  g_autoptr (GString) text = g_string_new (parts[0]);
  char between = ':';
  for (guint i = 1; parts[0] && parts[i]; i++)
    if (!g_str_has_prefix (parts[i], "priors="))
      {
        g_string_append_printf (text, "%c%s", between, parts[i]);
        between = ',';
      }
  if (balanced)
    g_string_append_printf (text, "%c%s", between, BALANCED);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
few_method_choice_instead (const char *specification, const char *old)
{
  if (!few_method_choice_takes_priors (specification))
    return g_strdup (specification);
  return few_method_choice_balance (specification, few_method_choice_is_balanced (old));
}

guint
few_method_choice_find (const char *specification)
{
  guint i = 0;
  g_autofree char *plain = specification ? few_method_choice_balance (specification, FALSE) : NULL;
  while (i < G_N_ELEMENTS (choices) && g_strcmp0 (choices[i].specification, plain) != 0)
    i++;
  return i;
}

/* Those that Train does not offer. */
static const FewMethodChoice others[] = {
  { FEW_METHOD_SEVERAL, N_ ("One against the Rest"),
    N_ ("A classifier a label, and the probability from which on it is given. Instant") },
  { FEW_METHOD_SEVERAL_WORDLESS, N_ ("One against the Rest, without Words"),
    N_ ("The same from the pictures alone: what the labels are called does not count") },
  { "zero-shot", N_ ("Zero-Shot CLIP"),
    N_ ("CLIP by the names of the classes alone: nothing is learned") },
  { "clip-adapter-both", N_ ("CLIP-Adapter on Pictures and Words"),
    N_ ("Two small layers on the picture, and two on the words") },
  { "proker", N_ ("ProKeR"), N_ ("What CLIP gets wrong, corrected by a kernel over the pictures") },
  { "prolip", N_ ("ProLIP"), N_ ("One linear map behind the image tower, held near what it was") },
};

/* Of either table; NULL: it has settings of its own. */
static const FewMethodChoice *
find_named (const char *specification)
{
  const FewMethodChoice *found = few_method_choice (few_method_choice_find (specification));
  for (guint i = 0; !found && i < G_N_ELEMENTS (others); i++)
    if (g_strcmp0 (others[i].specification, specification) == 0)
      found = others + i;
  return found;
}

const char *
few_method_choice_title (const char *specification)
{
  const FewMethodChoice *named = find_named (specification);
  return named ? _ (named->title) : specification;
}

const char *
few_method_choice_sentence (const char *specification)
{
  const FewMethodChoice *named = specification ? find_named (specification) : NULL;
  return named ? _ (named->sentence) : NULL;
}

gboolean
few_method_choice_fits (const char *specification, gboolean several)
{
  FewMethodOptions options;
  if (!specification)
    return !several;
  return few_method_parse (specification, &options, NULL)
         && few_method_info_find (options.name)->several == several;
}

gboolean
few_method_choice_suits (const char *specification, const FewModelInfo *model)
{
  FewMethodOptions options;
  if (!model || model->reads_texts)
    return TRUE;
  return specification && few_method_parse (specification, &options, NULL)
         && !few_method_info_find (options.name)->texts;
}

char *
few_method_choice_refusal (const char *specification, const FewModelInfo *model)
{
  if (few_method_choice_suits (specification, model))
    return NULL;
  return g_strdup_printf (_ ("%s knows pictures alone, and this method learns from class names: "
                             "choose Automatic, GDA, LP++ or Linear Probe"),
                          model->name);
}

gboolean
few_method_choice_is_kept (const char *specification)
{
  FewMethodOptions options;
  if (!specification)
    return TRUE;
  return few_method_parse (specification, &options, NULL)
         && few_method_info_find (options.name)->keeps;
}

gboolean
few_method_choice_is_quick (const char *specification)
{
  static const char *const quick[] = { "zero-shot",     "automatic", "linear-probe", "clip-adapter",
                                       "tip-adapter-f", "gda",       "clap",         NULL };
  return specification && g_strv_contains (quick, specification);
}

const char *
few_method_choice_now (FewExamples *examples, const FewTrainJob *job)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (examples) && job != NULL, NULL);
  gboolean several = few_examples_is_several (examples);
  if (few_method_choice_fits (job->method, several))
    return job->method;
  return several ? FEW_METHOD_SEVERAL : choices[0].specification;
}

FewTrainJob
few_method_choice_job (FewExamples *examples, const FewTrainJob *job)
{
  FewTrainJob sent = *job;
  sent.method = few_method_choice_now (examples, job);
  return sent;
}

void
few_method_choice_init_job (FewTrainJob *job)
{
  g_return_if_fail (job != NULL);
  *job = (FewTrainJob) { .method = choices[0].specification, .split_seed = 1 };
  few_train_options_init (&job->options);
}
