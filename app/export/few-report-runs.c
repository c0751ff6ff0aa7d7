/* SPDX-License-Identifier: MIT */
/* A column a run: what differs is read across. */
#include "export/few-report-runs.h"
#include "common/report-html.h"
#include "session/few-methods.h"
#include <glib/gi18n.h>
#include <math.h>

enum { MOST_RUNS = 6 }; /* the newest; a page has no room for more */

/* Free with g_free. */
typedef char *(*Tell) (const FewProjectRun *run);

static char *
tell_method (const FewProjectRun *run)
{
  return g_strdup (few_method_choice_title (run->job.method));
}

static char *
tell_clip (const FewProjectRun *run)
{
  return isnan (run->zero_shot_accuracy)
             ? g_strdup ("–")
             : g_strdup_printf ("%.1f %%", 100 * run->zero_shot_accuracy);
}

static char *
tell_accuracy (const FewProjectRun *run)
{
  double low, high;
  if (run->n_test == 0 || isnan (run->test_accuracy))
    return g_strdup ("–");
  few_interval ((guint) lrint (run->test_accuracy * run->n_test), run->n_test, &low, &high);
  /* Translators: an accuracy and the ends of its 95 % interval */
  return g_strdup_printf (_ ("%.1f %% (95 %% interval %.1f–%.1f)"), 100 * run->test_accuracy,
                          100 * low, 100 * high);
}

static char *
tell_pictures (const FewProjectRun *run)
{
  return g_strdup_printf ("%u", run->n_test);
}

static char *
tell_shots (const FewProjectRun *run)
{
  return run->job.shots ? g_strdup_printf ("%u", run->job.shots) : g_strdup (_ ("all"));
}

static char *
tell_seconds (const FewProjectRun *run)
{
  return g_strdup_printf ("%.1f", run->seconds);
}

static void
add_line (GString *page, const char *title, const GPtrArray *runs, guint first, Tell tell)
{
  g_string_append (page, "<tr>");
  few_report_add_text (page, "th", title);
  for (guint i = first; i < runs->len; i++)
    {
      g_autofree char *text = tell (runs->pdata[i]);
      few_report_add_text (page, "td", text);
    }
  g_string_append (page, "</tr>\n");
}

void
few_report_add_runs (GString *page, const FewProject *project, const FewProjectRun *shown)
{
  g_return_if_fail (page != NULL && project != NULL);
  const GPtrArray *runs = project->runs;
  guint first = runs->len > MOST_RUNS ? runs->len - MOST_RUNS : 0;
  if (runs->len < 2)
    return;
  few_report_add_text (page, "h2", _ ("Runs beside each other"));
  g_string_append (page, "<div class=\"wide\"><table class=\"runs\"><thead><tr><th></th>");
  for (guint i = first; i < runs->len; i++)
    {
      const FewProjectRun *run = runs->pdata[i];
      g_autofree char *title = g_strconcat (run->title, run == shown ? " ●" : "", NULL);
      few_report_add_text (page, "th", title);
    }
  g_string_append (page, "</tr></thead>\n");
  add_line (page, _ ("Method"), runs, first, tell_method);
  add_line (page, _ ("CLIP alone"), runs, first, tell_clip);
  add_line (page, _ ("Adapted"), runs, first, tell_accuracy);
  add_line (page, _ ("Pictures measured"), runs, first, tell_pictures);
  add_line (page, _ ("Shots per class"), runs, first, tell_shots);
  add_line (page, _ ("Seconds of training"), runs, first, tell_seconds);
  g_string_append (page, "</table></div>\n");
  few_report_add_text (
      page, "p",
      _ ("● is the run that this page is of. Each was measured on its own test pictures, as "
         "it was trained: where those differ, so may the numbers."));
}

/* ---- two of them on the same pictures */

/* id → 1 + (whether it is right): of test pictures, where there are any */
static GHashTable *
judge_pictures (FewSnapshot *snapshot, double alpha)
{
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_autofree guint32 *predicted = g_new (guint32, info->n + 1);
  GHashTable *judged = g_hash_table_new (NULL, NULL);
  gboolean tests = FALSE;
  few_lens_predict (snapshot, alpha, predicted, NULL);
  for (guint i = 0; i < info->n; i++)
    tests = tests || info->roles[i] == FEW_ROLE_TEST;
  for (guint i = 0; i < info->n; i++)
    if (!tests || info->roles[i] == FEW_ROLE_TEST)
      g_hash_table_insert (judged, GUINT_TO_POINTER (info->ids[i]),
                           GUINT_TO_POINTER (1u + (predicted[i] == info->labels[i])));
  return judged;
}

void
few_report_add_agreement (GString *page, FewSnapshot *one, double alpha, FewSnapshot *other,
                          double other_alpha)
{
  g_return_if_fail (page != NULL && one != NULL && other != NULL);
  g_autoptr (GHashTable) first = judge_pictures (one, alpha);
  g_autoptr (GHashTable) second = judge_pictures (other, other_alpha);
  guint n[2][2] = { { 0 } }; /* by whether each is right */
  GHashTableIter iter;
  gpointer id, judged;
  g_hash_table_iter_init (&iter, first);
  while (g_hash_table_iter_next (&iter, &id, &judged))
    {
      guint beside = GPOINTER_TO_UINT (g_hash_table_lookup (second, id));
      if (beside > 0)
        n[GPOINTER_TO_UINT (judged) - 1][beside - 1]++;
    }
  few_report_add_text (page, "h2", _ ("On the same pictures"));
  /* Translators: numbers of pictures */
  g_autofree char *text = g_strdup_printf (
      _ ("Both runs measure %u pictures: both have %u right, only the first %u, only the second "
         "%u, "
         "neither %u. What one of them learned from is not among them where both have test "
         "pictures."),
      n[0][0] + n[0][1] + n[1][0] + n[1][1], n[1][1], n[1][0], n[0][1], n[0][0]);
  few_report_add_text (page, "p", text);
}
