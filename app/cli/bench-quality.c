/* SPDX-License-Identifier: MIT */
/* What accuracies do not say of the methods of a `bench`. */
#include "cli/bench-table.h"
#include <math.h>
#include <string.h>

/* Means over the draws of one method and number of shots. */
typedef struct
{
  guint n;
  double accuracy, balanced, log_loss, calibration, seconds;
} Means;

static Means
find_means (const BenchTable *table, const BenchSummary *s, const char *method, guint shots)
{
  Means m = { 0 };
  for (guint i = 0; i < s->n_seeds; i++)
    {
      const BenchRow *row = bench_table_find (table, method, shots, s->seeds[i]);
      if (!row || row->error || isnan (row->test.accuracy))
        continue;
      m.n++;
      m.accuracy += row->test.accuracy;
      m.balanced += row->test.balanced;
      m.log_loss += row->test.log_loss;
      m.calibration += row->test.calibration;
      m.seconds += row->seconds;
    }
  double share = m.n ? 1.0 / m.n : NAN;
  return (Means) { m.n,
                   m.accuracy * share,
                   m.balanced * share,
                   m.log_loss * share,
                   m.calibration * share,
                   m.seconds * share };
}

/* The best method's accuracy at so many shots. */
static double
find_best (const BenchTable *table, const BenchSummary *s, guint shots)
{
  double best = NAN;
  for (const char *const *method = s->methods; *method; method++)
    {
      double own = find_means (table, s, *method, shots).accuracy;
      best = isnan (best) || own > best ? own : best;
    }
  return best;
}

static void
append_method (GString *text, const BenchTable *table, const BenchSummary *s, const char *method)
{
  Means sum = { 0 };
  double regret = 0;
  double drop = -INFINITY;
  for (guint i = 0; i < s->n_shots; i++)
    {
      Means m = find_means (table, s, method, s->shots[i]);
      if (m.n == 0)
        continue;
      double zero_shot = find_means (table, s, "zero-shot", s->shots[i]).accuracy;
      sum.n++;
      sum.balanced += m.balanced;
      sum.log_loss += m.log_loss;
      sum.calibration += m.calibration;
      sum.seconds += m.seconds;
      regret += find_best (table, s, s->shots[i]) - m.accuracy;
      drop = MAX (drop, zero_shot - m.accuracy); /* MAX passes over what is no number */
    }
  if (sum.n == 0)
    return;
  g_string_append_printf (text, "| %s | %.1f | ", method, 100 * regret / sum.n);
  if (isfinite (drop))
    g_string_append_printf (text, "%.1f", MAX (0, 100 * drop));
  g_string_append_printf (text, " | %.1f | %.3f | %.1f | %.2f |\n", 100 * sum.balanced / sum.n,
                          sum.log_loss / sum.n, 100 * sum.calibration / sum.n, sum.seconds / sum.n);
}

void
bench_table_append_quality (GString *text, const BenchTable *table, const BenchSummary *s)
{
  g_string_append (text,
                   "\n| mean over the shots | regret | worst drop below zero-shot | balanced % "
                   "| log-loss | calibration error % | seconds |\n"
                   "|---|---:|---:|---:|---:|---:|---:|\n");
  for (const char *const *method = s->methods; *method; method++)
    append_method (text, table, s, *method);
  g_string_append (text, "\nRegret: points of accuracy behind the best method of this table, by "
                         "numbers of shots. Drop: points below zero-shot, in the mean of the "
                         "draws, at the worst number of shots.\n");
}
