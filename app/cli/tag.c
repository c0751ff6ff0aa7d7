/* SPDX-License-Identifier: MIT */
/* tag: classes as keywords in the pictures' metadata, a batch at a time, and back out of it. */
#include "cli/cli.h"
#include "cli/given.h"
#include "cli/judge.h"
#include "cli/refusal.h"
#include "cli/sources.h"
#include <math.h>
#include <string.h>

enum { BATCH = 64 };
static const char SHARE[] = "0.05"; /* of the classes' own pictures that go without a tag */

typedef struct
{
  CliGiven given;
  char *reject, *least_text, *root;
  gboolean recursive, inside, dry_run, undo;
  double least; /* probability */
  FewRefusal refusal;
} TagOptions;

static void
clear_options (TagOptions *o)
{
  cli_given_clear (&o->given);
  g_free (o->reject);
  g_free (o->least_text);
  g_free (o->root);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TagOptions, clear_options)

static gboolean
parse_options (Cli *cli, int argc, char **argv, TagOptions *o, int *status)
{
  const GOptionEntry entries[] = {
    cli_given_model_entry (&o->given),
    cli_given_alpha_entry (&o->given),
    { "recursive", 'r', 0, G_OPTION_ARG_NONE, &o->recursive,
      "The pictures in the sub-folders of folders, too", NULL },
    { "reject", 0, 0, G_OPTION_ARG_STRING, &o->reject,
      "No tag for what is stranger than all but that share of the classes' own pictures (0.05)",
      "SHARE" },
    { "least", 0, 0, G_OPTION_ARG_STRING, &o->least_text, "No tag below this probability", "P" },
    { "root", 0, 0, G_OPTION_ARG_STRING, &o->root,
      "What the tags stand below, / between levels (Fewshot); “” for nothing", "NAME" },
    { "inside", 0, 0, G_OPTION_ARG_NONE, &o->inside,
      "Into the pictures, not into files beside them", NULL },
    { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &o->dry_run, "Only say what would be written", NULL },
    { "undo", 0, 0, G_OPTION_ARG_NONE, &o->undo,
      "Take back what the last run over FOLDER has written", NULL },
    G_OPTION_ENTRY_NULL,
  };
  return cli_parse (cli, argc, argv,
                    "([MODEL] CLASSIFIER (PICTURE | FOLDER)… | --undo FOLDER) — classes into the "
                    "metadata of pictures",
                    entries, 1, &o->given.arguments, status);
}

/* ---- taking back */

static void
tell_left (gpointer user G_GNUC_UNUSED, const char *sentence)
{
  cli_complain ("fewshot-cli:", sentence);
}

static int
undo_run (Cli *cli, const char *folder)
{
  g_autoptr (GError) error = NULL;
  FewTagUndone undone;
  g_autofree char *journal = few_tag_journal_find (folder, &error);
  if (!journal || !few_tags_undo (journal, tell_left, NULL, &undone, cli->cancellable, &error))
    return cli_fail (error);
  if (cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      cli_json_int (builder, "restored", undone.restored);
      cli_json_int (builder, "changed", undone.changed);
      cli_json_int (builder, "failed", undone.failed);
      cli_json_end (builder);
    }
  else
    g_print ("%u files are as they were, %u were changed since and left, %u failed.\n",
             undone.restored, undone.changed, undone.failed);
  return undone.changed + undone.failed > 0 ? CLI_FAILURE : CLI_OK;
}

/* ---- tagging */

static const char *const OUTCOMES[FEW_TAGS_OUTCOMES] = { "same", "new", "changed", "removed" };

typedef struct
{
  Cli *cli;
  const TagOptions *options;
  FewTagOptions tags;
  FewTagJournal *journal; /* NULL: a dry run */
  CliJudge judge;
  GPtrArray *paths;
  float *features; /* [BATCH, length] */
  gboolean *known; /* [BATCH] */
  FewTag *list;    /* [K] of a picture */
  guint length;
  guint64 n[FEW_TAGS_OUTCOMES], refused, failed, none;
} Tagging;

static void
take_encoded (gpointer user, guint index, const float *feature, const guint8 *hash G_GNUC_UNUSED,
              gboolean from_cache G_GNUC_UNUSED, const GError *error)
{
  Tagging *t = user;
  t->known[index] = feature != NULL;
  if (feature)
    memcpy (t->features + (gsize) index * t->length, feature, t->length * sizeof *feature);
  else
    {
      t->refused++;
      cli_complain ("not read:", error->message);
    }
}

static void
tag_picture (Tagging *t, const char *path, const FewTag *tag, guint n_tags)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = NULL;
  FewTagsOutcome outcome;
  if (!few_tags_put (path, tag, n_tags, &t->tags, t->journal, &outcome, &file, &error))
    {
      t->failed++;
      cli_complain ("not tagged:", error->message);
      return;
    }
  g_autofree char *shown = few_text_shown (file);
  t->n[outcome]++;
  if (t->cli->json || outcome == FEW_TAGS_SAME)
    return;
  for (guint i = 0; i < n_tags; i++)
    {
      g_autofree char *label = few_text_shown (tag[i].label);
      g_print ("%s\t%s\t%s\t%.4f\n", OUTCOMES[outcome], shown, label, tag[i].probability);
    }
  if (n_tags == 0)
    g_print ("%s\t%s\n", OUTCOMES[outcome], shown);
}

/* Into t->list: the class, or all labels; how many. */
static guint
list_tags (Tagging *t, const CliAnswer *answer)
{
  const FewClassifierInfo *info = few_classifier_info (t->options->given.classifier);
  guint one[] = { answer->order[0] };
  const guint *which = info->thresholds ? answer->set : one;
  guint most = info->thresholds ? answer->n_set : !answer->refused;
  guint n = 0;
  for (guint i = 0; i < most; i++)
    {
      double probability = (double) answer->probabilities[which[i]];
      if (probability >= t->options->least)
        t->list[n++] = (FewTag) { info->classes[which[i]], probability };
    }
  return n;
}

static gboolean
tag_batch (Tagging *t, GError **error)
{
  const TagOptions *o = t->options;
  g_autofree char *cache = cli_cache_folder (t->cli);
  guint n = t->paths->len;
  if (!few_classifier_encode_files (o->given.classifier, o->given.model,
                                    (const char *const *) t->paths->pdata, n, cache, take_encoded,
                                    t, t->cli->cancellable, error))
    return FALSE;
  cli_say_notice (o->given.model);
  for (guint i = 0; i < n; i++)
    {
      CliAnswer answer = { 0 };
      if (g_cancellable_set_error_if_cancelled (t->cli->cancellable, error))
        return FALSE;
      if (!t->known[i])
        continue;
      cli_judge (&t->judge, t->features + (gsize) i * t->length, &answer);
      guint n_tags = list_tags (t, &answer);
      t->none += n_tags == 0;
      tag_picture (t, t->paths->pdata[i], t->list, n_tags);
    }
  g_ptr_array_set_size (t->paths, 0);
  return TRUE;
}

static gboolean
tag_all (Tagging *t, CliSources *sources, GError **error)
{
  CliSource got = CLI_SOURCE_PATH;
  while (got == CLI_SOURCE_PATH)
    {
      char *path = NULL;
      got = cli_sources_next (sources, TRUE, &path, error);
      if (got == CLI_SOURCE_FAILED)
        return FALSE;
      if (got == CLI_SOURCE_PATH)
        g_ptr_array_add (t->paths, path);
      gboolean due = got != CLI_SOURCE_PATH || t->paths->len == BATCH;
      if (due && t->paths->len > 0 && !tag_batch (t, error))
        return FALSE;
    }
  return TRUE;
}

static void
begin (Tagging *t, Cli *cli, const TagOptions *o)
{
  t->cli = cli;
  t->options = o;
  t->judge = (CliJudge) { .classifier = o->given.classifier,
                          .alpha = o->given.alpha,
                          .top = 1,
                          .refuses = o->reject != NULL,
                          .refusal = o->refusal };
  cli_judge_begin (&t->judge);
  t->paths = g_ptr_array_new_with_free_func (g_free);
  t->length = few_classifier_length (o->given.classifier);
  t->features = g_new (float, (gsize) BATCH * t->length);
  t->known = g_new0 (gboolean, BATCH);
  t->list = g_new (FewTag, few_classifier_info (o->given.classifier)->n_classes);
}

static void
clear_tagging (Tagging *t)
{
  g_clear_pointer (&t->journal, few_tag_journal_free);
  g_clear_pointer (&t->paths, g_ptr_array_unref);
  cli_judge_clear (&t->judge);
  g_free (t->features);
  g_free (t->known);
  g_free (t->list);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Tagging, clear_tagging)

static int
finish (const Tagging *t, guint passed_over)
{
  const char *journal = t->journal ? few_tag_journal_file (t->journal) : NULL;
  if (t->cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      for (guint i = 0; i < FEW_TAGS_OUTCOMES; i++)
        cli_json_int (builder, OUTCOMES[i], (gint64) t->n[i]);
      cli_json_int (builder, "without_tag", (gint64) t->none);
      cli_json_int (builder, "not_read", (gint64) t->refused);
      cli_json_int (builder, "not_tagged", (gint64) t->failed);
      if (journal)
        cli_json_string (builder, "journal", journal);
      cli_json_end (builder);
    }
  else
    g_printerr ("%s%" G_GUINT64_FORMAT " new, %" G_GUINT64_FORMAT " changed, %" G_GUINT64_FORMAT
                " removed, %" G_GUINT64_FORMAT " as they were; %" G_GUINT64_FORMAT
                " pictures without a tag.\n",
                t->journal ? "" : "Nothing was written. ", t->n[FEW_TAGS_NEW],
                t->n[FEW_TAGS_CHANGED], t->n[FEW_TAGS_REMOVED], t->n[FEW_TAGS_SAME], t->none);
  if (passed_over > 0)
    g_printerr ("fewshot-cli: %u folders could not be listed.\n", passed_over);
  return t->refused + t->failed + passed_over > 0 ? CLI_FAILURE : CLI_OK;
}

static int
run_tagging (Cli *cli, const TagOptions *o)
{
  g_auto (Tagging) t = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_path_get_basename (cli_given_path (&o->given));
  g_autofree char *shown = g_filename_display_name (file);
  g_autofree char *model =
      g_strdup_printf ("%s, %s", few_classifier_info (o->given.classifier)->backbone, shown);
  const CliSourceOptions wanted = { .arguments = (const char *const *) o->given.rest,
                                    .recursive = o->recursive };
  g_autoptr (CliSources) sources = cli_sources_new (&wanted, cli->cancellable);
  begin (&t, cli, o);
  t.tags = (FewTagOptions) { o->root ? o->root : "Fewshot", model, NULL, o->inside };
  if (!o->dry_run && !(t.journal = few_tag_journal_new (o->given.rest[0], &error)))
    return cli_fail (error);
  if (!tag_all (&t, sources, &error))
    return cli_fail (error);
  return finish (&t, cli_sources_passed_over (sources));
}

/* What has no measure of strangeness needs another bound. */
static gboolean
choose_bounds (TagOptions *o, int *status)
{
  const FewClassifierInfo *info = few_classifier_info (o->given.classifier);
  gboolean tells = info->n_rejects > 0 || (info->trust && few_trust_info (info->trust)->n_told > 0);
  *status = CLI_USAGE;
  if (!cli_parse_number ("tag", "least", o->least_text, 0, 1, &o->least))
    return FALSE;
  if (info->thresholds && o->reject)
    {
      g_printerr ("fewshot-cli tag: the classifier tells each label by itself, from its own "
                  "threshold on: leave --reject out.\n");
      return FALSE;
    }
  if (info->thresholds)
    return TRUE;
  if (!o->reject && !o->least_text && !tells)
    {
      g_printerr ("fewshot-cli tag: the classifier does not say how unlike its classes a picture "
                  "may be: give the least probability of a tag, as in --least 0.9.\n");
      return FALSE;
    }
  if (!o->reject && !o->least_text)
    o->reject = g_strdup (SHARE);
  const CliRefusalWish wish = { "tag", o->reject, FALSE };
  return cli_refusal_find (&wish, &o->given, &o->refusal, status);
}

int
cli_tag (Cli *cli, int argc, char **argv)
{
  g_auto (TagOptions) o = { 0 };
  g_autoptr (GError) error = NULL;
  int status;
  if (!parse_options (cli, argc, argv, &o, &status))
    return status;
  if (!few_tags_available (&error))
    return cli_fail (error);
  if (o.undo)
    return undo_run (cli, o.given.arguments[0]);
  if (!cli_given_open (cli, argv[0], TRUE, &o.given, &status))
    return status;
  return choose_bounds (&o, &status) ? run_tagging (cli, &o) : status;
}
