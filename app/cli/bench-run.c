/* SPDX-License-Identifier: MIT */
/* Methods on draws of shots, a row of the table each. */
#include "cli/bench.h"
#include "cli/several.h"
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  Bench *bench;
  BenchTable *table;
  char *what;   /* the run under way, for people */
  float *views; /* [training pictures, views, D] of the draw */
} Running;

/* ---- peak memory of one method (Linux): the high-water mark is set back before it */

static void
reset_peak (void)
{
  int fd = open ("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  if (write (fd, "5", 1) != 1)
    g_debug ("the memory's high-water mark cannot be set back");
  close (fd);
}

static gint64
peak_bytes (void)
{
  g_autofree char *status = NULL;
  const char *line = g_file_get_contents ("/proc/self/status", &status, NULL, NULL)
                         ? strstr (status, "VmHWM:")
                         : NULL;
  return line ? g_ascii_strtoll (line + 6, NULL, 10) * 1024 : 0;
}

/* ---- one draw */

static void
show_views_progress (gpointer user G_GNUC_UNUSED, guint done, guint total)
{
  cli_progress ("views of pictures", done, total, NULL);
}

/* Augmented views of the training pictures. */
static gboolean
encode_views (gpointer user, guint64 seed, FewTask *task, GError **error)
{
  Running *r = user;
  const Bench *b = r->bench;
  if (b->most_views == 0)
    return TRUE;
  g_autoptr (GPtrArray) trained = g_ptr_array_new ();
  g_autofree char *cache = cli_cache_folder (b->cli);
  for (guint i = 0; i < task->n; i++)
    if (task->roles[i] == FEW_ROLE_TRAIN)
      g_ptr_array_add (trained, b->data.paths[i]);
  g_free (r->views);
  r->views = cli_try_floats (trained->len, (gsize) b->most_views * few_model_dim (b->model), error);
  if (!r->views)
    return FALSE;
  gboolean ok = few_model_encode_views (b->model, (const char *const *) trained->pdata,
                                        trained->len, b->most_views, seed, cache, r->views,
                                        show_views_progress, NULL, b->cli->cancellable, error);
  cli_progress (NULL, 0, 0, NULL);
  task->views = r->views;
  task->n_views = b->most_views;
  reset_peak ();
  return ok;
}

/* ---- one method */

/* Seeds count fastest: every task has its share of each method, slow ones, too. */
static gboolean
is_mine (const Bench *b, const FewDraw *draw)
{
  guint shots = 0;
  guint seed = 0;
  if (b->shards < 2)
    return TRUE;
  while (b->shots[shots] != draw->shots)
    shots++;
  while (b->seeds[seed] != draw->seed)
    seed++;
  guint place = (draw->method * b->n_shots + shots) * b->n_seeds + seed;
  return place % b->shards == b->shard;
}

static gboolean
is_wanted (gpointer user, const FewDraw *draw)
{
  Running *r = user;
  const char *method = r->bench->methods[draw->method];
  if (!is_mine (r->bench, draw)
      || bench_table_find (r->table, method, draw->shots, (gint64) draw->seed))
    return FALSE;
  g_free (r->what);
  g_autofree char *shots =
      draw->shots > 0 ? g_strdup_printf ("%u shots", draw->shots) : g_strdup ("all pictures");
  r->what = g_strdup_printf ("%s, %s, seed %" G_GUINT64_FORMAT ":", method, shots, draw->seed);
  reset_peak ();
  return TRUE;
}

static void
show_progress (gpointer user, guint done, guint total)
{
  const Running *r = user;
  cli_progress (r->what, done, total, NULL);
}

static BenchRow
make_row (const Bench *b, const FewDraw *draw, FewMethodResult *result, const GError *problem)
{
  BenchRow row = { .method = g_strdup (b->methods[draw->method]),
                   .shots = draw->shots,
                   .seed = (gint64) draw->seed,
                   .peak_bytes = peak_bytes (),
                   .test = { .accuracy = NAN,
                             .low = NAN,
                             .high = NAN,
                             .balanced = NAN,
                             .log_loss = NAN,
                             .calibration = NAN },
                   .validation = NAN,
                   .cross_validated = NAN,
                   .cross_validated_map = NAN };
  for (guint i = 0; i < draw->task->n; i++)
    row.test.n += draw->task->roles[i] == FEW_ROLE_TEST;
  if (!result)
    {
      row.error = g_strdup (problem->message);
      return row;
    }
  row.test = result->test;
  row.several = g_steal_pointer (&result->several_test);
  if (row.several)
    row.test.n = row.several->n;
  if (result->several_cross_validated)
    row.cross_validated_map = result->several_cross_validated->map;
  row.cross_validated = result->cross_validated.n ? result->cross_validated.accuracy : NAN;
  row.validation = result->accuracy[FEW_ROLE_VALIDATION];
  row.seconds = result->seconds;
  row.parameters = (gint64) result->parameters;
  row.chosen = g_strdup (result->chosen);
  row.too_few = result->too_few;
  return row;
}

static void
print_several (const char *what, const BenchRow *row)
{
  g_autofree char *said = cli_several_describe (row->several);
  g_print ("%s %s, %.2f s%s%s\n", what, said, row->seconds, row->chosen ? "  " : "",
           row->chosen ? row->chosen : "");
}

static void
print_row (const char *what, const BenchRow *row)
{
  const FewScores *test = &row->test;
  if (row->several)
    {
      print_several (what, row);
      return;
    }
  g_print ("%-20s %2u shots, seed %" G_GINT64_FORMAT ": %5.1f %% (%.1f–%.1f), balanced %.1f %%, "
           "log-loss %.3f, %.2f s%s%s%s\n",
           row->method, row->shots, row->seed, 100 * test->accuracy, 100 * test->low,
           100 * test->high, 100 * test->balanced, test->log_loss, row->seconds,
           row->chosen ? "  " : "", row->chosen ? row->chosen : "",
           row->too_few ? "  (too few validation pictures to choose)" : "");
}

static gboolean
take_result (gpointer user, const FewDraw *draw, FewMethodResult *taken, const GError *problem,
             GError **error)
{
  Running *r = user;
  g_autoptr (FewMethodResult) result = taken;
  BenchRow row = make_row (r->bench, draw, result, problem);
  cli_say_notice (r->bench->model);
  cli_progress (NULL, 0, 0, NULL);
  if (!result)
    cli_complain (r->what, problem->message);
  else if (!r->bench->cli->json)
    print_row (r->what, &row);
  if (result && r->bench->dump && !bench_dump (r->bench, draw->task, result, error))
    return FALSE;
  return bench_table_add (r->table, &row, error);
}

/* How many test pictures (of the first draw) have a near-duplicate among those that shots are
 * drawn from. */
static gboolean
say_twins (const Bench *b, const guint32 *groups, GError **error)
{
  guint twins = 0;
  g_autofree guint8 *roles = cli_try_values (b->data.n, 1, error);
  if (!roles)
    return FALSE;
  memcpy (roles, b->pool, b->data.n);
  if (groups && !few_split_keep_together (groups, b->data.n, TRUE, roles, &twins, error))
    return FALSE;
  if (twins > 0 && !b->cli->json)
    g_print ("%u picture%s a twin among the training pictures: a draw that learns from one "
             "leaves the other out.\n",
             twins, twins == 1 ? " has" : "s have");
  return TRUE;
}

/* Folds do not part what draws do not. */
static gboolean
join_groups (const Bench *b, const guint32 *groups, GError **error)
{
  const CliData *data = &b->data;
  if (data->any) /* which are dealt out by the groups as they are */
    return few_groups_join (data->together, groups, data->n, error);
  return few_groups_join_told (data->together, groups, data->labels, b->pool, data->n, error);
}

gboolean
bench_run (Bench *b, BenchTable *table, GError **error)
{
  Running r = { .bench = b, .table = table };
  if (!cli_data_look_at_files (b->cli, &b->data, error))
    return FALSE;
  g_autofree guint32 *groups =
      b->keep_twins ? NULL : cli_data_find_twins (b->cli, b->model, &b->data, error);
  if ((!groups && !b->keep_twins) || !say_twins (b, groups, error)
      || (groups && !join_groups (b, groups, error)))
    return FALSE;
  const FewTask task = { .n = b->data.n,
                         .groups = groups,
                         .together = b->data.together,
                         .n_classes = b->data.n_classes,
                         .features = b->data.features,
                         .labels = b->data.labels,
                         .sets = b->data.sets,
                         .roles = b->pool,
                         .text_features = b->text,
                         .text_raw = b->text_raw,
                         .class_names = (const char *const *) b->data.classes,
                         .paths = (const char *const *) b->data.paths };
  const FewCompareJob job = { .methods = (const char *const *) b->methods,
                              .shots = b->shots,
                              .n_shots = b->n_shots,
                              .seeds = b->seeds,
                              .n_seeds = b->n_seeds,
                              .views = b->views,
                              .halve = b->halve };
  const FewCompareFuncs funcs = { is_wanted, encode_views, take_result, show_progress, &r };
  gboolean ok = few_compare (b->model, &task, &job, &funcs, b->cli->cancellable, error);
  cli_progress (NULL, 0, 0, NULL);
  g_free (r.what);
  g_free (r.views);
  return ok;
}
