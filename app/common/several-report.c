/* SPDX-License-Identifier: MIT */
/* The report of a run on pictures with any number of labels. */
#include "common/several-report.h"
#include "common/report-html.h"
#include "common/report-picture.h"
#include "common/report-style.h"
#include <config.h>
#include <glib/gi18n.h>
#include <math.h>
#include <stdlib.h>

enum { MOST_PICTURES = 12, MOST_LABELS = 2000 };

/* A bar below a number says it once more, to be seen at a glance. */
static const char STYLE[] = ".bar{display:block;height:.25rem;border-radius:2px;background:#3584e4}"
                            ".missed{color:#c01c28}.given{color:#c64600}"
                            ".wide td{white-space:nowrap}td{overflow-wrap:anywhere}";

typedef struct
{
  const FewSeveralReport *of;
  const FewSnapshotInfo *info;
  const FewClassifierInfo *learned;
  guint counts[FEW_ROLE_UNUSED + 1];
  FewSeveralScores *test, *before; /* of test pictures; NULL: there are none */
  const FewSeveralScores *shown; /* those, or the folds'; NULL: nothing is known */
  GString *page;
} Report;

/* ---- pieces */

/* "81.3 %", or a dash where there is nothing */
static char *
say_share (double share)
{
  return isnan (share) ? g_strdup ("–") : g_strdup_printf ("%.1f %%", 100 * share);
}

static void
put_share (GString *page, double share, gboolean bar)
{
  char width[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *said = say_share (share);
  g_string_append_printf (page, "<td>%s", said);
  if (bar && !isnan (share))
    g_string_append_printf (page, "<span class=\"bar\" style=\"width:%s%%\"></span>",
                            g_ascii_formatd (width, sizeof width, "%.1f", 100 * share));
  g_string_append (page, "</td>");
}

static void
put_head (GString *page, const char *const *names)
{
  g_string_append (page, "<table><thead><tr>");
  for (; *names; names++)
    few_report_add_text (page, "th", *names);
  g_string_append (page, "</tr></thead>\n");
}

/* ---- what was measured */

static void
put_scores (Report *r, const char *heading, const FewSeveralScores *s)
{
  g_autofree char *map = say_share (s->map);
  g_autofree char *micro = say_share (s->micro_f1);
  g_autofree char *macro = say_share (s->macro_f1);
  g_autofree char *exact = say_share (s->exact);
  few_report_add_text (r->page, "h2", heading);
  g_string_append (r->page, "<table>\n");
  few_report_add_row (r->page, _ ("Mean average precision"), "%s", map);
  few_report_add_row (r->page, _ ("F1 of all labels together"), "%s", micro);
  few_report_add_row (r->page, _ ("F1, the labels’ mean"), "%s", macro);
  few_report_add_row (r->page, _ ("Pictures with exactly their labels"), "%s", exact);
  if (s == r->test)
    {
      g_autofree char *before = say_share (r->before->map);
      few_report_add_row (r->page, _ ("CLIP alone, mean average precision"), "%s", before);
    }
  g_string_append (r->page, "</table>\n");
}

static void
put_facts (Report *r)
{
  const FewOrigin *origin = &r->learned->origin;
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, r->of->seed);
  few_report_add_text (r->page, "h2", _ ("What was learned"));
  g_string_append (r->page, "<table>\n");
  /* Translators: numbers of pictures */
  few_report_add_row (r->page, _ ("Pictures"),
                      _ ("%u to learn from, %u to test on, %u could not be read"),
                      r->counts[FEW_ROLE_TRAIN], r->counts[FEW_ROLE_TEST], r->of->refused);
  few_report_add_row (r->page, _ ("Model"), "%s (%s)", r->of->model->name,
                      r->of->model->architecture);
  few_report_add_row (r->page, _ ("Weights (SHA-256)"), "%s", r->learned->backbone_sha256);
  few_report_add_row (r->page, _ ("Prompt"), "%s", r->learned->template_text);
  few_report_add_row (r->page, _ ("Method"), "%s", few_method_title (r->learned->method));
  few_report_add_row (r->page, _ ("C, CLIP’s own share in the prior"), "%g, %g",
                      r->learned->strength, r->learned->prior);
  few_report_add_row (r->page, _ ("Seed"), "%s", seed);
  few_report_add_row (r->page, _ ("Trained"), "%s", origin->trained);
  g_string_append (r->page, "</table>\n");
}

static void
put_label (Report *r, guint label)
{
  const FewSeveralLabel *s = r->shown->labels + label;
  g_string_append (r->page, "<tr>");
  few_report_add_text (r->page, "th", r->learned->classes[label]);
  g_string_append_printf (r->page, "<td>%u</td><td>%u</td>", r->learned->positives[label],
                          s->pictures);
  put_share (r->page, s->ap, TRUE);
  put_share (r->page, s->f1, TRUE);
  put_share (r->page, s->precision, FALSE);
  put_share (r->page, s->recall, FALSE);
  put_share (r->page, (double) r->learned->thresholds[label], FALSE);
  g_string_append (r->page, "</tr>\n");
}

static void
put_labels (Report *r)
{
  const char *const names[] = { _ ("Label"),  _ ("Learned from"), _ ("Measured on"),
                                _ ("AP"),     _ ("F1"),           _ ("Precision"),
                                _ ("Recall"), _ ("Threshold"),    NULL };
  guint n = r->shown->n_labels;
  few_report_add_text (r->page, "h2", _ ("Labels"));
  few_report_add_text (
      r->page, "p",
      _ ("Average precision says how far the pictures with the label come first when all are "
         "put in order of its probability; the others hold at the threshold. Learned from "
         "and measured on: pictures that have it."));
  g_string_append (r->page, "<div class=\"wide\">");
  put_head (r->page, names);
  for (guint l = 0; l < MIN (n, MOST_LABELS); l++)
    put_label (r, l);
  g_string_append (r->page, "</table></div>\n");
  if (n > MOST_LABELS)
    g_string_append_printf (r->page, _ ("<p>… and %u more.</p>\n"), n - MOST_LABELS);
}

/* ---- the hardest pictures */

typedef struct
{
  double loss; /* of all its labels */
  guint row;
} Hard;

static int
compare_hard (gconstpointer a, gconstpointer b)
{
  const Hard *x = a;
  const Hard *y = b;
  if (x->loss != y->loss)
    return x->loss < y->loss ? 1 : -1;
  return (x->row > y->row) - (x->row < y->row);
}

static gboolean
is_wrong (const Report *r, guint row, guint label, const float *p)
{
  gboolean said = p[label] >= r->info->thresholds[label];
  return said != few_label_sets_hold (r->info->sets, row, label);
}

/* The log-loss of a test picture's labels; 0: each is as it should be. */
static double
find_loss (const Report *r, guint row, float *p)
{
  double loss = 0;
  gboolean wrong = FALSE;
  few_lens_probabilities (r->of->snapshot, row, 1, p);
  for (guint l = 0; l < r->info->n_classes; l++)
    {
      gboolean has = few_label_sets_hold (r->info->sets, row, l);
      double right = (double) (has ? p[l] : 1 - p[l]);
      loss -= log (MAX (right, 1e-12));
      wrong |= is_wrong (r, row, l, p);
    }
  return wrong ? loss : 0;
}

/* A line of the labels that a picture has and was not given, or the other way round. */
static void
put_wrong (Report *r, guint row, const float *p, gboolean missed)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint l = 0; l < r->info->n_classes; l++)
    if (is_wrong (r, row, l, p) && few_label_sets_hold (r->info->sets, row, l) == missed)
      g_string_append_printf (names, "%s%s (%.0f %%)", names->len ? ", " : "",
                              r->learned->classes[l], 100 * (double) p[l]);
  if (names->len == 0)
    return;
  g_autofree char *escaped = g_markup_escape_text (names->str, -1);
  g_string_append_printf (r->page, "<br><span class=\"%s\">%s: %s</span>",
                          missed ? "missed" : "given", missed ? _ ("missed") : _ ("wrongly given"),
                          escaped);
}

static void
put_picture (Report *r, guint row, float *p, FewDecodeBudget *budget)
{
  const char *path = r->of->paths[row];
  g_autofree char *shown = few_address_shown (path);
  g_autofree char *name = g_path_get_basename (shown);
  g_autofree char *escaped = g_markup_escape_text (name, -1);
  g_autofree char *jpeg = few_report_draw_picture (path, budget);
  few_lens_probabilities (r->of->snapshot, row, 1, p);
  g_string_append (r->page, "<figure>");
  few_report_add_image (r->page, escaped, jpeg);
  g_string_append_printf (r->page, "<figcaption>%s", escaped);
  put_wrong (r, row, p, TRUE);
  put_wrong (r, row, p, FALSE);
  g_string_append (r->page, "</figcaption></figure>\n");
}

static gboolean
put_hardest (Report *r, GError **error)
{
  guint n = 0;
  g_autofree Hard *hard = g_try_new (Hard, (gsize) r->info->n + 1);
  g_autofree float *p = g_try_new (float, (gsize) r->info->n_classes + 1);
  if (!hard || !p)
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_MEMORY,
                   _ ("There is not enough memory for %u pictures."), r->info->n);
      return FALSE;
    }
  for (guint i = 0; i < r->info->n; i++)
    {
      double loss = r->info->roles[i] == FEW_ROLE_TEST ? find_loss (r, i, p) : 0;
      if (loss > 0)
        hard[n++] = (Hard) { loss, i };
    }
  qsort (hard, n, sizeof *hard, compare_hard);
  few_report_add_text (r->page, "h2", _ ("Hardest pictures"));
  if (n == 0)
    few_report_add_text (r->page, "p", _ ("Each test picture has exactly its labels."));
  FewDecodeBudget *budget = few_report_budget_new ();
  g_string_append (r->page, "<div class=\"pictures\">\n");
  for (guint i = 0; i < MIN (n, MOST_PICTURES); i++)
    put_picture (r, hard[i].row, p, budget);
  g_string_append (r->page, "</div>\n");
  few_decode_budget_unref (budget);
  return TRUE;
}

/* ---- the page */

static gboolean
measure (Report *r, GError **error)
{
  const FewSnapshot *snapshot = r->of->snapshot;
  for (guint i = 0; i < r->info->n; i++)
    r->counts[r->info->roles[i]]++;
  r->shown = r->info->several;
  if (r->counts[FEW_ROLE_TEST] == 0)
    return TRUE;
  r->test = few_several_of_snapshot (snapshot, FEW_ROLE_TEST, 1, error);
  r->before = r->test ? few_several_of_snapshot (snapshot, FEW_ROLE_TEST, 0, error) : NULL;
  r->shown = r->test;
  return r->before != NULL;
}

static void
begin_page (Report *r)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *date = g_date_time_format (now, "%Y-%m-%d %H:%M");
  g_autofree char *shown = g_filename_display_basename (r->of->title);
  g_autofree char *made = g_strdup_printf ("Fewshot %s · %s", FEW_VERSION, date);
  g_string_append (r->page, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><meta "
                            "name=\"viewport\" content=\"width=device-width\">");
  few_report_add_text (r->page, "title", shown);
  g_string_append_printf (r->page, "<style>%s%s</style></head><body>\n", few_report_style, STYLE);
  few_report_add_text (r->page, "h1", shown);
  few_report_add_text (r->page, "p", made);
}

static gboolean
write_page (Report *r, GError **error)
{
  const FewSeveralScores *folds = r->info->several;
  begin_page (r);
  if (r->test)
    put_scores (r, _ ("On test pictures, never seen in training"), r->test);
  else
    few_report_add_text (r->page, "p", _ ("No picture was kept aside to test on."));
  if (folds)
    put_scores (r, _ ("Cross-validated: each picture by what was learned without it"), folds);
  if (r->shown)
    put_labels (r);
  if (r->test && !put_hardest (r, error))
    return FALSE;
  put_facts (r);
  g_string_append (r->page, "</body></html>\n");
  return TRUE;
}

gboolean
few_several_report_save (const FewSeveralReport *report, const char *path, GError **error)
{
  g_return_val_if_fail (report && report->snapshot && report->paths && path, FALSE);
  const FewSnapshotInfo *info = few_snapshot_info (report->snapshot);
  g_return_val_if_fail (info->sets && info->thresholds, FALSE);
  Report r = { .of = report, .info = info, .learned = few_classifier_info (info->classifier) };
  r.page = g_string_new (NULL);
  gboolean ok = measure (&r, error) && write_page (&r, error)
                && few_file_write (path, r.page->str, r.page->len, error);
  g_string_free (r.page, TRUE);
  g_clear_pointer (&r.test, few_several_free);
  g_clear_pointer (&r.before, few_several_free);
  return ok;
}
