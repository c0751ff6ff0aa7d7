/* SPDX-License-Identifier: MIT */
/* Collects what is in view, and writes it as a page of HTML or as CSV. */
#include <config.h>
#include "export/few-report.h"
#include "base/few-percent.h"
#include "common/report-style.h"
#include "common/report-html.h"
#include "export/few-report-mistakes.h"
#include "export/few-report-runs.h"
#include "export/few-report-table.h"
#include "export/few-report-trust.h"
#include "session/few-methods.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

enum { MOST_MATRIX = 40 };

struct FewReport
{
  char *title, *model, *date;
  FewProject *project;
  FewProjectRun *run;
  FewSnapshot *snapshot;
  double alpha;
  int role;
  guint measured;
  GHashTable *addresses; /* id → char *, of a file or a part of one (crop.h) */
  GHashTable *heats; /* id → FewReportHeat * */
  FewReport *second; /* run, snapshot, α, role and measured of the run beside it; NULL: none */
};

static void
heat_free (gpointer data)
{
  g_free (((FewReportHeat *) data)->map);
  g_free (data);
}

FewReport *
few_report_new (FewSession *session, const char *title, GError **error)
{
  int shown = few_runs_get_shown (few_session_get_runs (session));
  if (shown < 0 || !few_session_can_export (session)) /* what is in view is not of the run */
    {
      g_set_error_literal (error, FEW_ERROR, FEW_ERROR_INPUT, _ ("Train first."));
      return NULL;
    }
  FewReport *report = g_new0 (FewReport, 1);
  const FewRun *run = few_runs_get_list (few_session_get_runs (session))->pdata[shown];
  const FewModelInfo *model = few_desk_get_model (few_session_get_desk (session));
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  report->title = g_strdup (title);
  report->model =
      model ? g_strdup_printf ("%s (%s)", model->name, model->architecture) : g_strdup ("");
  report->date = g_date_time_format (now, "%Y-%m-%d %H:%M");
  report->project = few_session_get_project (session);
  report->run = few_project_run_ref (run->record);
  report->snapshot = few_snapshot_ref (few_view_get_snapshot (few_session_get_view (session)));
  report->alpha = few_view_get_alpha (few_session_get_view (session));
  report->role = few_view_get_measured_role (few_session_get_view (session));
  report->measured = few_view_count_measured (few_session_get_view (session));
  report->addresses = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  report->heats = g_hash_table_new_full (NULL, NULL, NULL, heat_free);
  for (guint i = 0; i < report->project->pictures->len; i++)
    {
      const FewProjectPicture *picture =
          &g_array_index (report->project->pictures, FewProjectPicture, i);
      g_hash_table_insert (report->addresses, GUINT_TO_POINTER (picture->id),
                           few_address_new (picture->path, &picture->crop));
    }
  return report;
}

void
few_report_set_second (FewReport *report, FewProjectRun *run, FewSnapshot *snapshot)
{
  g_return_if_fail (report && run && snapshot && !report->second);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  FewReport *second = g_new0 (FewReport, 1);
  second->run = few_project_run_ref (run);
  second->snapshot = few_snapshot_ref (snapshot);
  second->alpha = info->trained_alpha;
  for (guint i = 0; i < info->n; i++)
    second->measured += info->roles[i] == FEW_ROLE_TEST;
  second->role = second->measured > 0 ? FEW_ROLE_TEST : -1;
  second->measured = second->measured > 0 ? second->measured : info->n;
  report->second = second;
}

static void
second_free (FewReport *second)
{
  few_project_run_unref (second->run);
  few_snapshot_unref (second->snapshot);
  g_free (second);
}

void
few_report_free (FewReport *report)
{
  g_clear_pointer (&report->second, second_free);
  g_free (report->title);
  g_free (report->model);
  g_free (report->date);
  g_hash_table_unref (report->addresses);
  g_hash_table_unref (report->heats);
  few_project_free (report->project);
  few_project_run_unref (report->run);
  few_snapshot_unref (report->snapshot);
  g_free (report);
}

/* ---- mistakes */

static FewReportMistakes
describe_mistakes (const FewReport *report)
{
  return (FewReportMistakes) { report->snapshot,  report->role,
                               report->alpha,     (const char *const *) report->run->names,
                               report->addresses, report->heats };
}

guint
few_report_list_worst (FewReport *report, guint32 *ids, guint most)
{
  g_return_val_if_fail (report && ids, 0);
  const FewReportMistakes mistakes = describe_mistakes (report);
  guint n = few_report_find_worst (&mistakes, ids, most);
  for (guint i = 0; i < n; i++)
    ids[i] = few_snapshot_info (report->snapshot)->ids[ids[i]];
  return n;
}

void
few_report_set_heat (FewReport *report, guint32 id, const FewHeatInfo *info, const float *map)
{
  g_return_if_fail (report && info && map);
  FewReportHeat *heat = g_new (FewReportHeat, 1);
  heat->info = *info;
  heat->map = g_memdup2 (map, (gsize) info->rows * info->columns * sizeof *map);
  g_hash_table_insert (report->heats, GUINT_TO_POINTER (id), heat);
}

/* ---- HTML */

/* values [n] from low to high; points that are not numbers break the line. */
static void
add_line (GString *page, const double *values, guint n, double low, double high, const char *colour)
{
  gboolean pen = FALSE;
  g_string_append (page, "<path fill=\"none\" stroke-width=\"2\" stroke=\"");
  g_string_append_printf (page, "%s\" d=\"", colour);
  for (guint i = 0; i < n; i++)
    {
      if (!isfinite (values[i]))
        {
          pen = FALSE;
          continue;
        }
      g_string_append_c (page, pen ? 'L' : 'M');
      few_report_add_number (page, n > 1 ? (double) i / (n - 1) * FEW_REPORT_PLOT_WIDTH : 0);
      g_string_append_c (page, ' ');
      few_report_add_number (page, FEW_REPORT_PLOT_HEIGHT
                                       * (1 - (values[i] - low) / MAX (high - low, 1e-9)));
      pen = TRUE;
    }
  g_string_append (page, "\"/>");
}

static void
add_training_curves (GString *page, const FewSnapshotInfo *info)
{
  g_autofree double *values = g_new (double, info->epoch + 1);
  double most = 0;
  if (info->epoch == 0)
    return; /* nothing was learned by epochs */
  for (guint e = 0; e < info->epoch; e++)
    most = MAX (most, info->history[e].loss);
  few_report_add_text (page, "h2", _ ("Training"));
  few_report_begin_plot (page, _ ("Loss and accuracy against the epochs"));
  for (guint e = 0; e < info->epoch; e++)
    values[e] = info->history[e].loss;
  add_line (page, values, info->epoch, 0, most, "#e5a50a");
  for (guint e = 0; e < info->epoch; e++)
    values[e] = info->history[e].train_accuracy;
  add_line (page, values, info->epoch, 0, 1, "#3584e4");
  for (guint e = 0; e < info->epoch; e++)
    values[e] = info->history[e].validation_accuracy;
  add_line (page, values, info->epoch, 0, 1, "#26a269");
  g_string_append (page, "</svg>\n<p class=\"key\"><span style=\"color:#e5a50a\">■</span> ");
  g_string_append_printf (page, _ ("loss (0 to %.2f)"), most);
  g_string_append_printf (
      page,
      " <span style=\"color:#3584e4\">■</span> %s <span style=\"color:#26a269\">■</span> %s</p>\n",
      _ ("accuracy on training pictures"), _ ("on validation pictures"));
}

static void
add_curves (GString *page, const FewReport *report)
{
  const FewSnapshotInfo *info = few_snapshot_info (report->snapshot);
  double values[FEW_CURVE_POINTS];
  add_training_curves (page, info);
  few_report_add_text (page, "h2", _ ("Accuracy against α"));
  few_report_begin_plot (page, _ ("Accuracy against α"));
  few_lens_curve (report->snapshot, report->role, values);
  add_line (page, values, FEW_CURVE_POINTS, 0, 1, "#9141ac");
  add_line (page, info->curve, FEW_CURVE_POINTS, 0, 1, "#26a269");
  g_string_append (page, "<path stroke=\"#888\" stroke-dasharray=\"4\" d=\"M");
  few_report_add_number (page, report->alpha * FEW_REPORT_PLOT_WIDTH);
  g_string_append_printf (
      page,
      " 0V%d\"/></svg>\n<p class=\"key\"><span style=\"color:#9141ac\">■</span> %s <span "
      "style=\"color:#26a269\">■</span> %s</p>\n",
      FEW_REPORT_PLOT_HEIGHT, report->role >= 0 ? _ ("test pictures") : _ ("all pictures"),
      _ ("validation pictures, on which α is chosen"));
}

static void
add_settings (GString *page, const FewReport *report)
{
  const FewSnapshotInfo *info = few_snapshot_info (report->snapshot);
  const FewTrainJob *job = &report->run->job;
  const FewTrainOptions *o = &job->options;
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, o->seed);
  few_report_add_row (page, _ ("Method"), "%s", few_method_choice_title (job->method));
  if (job->method)
    few_report_add_row (page, _ ("Training"), _ ("learned in %.1f s, seed %s"), info->seconds,
                        seed);
  else
    few_report_add_row (
        page, _ ("Training"),
        _ ("%u epochs in %.1f s, learning rate %g, batch %u, hidden width %u, seed %s"),
        info->epoch, info->seconds, o->learning_rate, o->batch, report->run->hidden, seed);
}

/* NULL: all are examples. */
static char *
describe_uses (const FewReport *report)
{
  guint n[] = { 0, 0, 0 };
  for (guint i = 0; i < report->project->pictures->len; i++)
    {
      const FewProjectPicture *picture =
          &g_array_index (report->project->pictures, FewProjectPicture, i);
      n[picture->use] += !picture->excluded;
    }
  if (n[FEW_USE_TEST] + n[FEW_USE_NONE] == 0)
    return NULL;
  /* Translators: numbers of pictures */
  return g_strdup_printf (_ ("%u only for testing, %u of none of these"), n[FEW_USE_TEST],
                          n[FEW_USE_NONE]);
}

static void
add_facts (GString *page, const FewReport *report)
{
  double low, high;
  double before = few_lens_accuracy (report->snapshot, report->role, 0);
  double after = few_lens_accuracy (report->snapshot, report->role, report->alpha);
  const FewSnapshotInfo *info = few_snapshot_info (report->snapshot);
  guint n = report->measured;
  guint fixed, broken;
  few_interval ((guint) lrint (after * n), n, &low, &high);
  few_lens_compare (report->snapshot, report->role, report->alpha, &fixed, &broken);
  g_string_append (page, "<table>\n");
  few_report_add_row (page, _ ("Pictures measured"), "%u (%s)", n,
                      report->role >= 0 ? _ ("test pictures, never seen in training")
                                        : _ ("all, some of them seen in training"));
  g_autofree char *share_before = few_percent (before, 1);
  g_autofree char *share_after = few_percent (after, 1);
  if (!isnan (before))
    few_report_add_row (page, _ ("CLIP alone"), "%s", share_before);
  /* Translators: an accuracy and the ends of its 95 % interval */
  few_report_add_row (page, _ ("Adapted"), _ ("%s (95 %% interval %.1f–%.1f)"), share_after,
                      100 * low, 100 * high);
  few_report_add_row (page, _ ("Fixed, broken"), "%u, %u", fixed, broken);
  few_report_add_row (page, "α", _ ("%.3f (trained at %.3f)"), report->alpha, info->trained_alpha);
  few_report_add_row (page, _ ("Model"), "%s", report->model);
  few_report_add_row (page, _ ("Weights (SHA-256)"), "%s", report->run->backbone_sha256);
  few_report_add_row (page, _ ("Prompt"), "%s", report->run->template_text);
  add_settings (page, report);
  g_autofree char *uses = describe_uses (report);
  if (uses)
    few_report_add_row (page, _ ("Uses of pictures"), "%s", uses);
  if (few_method_choice_is_balanced (report->run->job.method))
    few_report_add_row (page, _ ("Priors"), "%s", _ ("classes equally likely"));
  g_autofree char *shots = report->run->job.shots ? g_strdup_printf ("%u", report->run->job.shots)
                                                  : g_strdup (_ ("all"));
  few_report_add_row (page, _ ("Shots per class"), "%s", shots);
  g_string_append (page, "</table>\n");
}

static void
add_percent (GString *page, float fraction)
{
  g_autofree char *share = few_percent (fraction, 1);
  g_string_append_printf (page, "<td>%s</td>", share);
}

static void
add_classes (GString *page, const FewReport *report)
{
  guint k = report->run->n_classes;
  const FewSnapshotInfo *info = few_snapshot_info (report->snapshot);
  g_autofree float *precision = g_new (float, k);
  g_autofree float *recall = g_new (float, k);
  g_autofree guint32 *pictures = g_new (guint32, k);
  g_autofree guint32 *predicted = g_new (guint32, info->n + 1);
  few_lens_predict (report->snapshot, report->alpha, predicted, NULL);
  few_lens_class_scores (report->snapshot, report->role, predicted, precision, recall, pictures);
  few_report_add_text (page, "h2", _ ("Classes"));
  g_string_append_printf (
      page, "<table><thead><tr><th>%s</th><th>%s</th><th>%s</th><th>%s</th></tr></thead>\n",
      _ ("Class"), _ ("Pictures"), _ ("Precision"), _ ("Recall"));
  for (guint c = 0; c < k; c++)
    {
      g_string_append (page, "<tr>");
      few_report_add_text (page, "th", report->run->names[c]);
      g_string_append_printf (page, "<td>%u</td>", pictures[c]);
      add_percent (page, precision[c]);
      add_percent (page, recall[c]);
      g_string_append (page, "</tr>\n");
    }
  g_string_append (page, "</table>\n");
  if (k > MOST_MATRIX)
    return;
  guint32 confusion[MOST_MATRIX * MOST_MATRIX];
  few_lens_confusion (report->snapshot, report->role, report->alpha, confusion);
  few_report_add_text (page, "h2", _ ("Confusion matrix"));
  few_report_add_text (page, "p",
                       _ ("Rows: the class of a picture. Columns: what it is taken for."));
  g_string_append (page, "<div class=\"wide\"><table class=\"matrix\"><thead><tr><th></th>");
  for (guint c = 0; c < k; c++)
    few_report_add_text (page, "th", report->run->names[c]);
  g_string_append (page, "</tr></thead>\n");
  for (guint c = 0; c < k; c++)
    {
      g_string_append (page, "<tr>");
      few_report_add_text (page, "th", report->run->names[c]);
      for (guint p = 0; p < k; p++)
        if (confusion[c * k + p])
          g_string_append_printf (page, "<td class=\"%s\">%u</td>", c == p ? "right" : "wrong",
                                  confusion[c * k + p]);
        else
          g_string_append (page, "<td></td>");
      g_string_append (page, "</tr>\n");
    }
  g_string_append (page, "</table></div>\n");
}

/* What is told of one run. */
static void
add_run (GString *page, const FewReport *report)
{
  add_facts (page, report);
  add_curves (page, report);
  few_report_add_trust (page, report->snapshot);
  add_classes (page, report);
}

/* Two of them, in columns; below, what they make of the same pictures. */
static void
add_two_runs (GString *page, const FewReport *report)
{
  FewReport other = *report; /* the project is the same */
  other.run = report->second->run;
  other.snapshot = report->second->snapshot;
  other.alpha = report->second->alpha;
  other.role = report->second->role;
  other.measured = report->second->measured;
  const FewReport *const columns[] = { report, &other };
  g_string_append (page, "<div class=\"two\">\n");
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      g_string_append (page, "<section>");
      few_report_add_text (page, "h2", columns[i]->run->title);
      add_run (page, columns[i]);
      g_string_append (page, "</section>\n");
    }
  g_string_append (page, "</div>\n");
  few_report_add_agreement (page, report->snapshot, report->alpha, other.snapshot, other.alpha);
}

static GString *
as_html (const FewReport *report)
{
  GString *page = g_string_new ("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><meta "
                                "name=\"viewport\" content=\"width=device-width\">");
  few_report_add_text (page, "title", report->title);
  g_string_append_printf (page, "<style>%s</style></head><body%s>\n", few_report_style,
                          report->second ? " class=\"beside\"" : "");
  few_report_add_text (page, "h1", report->title);
  g_autofree char *made =
      g_strdup_printf ("Fewshot %s · %s · %s", FEW_VERSION, report->date, report->run->title);
  few_report_add_text (page, "p", made);
  if (report->second)
    add_two_runs (page, report);
  else
    add_run (page, report);
  const FewReportMistakes mistakes = describe_mistakes (report);
  few_report_add_mistakes (page, &mistakes);
  few_report_add_runs (page, report->project, report->run);
  g_string_append (page, "</body></html>\n");
  return page;
}

/* ---- as a file */

gboolean
few_report_save (FewReport *report, const char *path, GError **error)
{
  g_return_val_if_fail (report, FALSE);
  const FewReportMistakes mistakes = describe_mistakes (report);
  GString *text = g_str_has_suffix (path, ".csv") ? few_report_table (&mistakes) : as_html (report);
  gboolean ok = few_file_write (path, text->str, text->len, error);
  g_string_free (text, TRUE);
  return ok;
}
