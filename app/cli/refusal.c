/* SPDX-License-Identifier: MIT */
/* What a classifier knows of pictures that are none of its classes. */
#include "cli/refusal.h"
#include "common/watch.h"

/* of one's own pictures */
static const double MOST_REFUSED = 0.5;

/* Whether the classifier knows what is asked for at the α that is used; it says what is wrong. */
static gboolean
check_trust (const CliRefusalWish *wish, const CliGiven *given, int *status)
{
  const FewTrust *trust = few_classifier_info (given->classifier)->trust;
  *status = CLI_FAILURE;
  if (trust && !few_trust_holds (trust, given->alpha))
    {
      *status = CLI_USAGE;
      g_printerr ("fewshot-cli %s: --sets and --reject go with the classifier's own α, not "
                  "with another --alpha.\n",
                  wish->command);
      return FALSE;
    }
  if (wish->sets && !trust)
    g_printerr ("fewshot-cli %s: the classifier does not know its answer sets: it is of an "
                "older version, of a method other than automatic, or was kept at another α. Train "
                "it again for --sets.\n",
                wish->command);
  else if (wish->sets && few_trust_info (trust)->answer_level <= 0)
    g_printerr ("fewshot-cli %s: the classifier learned from too few pictures to promise "
                "answer sets: nine are needed, of classes with at least two.\n",
                wish->command);
  else
    return TRUE;
  return FALSE;
}

/* What the file says of the pictures that were held out. FALSE: return *status. */
static gboolean
find_threshold (const CliRefusalWish *wish, const CliGiven *given, FewRefusal *refusal, int *status)
{
  const FewClassifierInfo *info = few_classifier_info (given->classifier);
  const FewReject *rejects = info->rejects;
  double share = 0;
  *status = CLI_USAGE;
  if (info->n_rejects == 0)
    {
      g_printerr ("fewshot-cli %s: the classifier does not say how unlike its classes a "
                  "picture may be: it is of an older version, or fewer than ten pictures were held "
                  "out. Train it again for --reject.\n",
                  wish->command);
      *status = CLI_FAILURE;
      return FALSE;
    }
  if (!cli_parse_number (wish->command, "reject", wish->reject, rejects[0].share,
                         rejects[info->n_rejects - 1].share, &share))
    return FALSE;
  if (given->alpha != info->alpha)
    {
      g_printerr ("fewshot-cli %s: --reject goes with the classifier's own α, not with another "
                  "--alpha.\n",
                  wish->command);
      return FALSE;
    }
  return few_classifier_threshold (given->classifier, share, &refusal->level);
}

void
cli_refusal_choose (char **reject, const CliGiven *given)
{
  FewRefusal refusal;
  if (g_strcmp0 (*reject, "auto") != 0)
    return;
  gboolean tells =
      few_refusal_find (given->classifier, given->alpha, FEW_WATCH_SHARE, &refusal, NULL);
  g_free (*reject);
  *reject = tells ? g_strdup (G_STRINGIFY (FEW_WATCH_SHARE)) : NULL;
}

/* How strange a picture may be, by what the classifier knows of strangeness; by cosines where it
 * does not. FALSE: return *status. */
gboolean
cli_refusal_find (const CliRefusalWish *wish, const CliGiven *given, FewRefusal *refusal,
                  int *status)
{
  const FewTrust *trust = few_classifier_info (given->classifier)->trust;
  double share = 0;
  *status = CLI_USAGE;
  if ((wish->reject || wish->sets) && !check_trust (wish, given, status))
    return FALSE;
  if (!wish->reject)
    return TRUE;
  if (!trust || few_trust_info (trust)->n_told == 0)
    return find_threshold (wish, given, refusal, status);
  *status = CLI_USAGE;
  if (!cli_parse_number (wish->command, "reject", wish->reject, 0, MOST_REFUSED, &share))
    return FALSE;
  *refusal = (FewRefusal) { TRUE, few_trust_refusal (trust, share) };
  return TRUE;
}
