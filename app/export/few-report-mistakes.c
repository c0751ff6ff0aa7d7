/* SPDX-License-Identifier: MIT */
/* Counts pairs, ranks mistakes, and makes small pictures part of the page. */
#include "export/few-report-mistakes.h"
#include "common/report-html.h"
#include "common/report-picture.h"
#include "session/few-mistakes.h"
#include "common/heat-picture.h"
#include <glib/gi18n.h>

enum { MOST_PAIRS = 10, MOST_PICTURES = 12 };

/* ---- classes that are taken for each other */

static gboolean
is_mistaken (const FewReportMistakes *m, const guint32 *predicted, guint i)
{
  const FewSnapshotInfo *info = few_snapshot_info (m->snapshot);
  return (m->role < 0 || info->roles[i] == m->role) && predicted[i] != info->labels[i];
}

static void
add_pairs (GString *page, const FewReportMistakes *m, const GArray *pairs)
{
  few_report_add_text (page, "h2", _ ("Most confused"));
  g_string_append_printf (page,
                          "<table><thead><tr><th>%s</th><th>%s</th><th>%s</th></tr></thead>\n",
                          _ ("Class"), _ ("Taken for"), _ ("Pictures"));
  for (guint i = 0; i < MIN (pairs->len, MOST_PAIRS); i++)
    {
      const FewMistake *pair = &g_array_index (pairs, FewMistake, i);
      g_string_append (page, "<tr>");
      few_report_add_text (page, "th", m->names[pair->label]);
      few_report_add_text (page, "td", m->names[pair->taken]);
      g_string_append_printf (page, "<td>%u</td></tr>\n", pair->n);
    }
  g_string_append (page, "</table>\n");
}

/* ---- the worst, with their pictures */

/* A picture with where the model looks over it; NULL: it cannot be read. */
static char *
draw_heat (const char *path, const FewReportHeat *heat)
{
  g_autoptr (GBytes) png = few_heat_png (path, &heat->info, heat->map, FALSE, NULL);
  g_autoptr (GInputStream) stream = png ? g_memory_input_stream_new_from_bytes (png) : NULL;
  g_autoptr (GdkPixbuf) pixbuf =
      stream ? gdk_pixbuf_new_from_stream_at_scale (stream, FEW_REPORT_PICTURE_SIDE,
                                                    FEW_REPORT_PICTURE_SIDE, TRUE, NULL, NULL)
             : NULL;
  return pixbuf ? few_report_encode_jpeg (pixbuf) : NULL;
}

static void
add_picture (GString *page, const FewReportMistakes *m, guint row, guint32 predicted,
             FewDecodeBudget *budget)
{
  const FewSnapshotInfo *info = few_snapshot_info (m->snapshot);
  const char *path = g_hash_table_lookup (m->addresses, GUINT_TO_POINTER (info->ids[row]));
  g_autofree char *shown = few_address_shown (path ? path : "");
  g_autofree char *name = g_path_get_basename (shown);
  g_autofree float *probabilities = g_new (float, info->n_classes);
  g_autofree char *small = path ? few_report_draw_picture (path, budget) : NULL;
  few_lens_probabilities (m->snapshot, row, m->alpha, probabilities);
  g_autofree char *escaped = g_markup_escape_text (name, -1);
  /* Translators: a class, the class it is taken for, a percentage */
  g_autofree char *words =
      g_strdup_printf (_ ("%s, taken for %s (%.0f %%)"), m->names[info->labels[row]],
                       m->names[predicted], 100 * probabilities[predicted]);
  g_string_append (page, "<figure>");
  const FewReportHeat *heat = g_hash_table_lookup (m->heats, GUINT_TO_POINTER (info->ids[row]));
  g_autofree char *looks = small && heat ? draw_heat (path, heat) : NULL;
  few_report_add_image (page, escaped, small);
  few_report_add_image (page, _ ("Where It Looks"), looks);
  g_string_append (page, "<figcaption>");
  few_report_add_text (page, "strong", words);
  g_string_append_printf (page, "<br>%s</figcaption></figure>\n", escaped);
}

static guint
find_worst (const FewReportMistakes *m, const guint32 *predicted, const float *margins,
            guint32 *rows, guint most)
{
  guint n = few_snapshot_info (m->snapshot)->n;
  guint found = 0;
  g_autofree guint32 *order = g_new (guint32, n + 1);
  few_lens_rank (margins, n, order);
  for (guint i = 0; i < n && found < most; i++)
    if (is_mistaken (m, predicted, order[i]))
      rows[found++] = order[i];
  return found;
}

guint
few_report_find_worst (const FewReportMistakes *mistakes, guint32 *rows, guint most)
{
  g_return_val_if_fail (mistakes != NULL && rows != NULL, 0);
  guint n = few_snapshot_info (mistakes->snapshot)->n;
  g_autofree guint32 *predicted = g_new (guint32, n + 1);
  g_autofree float *margins = g_new (float, n + 1);
  few_lens_predict (mistakes->snapshot, mistakes->alpha, predicted, margins);
  return find_worst (mistakes, predicted, margins, rows, most);
}

static void
add_pictures (GString *page, const FewReportMistakes *m, const guint32 *predicted,
              const float *margins)
{
  guint32 rows[MOST_PICTURES];
  FewDecodeBudget *budget = few_report_budget_new ();
  guint n = find_worst (m, predicted, margins, rows, MOST_PICTURES);
  few_report_add_text (page, "h2", _ ("Worst mistakes"));
  if (g_hash_table_size (m->heats) > 0)
    few_report_add_text (
        page, "p",
        _ ("Orange: what speaks for the class that a picture is taken for. It shows what the "
           "answer rests on, and not why."));
  g_string_append (page, "<div class=\"pictures\">\n");
  for (guint i = 0; i < n; i++)
    add_picture (page, m, rows[i], predicted[rows[i]], budget);
  few_decode_budget_unref (budget);
  g_string_append (page, "</div>\n");
}

void
few_report_add_mistakes (GString *page, const FewReportMistakes *mistakes)
{
  g_return_if_fail (page != NULL && mistakes != NULL);
  guint n = few_snapshot_info (mistakes->snapshot)->n;
  g_autofree guint32 *predicted = g_new (guint32, n + 1);
  g_autofree float *margins = g_new (float, n + 1);
  few_lens_predict (mistakes->snapshot, mistakes->alpha, predicted, margins);
  g_autoptr (GArray) pairs =
      few_mistakes_count (few_snapshot_info (mistakes->snapshot), predicted, mistakes->role);
  if (pairs->len == 0)
    return;
  add_pairs (page, mistakes, pairs);
  add_pictures (page, mistakes, predicted, margins);
}
