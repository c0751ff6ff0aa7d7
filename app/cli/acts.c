/* SPDX-License-Identifier: MIT */
/* Copies and keywords, as the watched folders of the program have them. */
#include "cli/acts.h"
#include "common/watch.h"

gboolean
cli_acts_begin (CliActs *acts, GError **error)
{
  const FewClassifierInfo *info = few_classifier_info (acts->given->classifier);
  g_autofree char *file = g_path_get_basename (cli_given_path (acts->given));
  g_autofree char *shown = g_filename_display_name (file);
  acts->model = g_strdup_printf ("%s, %s", info->backbone, shown);
  acts->none = g_strv_contains (info->classes, "none of these") ? "" : "none of these";
  if (acts->sort)
    acts->sorter = few_sorter_new (acts->sort);
  return !acts->tags
         || (few_tags_available (error)
             && (acts->journal = few_tag_journal_new (acts->watch, error)) != NULL);
}

void
cli_acts_clear (CliActs *acts)
{
  g_clear_pointer (&acts->sorter, few_sorter_free);
  g_clear_pointer (&acts->journal, few_tag_journal_free);
  g_clear_pointer (&acts->model, g_free);
}

gboolean
cli_acts_check (const CliActs *acts, GError **error)
{
  if (!acts->watch)
    return TRUE;
  return (!acts->sort || few_watch_check_writable (acts->sort, error))
         && (!acts->tags || few_watch_check_writable (acts->watch, error));
}

static void
copy (CliActs *acts, const CliAnswer *answer, GCancellable *cancellable, GError **error)
{
  const FewClassifierInfo *info = few_classifier_info (acts->given->classifier);
  const char *name = answer->refused ? acts->none : info->classes[answer->order[0]];
  FewSortOutcome outcome = few_sorter_copy (acts->sorter, answer->path, name, cancellable, error);
  acts->copied += outcome == FEW_SORT_COPIED;
  acts->there += outcome == FEW_SORT_THERE;
  acts->failed += outcome == FEW_SORT_FAILED;
}

/* Into list [K]: the class, or all labels; how many. */
static guint
list_tags (const CliActs *acts, const CliAnswer *answer, FewTag *list)
{
  const FewClassifierInfo *info = few_classifier_info (acts->given->classifier);
  const guint32 *which = info->thresholds ? answer->set : answer->order;
  guint n = info->thresholds ? answer->n_set : 1;
  for (guint i = 0; i < n; i++)
    list[i] = (FewTag) { info->classes[which[i]], (double) answer->probabilities[which[i]] };
  if (info->thresholds)
    return n;
  return !answer->refused && (acts->refuses || list[0].probability >= FEW_WATCH_LEAST) ? 1 : 0;
}

static void
put_tag (CliActs *acts, const CliAnswer *answer, GError **error)
{
  const FewClassifierInfo *info = few_classifier_info (acts->given->classifier);
  const FewTagOptions options = { acts->tags, acts->model, NULL, FALSE };
  g_autofree FewTag *list = g_new (FewTag, info->n_classes);
  FewTagsOutcome outcome;
  if (!few_tags_put (answer->path, list, list_tags (acts, answer, list), &options, acts->journal,
                     &outcome, NULL, error))
    acts->untagged++;
}

/* What is cancelled stops a run; a full disk stops a watch, which goes on with the same picture. */
static gboolean
settle (const CliActs *acts, const char *what, GError *wrong, GError **error)
{
  gboolean stops = acts->watch ? few_watch_is_of_all (wrong)
                               : g_error_matches (wrong, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (stops)
    {
      g_propagate_error (error, wrong);
      return FALSE;
    }
  if (wrong)
    cli_complain (what, wrong->message);
  g_clear_error (&wrong);
  return TRUE;
}

gboolean
cli_acts_do (CliActs *acts, const CliAnswer *answer, GCancellable *cancellable, GError **error)
{
  GError *not_copied = NULL;
  GError *not_tagged = NULL;
  if (acts->sorter)
    copy (acts, answer, cancellable, &not_copied);
  if (!settle (acts, "not copied:", not_copied, error))
    return FALSE;
  if (acts->journal)
    put_tag (acts, answer, &not_tagged);
  return settle (acts, "not tagged:", not_tagged, error);
}
