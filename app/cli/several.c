/* SPDX-License-Identifier: MIT */
/* Mean average precision and its table of labels, as lines. */
#include "cli/several.h"
#include <math.h>
#include <string.h>

/* "81.3", or a dash where there is nothing */
static char *
percent (double share)
{
  return isnan (share) ? g_strdup ("–") : g_strdup_printf ("%.1f", 100 * share);
}

static void
print_cell (const char *text, int width)
{
  int n = (int) g_utf8_strlen (text, -1);
  g_print ("%*s%s", MAX (width - n, 0), "", text);
}

void
cli_several_print_labels (const FewSeveralScores *scores, const char *const *classes,
                          const float *thresholds)
{
  enum { MOST = 200 };
  g_print ("pictures     AP  precision  recall     F1  threshold  label (in percent)\n");
  for (guint l = 0; l < MIN (scores->n_labels, MOST); l++)
    {
      const FewSeveralLabel *label = scores->labels + l;
      g_autofree char *name = few_text_shown (classes[l]);
      g_autofree char *ap = percent (label->ap);
      g_autofree char *precision = percent (label->precision);
      g_autofree char *recall = percent (label->recall);
      g_autofree char *f1 = percent (label->f1);
      g_autofree char *threshold = percent (thresholds ? (double) thresholds[l] : NAN);
      g_print ("%8u", label->pictures);
      print_cell (ap, 7);
      print_cell (precision, 11);
      print_cell (recall, 8);
      print_cell (f1, 7);
      print_cell (threshold, 11);
      g_print ("  %s\n", name);
    }
  if (scores->n_labels > MOST)
    g_print ("… and %u more: --json has all of them.\n", scores->n_labels - MOST);
}

char *
cli_several_describe (const FewSeveralScores *scores)
{
  g_autofree char *map = percent (scores->map);
  if (isnan (scores->micro_f1))
    return g_strdup_printf ("mean average precision %s %%", map);
  g_autofree char *micro = percent (scores->micro_f1);
  g_autofree char *macro = percent (scores->macro_f1);
  g_autofree char *exact = percent (scores->exact);
  return g_strdup_printf ("mean average precision %s %%; F1 %s %% of all labels together, %s %% "
                          "as the labels' mean; %s %% of the pictures with exactly their labels",
                          map, micro, macro, exact);
}

void
cli_several_warn (const FewClassifierInfo *info)
{
  enum { NAMED = 10 };
  g_autoptr (GString) names = g_string_new (NULL);
  guint n = 0;
  for (guint l = 0; l < info->n_classes; l++)
    {
      g_autofree char *name = few_text_shown (info->classes[l]);
      if (info->positives[l] >= FEW_SEVERAL_LEAST)
        continue;
      if (n++ < NAMED)
        g_string_append_printf (names, "%s“%s”", n > 1 ? ", " : "", name);
    }
  if (n > 0)
    g_printerr ("%u label%s fewer than %d pictures to learn from, too few to choose a threshold "
                "by: it is ½ (%s%s).\n",
                n, n == 1 ? " has" : "s have", FEW_SEVERAL_LEAST, names->str,
                n > NAMED ? " …" : "");
}

/* ---- train */

typedef struct
{
  const CliData *data;
  const CliTrainJob *job;
  const FewModelInfo *model;
  const FewClassifierInfo *info;
  const FewSeveralScores *test, *before, *folds; /* folds: NULL where they are not known */
  guint counts[FEW_ROLE_UNUSED + 1];
  double seconds;
} Report;

static void
print_json_report (const Report *r)
{
  JsonBuilder *builder = cli_json_begin ();
  cli_json_string (builder, "labels", "any");
  cli_json_int (builder, "classes", r->data->n_classes);
  cli_json_int (builder, "images", r->data->n);
  cli_json_int (builder, "refused", r->data->refused);
  cli_json_int (builder, "duplicates", r->data->duplicates);
  cli_json_int (builder, "from_cache", r->data->cached);
  cli_json_int (builder, "train_images", r->counts[FEW_ROLE_TRAIN]);
  cli_json_int (builder, "test_images", r->counts[FEW_ROLE_TEST]);
  cli_json_int (builder, "twins_moved", r->data->twins);
  cli_json_string (builder, "method", r->info->method);
  cli_json_number (builder, "strength", r->info->strength);
  cli_json_number (builder, "prior", r->info->prior);
  cli_json_number (builder, "zero_shot_map", r->before->map);
  cli_several_json (builder, "", r->test);
  if (r->folds)
    cli_several_json (builder, "cross_validated_", r->folds);
  cli_several_json_labels (builder, r->test->n > 0 || !r->folds ? r->test : r->folds,
                           r->info->classes, r->info->thresholds);
  cli_json_number (builder, "seconds", r->seconds);
  cli_json_string (builder, "device", r->model->device);
  cli_json_string (builder, "output", r->job->output);
  if (r->job->report)
    cli_json_string (builder, "report", r->job->report);
  cli_json_end (builder);
}

static void
print_report (const Report *r)
{
  g_autofree char *test = cli_several_describe (r->test);
  g_autofree char *folds = r->folds ? cli_several_describe (r->folds) : NULL;
  g_autofree char *before = percent (r->before->map);
  g_print ("%u labels, %u pictures (%u train, %u test; %u refused, %u duplicates)\n",
           r->data->n_classes, r->data->n, r->counts[FEW_ROLE_TRAIN], r->counts[FEW_ROLE_TEST],
           r->data->refused, r->data->duplicates);
  if (r->data->twins > 0)
    g_print ("%u picture%s to test on had a twin among those that are learned from and %s\n",
             r->data->twins, r->data->twins == 1 ? "" : "s",
             r->job->shots > 0 ? "were left out" : "were moved there");
  if (r->test->n == 0)
    g_print ("no test pictures were left to measure on\n");
  else
    g_print ("on the test pictures: %s\nzero-shot CLIP: mean average precision %s %%\n", test,
             before);
  if (folds)
    g_print ("cross-validated, each picture by what was learned without it: %s\n", folds);
  cli_several_print_labels (r->test->n > 0 || !r->folds ? r->test : r->folds, r->info->classes,
                            r->info->thresholds);
  g_print ("C %g, CLIP's own share in the prior %g, %.1f s on %s\nclassifier: %s\n",
           r->info->strength, r->info->prior, r->seconds, r->model->device, r->job->output);
  if (r->job->report)
    g_print ("report: %s\n", r->job->report);
}

gboolean
cli_several_report (const Cli *cli, const CliData *data, const CliTrainJob *job,
                    const FewSnapshot *snapshot, const FewModelInfo *model, double seconds,
                    GError **error)
{
  const FewSnapshotInfo *learned = few_snapshot_info (snapshot);
  g_autoptr (FewSeveralScores) test = few_several_of_snapshot (snapshot, FEW_ROLE_TEST, 1, error);
  g_autoptr (FewSeveralScores) before =
      test ? few_several_of_snapshot (snapshot, FEW_ROLE_TEST, 0, error) : NULL;
  if (!before)
    return FALSE;
  Report report = { .data = data,
                    .job = job,
                    .model = model,
                    .info = few_classifier_info (learned->classifier),
                    .test = test,
                    .before = before,
                    .folds = learned->several,
                    .seconds = seconds };
  for (guint i = 0; i < learned->n; i++)
    report.counts[learned->roles[i]]++;
  cli_several_warn (report.info);
  if (cli->json)
    print_json_report (&report);
  else
    print_report (&report);
  return TRUE;
}

/* ---- eval */

/* labels [n_classes] of the data as the classifier numbers them; G_MAXUINT32: it has none of that
 * name, which is said. */
static guint
match_labels (const CliData *data, const FewClassifierInfo *info, guint32 *labels)
{
  guint matched = 0;
  for (guint c = 0; c < data->n_classes; c++)
    {
      guint label = 0;
      while (label < info->n_classes && !g_str_equal (info->classes[label], data->classes[c]))
        label++;
      labels[c] = label < info->n_classes ? label : G_MAXUINT32;
      matched += label < info->n_classes;
      if (label < info->n_classes)
        continue;
      g_autofree char *shown = few_text_shown (data->classes[c]);
      g_printerr ("The classifier has no label “%s”: it is not measured.\n", shown);
    }
  return matched;
}

/* Test pictures where the data have some of their own, else all. */
static guint
choose_rows (const CliData *data, guint32 *rows)
{
  gboolean tests = data->has_roles && cli_data_has (data, FEW_ROLE_TEST);
  guint n = 0;
  for (guint i = 0; i < data->n; i++)
    if (!tests || data->roles[i] == FEW_ROLE_TEST)
      rows[n++] = i;
  return n;
}

static FewLabelSets *
translate (const CliData *data, const guint32 *labels, GError **error)
{
  g_autoptr (FewLabelSets) sets = few_label_sets_new ();
  g_autofree guint32 *own = g_new (guint32, data->n_classes + 1);
  for (guint i = 0; i < data->n; i++)
    {
      guint n;
      guint kept = 0;
      const guint32 *theirs = few_label_sets_get (data->sets, i, &n);
      for (guint l = 0; l < n; l++)
        if (labels[theirs[l]] != G_MAXUINT32)
          own[kept++] = labels[theirs[l]];
      if (!few_label_sets_add (sets, own, kept, error))
        return NULL;
    }
  return g_steal_pointer (&sets);
}

static void
print_eval (const Cli *cli, const FewClassifierInfo *info, const CliData *data,
            const FewSeveralScores *scores, const FewSeveralScores *before)
{
  const FewOrigin *told = &info->origin;
  if (cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      cli_json_string (builder, "labels", "any");
      cli_json_int (builder, "classes", info->n_classes);
      cli_json_int (builder, "images", scores->n);
      cli_json_int (builder, "refused", data->refused);
      cli_json_int (builder, "duplicates", data->duplicates);
      cli_json_number (builder, "zero_shot_map", before->map);
      cli_several_json (builder, "", scores);
      cli_several_json_labels (builder, scores, info->classes, info->thresholds);
      if (told->several)
        cli_several_json (builder, "file_", told->several);
      cli_json_string (builder, "file_measured_on", told->measured);
      cli_json_int (builder, "file_measured_images", told->n_measured);
      cli_json_end (builder);
      return;
    }
  g_autofree char *described = cli_several_describe (scores);
  g_autofree char *recorded = told->several ? cli_several_describe (told->several) : NULL;
  g_autofree char *zero_shot = percent (before->map);
  g_print ("%u pictures: %s (zero-shot CLIP: mean average precision %s %%; %u refused, %u "
           "duplicates)\n",
           scores->n, described, zero_shot, data->refused, data->duplicates);
  if (recorded)
    g_print ("its file tells, of %u pictures (%s): %s\n", told->n_measured, told->measured,
             recorded);
  cli_several_print_labels (scores, info->classes, info->thresholds);
}

static FewSeveralScores *
measure (const FewClassifier *classifier, const CliData *data, const FewLabelSets *sets,
         const guint32 *rows, guint n, double alpha, GError **error)
{
  const FewClassifierInfo *info = few_classifier_info (classifier);
  g_autofree float *scores = cli_try_floats (data->n + 1, info->n_classes, error);
  for (guint i = 0; scores && i < n; i++)
    few_classifier_predict (classifier, data->features + (gsize) rows[i] * info->dim, alpha, NULL,
                            scores + (gsize) rows[i] * info->n_classes);
  return scores
             ? few_several_measure (scores, sets, info->thresholds, rows, n, info->n_classes, error)
             : NULL;
}

int
cli_several_eval (Cli *cli, const FewClassifier *classifier, FewModel *model, const char *folder)
{
  const FewClassifierInfo *info = few_classifier_info (classifier);
  g_auto (CliData) data = { .any = TRUE };
  g_autoptr (GError) error = NULL;
  if (!cli_data_load (cli, model, folder, 0, 1, FALSE, &data, &error))
    return cli_fail (error);
  g_autofree guint32 *labels = g_new (guint32, data.n_classes + 1);
  g_autofree guint32 *rows = cli_try_values (data.n, sizeof *rows, &error);
  guint n = rows ? choose_rows (&data, rows) : 0;
  if (rows && (match_labels (&data, info, labels) == 0 || n == 0))
    {
      g_printerr ("fewshot-cli eval: there is no picture, or no label, that the classifier "
                  "knows.\n");
      return CLI_FAILURE;
    }
  g_autoptr (FewLabelSets) sets = rows ? translate (&data, labels, &error) : NULL;
  g_autoptr (FewSeveralScores) scores =
      sets ? measure (classifier, &data, sets, rows, n, 1, &error) : NULL;
  g_autoptr (FewSeveralScores) before =
      scores ? measure (classifier, &data, sets, rows, n, 0, &error) : NULL;
  if (!before)
    return cli_fail (error);
  print_eval (cli, info, &data, scores, before);
  return CLI_OK;
}
