/* SPDX-License-Identifier: MIT */
/* Project files: what is written is read as it was, what is not known stays, what is wrong is
 * refused with its name. */
#include "worker/compared.h"
#include <fewshot.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static const char WHOLE[] =
    "{\"fewshot\": 1, \"later\": {\"a\": [1, null]}, \"template\": \"a {}.\", \"alpha\": 0.25, "
    "\"model\": \"/m\",\n"
    " \"settings\": {\"folders\": true, \"epochs\": 7, \"tempo\": [3], \"optimizer\": \"sgd\"},\n"
    " \"classes\": [{\"id\": 3, \"name\": \"가\", \"colour\": \"red\"}, {\"id\": 4, \"name\": "
    "\"b\", \"prompt\": \"the b\"}],\n"
    " \"pictures\": [{\"id\": 9, \"class\": 1, \"path\": \"b/x.png\", \"excluded\": true, "
    "\"note\": \"n\"}, {\"id\": 2, \"class\": 0, \"path\": \"/far/y.png\"},\n"
    "   {\"id\": 5, \"class\": 0, \"path\": \"file:///far/%FF.png\"}],\n"
    " \"runs\": [{\"title\": \"r\", \"settings\": {}, \"classes\": [\"가\", \"b\"], \"prompts\": "
    "[\"\", \"the b\"], \"template\": \"a {}.\",\n"
    "   \"history\": [[1.5, 0.5, null]], \"ids\": [9, 2], \"labels\": [1, 0], \"roles\": \"te\", "
    "\"dim\": 1, \"hidden\": 1, \"weights\": \"AACAPwAAAEA=\",\n"
    "   \"mood\": 1}]}";

static FewProject *
parse (const char *json, GError **error)
{
  return few_project_from_json (json, strlen (json), "p.fewshot", "/home/x", error);
}

static void
test_round_trip (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FewProject) project = parse (WHOLE, &error);
  g_assert_no_error (error);
  const FewProjectPicture *pictures = (gconstpointer) project->pictures->data;
  g_assert_cmpuint (project->pictures->len, ==, 3);
  g_assert_cmpstr (pictures[0].path, ==, "/home/x/b/x.png");
  g_assert_true (pictures[0].excluded && pictures[0].id == 9 && pictures[0].label == 1);
  g_assert_cmpstr (pictures[2].path, ==, "/far/\xff.png");
  g_assert_cmpuint (project->job.options.epochs, ==, 7);
  g_assert_cmpint (project->job.options.optimizer, ==, FEW_OPTIMIZER_SGD);
  g_assert_true (project->job.folders);
  const FewProjectRun *run = project->runs->pdata[0];
  g_assert_false (run->job.folders);
  g_assert_cmpfloat (run->weights[0], ==, 1);
  g_assert_cmpfloat (run->weights[1], ==, 2);
  g_assert_true (run->roles[0] == FEW_ROLE_TRAIN && run->roles[1] == FEW_ROLE_TEST);
  g_assert_cmpstr (run->prompts[1], ==, "the b");
  g_assert_null (run->prompts[0]);
  g_autofree char *first = few_project_to_json (project, "/home/x");
  g_autoptr (FewProject) again = parse (first, &error);
  g_assert_no_error (error);
  g_autofree char *second = few_project_to_json (again, "/home/x");
  g_assert_cmpstr (first, ==, second);
  static const char *const kept[] = { "\"later\"",       "\"colour\"",          "\"note\"",
                                      "\"mood\"",        "\"tempo\":[3]",       "\"b/x.png\"",
                                      "\"/far/y.png\"",  "file:///far/%FF.png", "AACAPwAAAEA=",
                                      "\"folders\":true" };
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    g_assert_nonnull (strstr (first, kept[i]));
  /* the project and its pictures move together */
  g_autoptr (FewProject) moved =
      few_project_from_json (first, strlen (first), "p.fewshot", "/elsewhere", &error);
  g_assert_cmpstr (g_array_index (moved->pictures, FewProjectPicture, 0).path, ==,
                   "/elsewhere/b/x.png");
  g_assert_cmpstr (g_array_index (moved->pictures, FewProjectPicture, 1).path, ==, "/far/y.png");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *json, *says;
  } cases[] = {
    { "", "JSON object" },
    { "[1]", "JSON object" },
    { "{\"fewshot\": 1} {}", "behind its end" },
    { "{\"fewshot\": 1, \"template\": \"\\ud83d {}\"}", "half of a character" },
    { "{\"fewshot\": 1, \"template\": \"\\ude00\\ud83d {}\"}", "half of a character" },
    { "{\"fewshot\": 1, \"template\": \"\\ud80n {}\"}", "half of a character" },
    { "{\"fewshot\": 3}", "newer Fewshot" },
    { "{\"fewshot\": 1, \"alpha\": 3}", "alpha" },
    { "{\"fewshot\": 1, \"alpha\": \"x\"}", "alpha" },
    { "{\"fewshot\": 1, \"template\": \"no braces\"}", "template" },
    { "{\"fewshot\": 1, \"settings\": {\"epochs\": -1}}", "epochs" },
    { "{\"fewshot\": 1, \"settings\": {\"optimizer\": \"lion\"}}", "optimizer" },
    { "{\"fewshot\": 1, \"classes\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}", "class" },
    { "{\"fewshot\": 1, \"classes\": [{\"name\": \"a\", \"id\": 1}, {\"name\": \"b\", \"id\": 1}]}",
      "class" },
    { "{\"fewshot\": 1, \"classes\": [7]}", "classes" },
    { "{\"fewshot\": 1, \"pictures\": [{\"class\": 0, \"path\": \"x\"}]}", "picture" },
    { "{\"fewshot\": 1, \"classes\": [{\"name\": \"a\"}], \"pictures\": [{\"class\": 0}]}",
      "picture" },
    { "{\"fewshot\": 1, \"classes\": [{\"name\": \"a\"}], \"pictures\": [{\"class\": 0, \"path\": "
      "\"x\"}, {\"class\": 0, \"path\": \"y\", \"id\": 1}]}",
      "picture" },
    { "{\"fewshot\": 1, \"pictures\": 7}", "pictures" },
    { "{\"fewshot\": 1, \"pictures\": [7]}", "pictures" },
    { "{\"fewshot\": 1, \"pictures\": [{}", "a bracket is missing" },
    { "{\"fewshot\": 1, \"pictures\": [}, \"alpha\": 1}", "JSON" },
    { "{\"fewshot\": 1, \"pictures\": [{} {}]}", "not valid JSON" },
    { "{\"fewshot\": 1, \"pictures\": [][{}]}", "a comma or a bracket is missing" },
    { "{\"fewshot\": 1, \"pictures\": []:[]}", "a comma or a bracket is missing" },
    { "{\"fewshot\": 1, \"pictures\": [} true []}", "a comma or a bracket is missing" },
    { "{\"fewshot\": 1, \"none_of_these\": [{\"path\": \"x\"}][{}]}",
      "a comma or a bracket is missing" },
    { "{\"fewshot\": 1, \"pictures\": [{},]}", "a value is missing" },
    { "{\"fewshot\": 1, \"pictures\": [,{}]}", "a value is missing" },
    { "{\"fewshot\": 1, \"pictures\": [{\"id\" 1}]}", "not valid JSON" },
    { "{\"fewshot\": 1, \"none_of_these\": [{\"id\": 1]}]}", "JSON" },
    { "{\"fewshot\": 1, \"none_of_these\": [{\"id\": 1}]}", "path of a picture" },
    { "{\"fewshot\": 1, \"runs\": [{\"roles\": \"tt\", \"ids\": [1]}]}", "ids" },
    { "{\"fewshot\": 1, \"runs\": [{\"roles\": \"t\", \"ids\": [1], \"labels\": [5], \"classes\": "
      "[\"a\"], \"prompts\": [\"\"]}]}",
      "labels" },
    { "{\"fewshot\": 1, \"runs\": [{\"classes\": [\"a\"], \"prompts\": []}]}", "prompts" },
    { "{\"fewshot\": 1, \"runs\": [{\"history\": [[1, 2]]}]}", "history" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (FewProject) project = parse (cases[i].json, &error);
      if (project)
        g_error ("%s is taken", cases[i].json);
      if (!strstr (error->message, cases[i].says) || !strstr (error->message, "p.fewshot"))
        g_error ("%s: %s", cases[i].json, error->message);
    }
}

static char *
make_long (guint n, const char *fault)
{
  GString *json = g_string_new ("{\"fewshot\":1,\"pictures\" : [ ");
  for (guint i = 0; i < n; i++)
    g_string_append_printf (json, "{\"class\":%u,\"note\":\"],[{\\\"%u\",\"path\":\"p%u\"}%s",
                            i % 2, i, i, i + 1 < n ? " ,\n" : "");
  g_string_append_printf (
      json,
      "%s ] ,\"classes\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"pictures of late\":[1],"
      "\"none_of_these\":[{\"path\":\"n\"}]}",
      fault);
  return g_string_free (json, FALSE);
}

/* More pictures than are read at a time, whatever number is left for the last time: all are there,
 * in their order, and what follows them; a fault behind the first thousands is found, too. */
static void
test_long (void)
{
  static const guint numbers[] = { 0, 1, 999, 1000, 1001, 2000, 2500 };
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr (GError) error = NULL;
      guint n = numbers[i];
      g_autofree char *json = make_long (n, "");
      g_autofree char *bad = make_long (n, n ? ",{\"class\":true}" : "{\"class\":true}");
      g_autofree char *open = make_long (n, n ? "," : ",,");
      g_autofree char *twice = make_long (n, "][");
      g_autoptr (FewProject) project = parse (json, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (project->pictures->len, ==, n + 1);
      for (guint p = 0; p < n; p++)
        {
          const FewProjectPicture *picture =
              &g_array_index (project->pictures, FewProjectPicture, p);
          g_autofree char *path = g_strdup_printf ("/home/x/p%u", p);
          g_autofree char *note = g_strdup_printf ("{\"note\":\"],[{\\\"%u\"}", p);
          g_assert_cmpstr (picture->path, ==, path);
          g_assert_cmpstr (picture->unknown, ==, note);
          g_assert_cmpuint (picture->id, ==, p + 1);
          g_assert_cmpuint (picture->label, ==, p % 2);
        }
      g_assert_cmpint (g_array_index (project->pictures, FewProjectPicture, n).use, ==,
                       FEW_USE_NONE);
      g_assert_nonnull (strstr (project->unknown, "pictures of late"));
      g_autofree char *first = few_project_to_json (project, "/home/x");
      g_autoptr (FewProject) again = parse (first, &error);
      g_assert_no_error (error);
      g_autofree char *second = few_project_to_json (again, "/home/x");
      g_assert_cmpstr (first, ==, second);
      g_assert_cmpuint (again->pictures->len, ==, n + 1);
      for (guint p = 0; p <= n; p++)
        g_assert_cmpstr (g_array_index (again->pictures, FewProjectPicture, p).path, ==,
                         g_array_index (project->pictures, FewProjectPicture, p).path);
      g_assert_null (parse (bad, &error));
      g_assert_nonnull (strstr (error->message, "“class”"));
      g_clear_error (&error);
      g_assert_null (parse (open, &error));
      g_assert_nonnull (strstr (error->message, "a value is missing"));
      g_clear_error (&error);
      g_assert_null (parse (twice, &error));
      g_assert_nonnull (strstr (error->message, "a comma or a bracket is missing"));
    }
}

/* ---- comparisons */

/* Two pictures, 5 and 9; `more` goes into what was found. */
static char *
make_compared (const char *kind, const char *truth, const char *more)
{
  return g_strdup_printf (
      "{\"fewshot\": 1, \"comparison\": {%s \"methods\": [\"gda\", \"of tomorrow\"], \"shots\": "
      "[1, 4], \"seeds\": 2, \"classes\": [\"a\", \"b\"], \"class_ids\": [7, 3], \"pictures\": "
      "\"BQAAAAkAAAA=\", \"truth\": \"%s\", \"mood\": [1], \"found\": [{\"method\": 0, \"shots\": "
      "4, "
      "\"seed\": 1, \"most_shots\": 3, \"seconds\": 0.5, \"parameters\": 6, \"too_few\": true, "
      "\"chosen\": \"c=1\" %s}, {\"method\": 1, \"shots\": 1, \"seed\": 2, \"reason\": \"No.\"}]}}",
      kind, truth, more);
}

/* The comparison of a project that is read, written, and read again to the same bytes. */
static FewProjectComparison *
read_compared (const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FewProject) project = parse (json, &error);
  g_assert_no_error (error);
  g_assert_false (project->repaired);
  g_assert_null (project->unknown);
  g_autofree char *first = few_project_to_json (project, NULL);
  g_autoptr (FewProject) again = parse (first, &error);
  g_assert_no_error (error);
  g_autofree char *second = few_project_to_json (again, NULL);
  g_assert_cmpstr (first, ==, second);
  g_assert_nonnull (strstr (first, "\"mood\":[1]"));
  return few_project_comparison_ref (again->comparison);
}

static void
test_compared (void)
{
  g_autofree char *json =
      make_compared ("", "AAAAAAEAAAA=",
                     ", \"test\": 2, \"right\": 1, \"says\": \"AQAAAAEAAAA=\", \"grid_rows\": 1, "
                     "\"grid_columns\": 1, \"grid_row\": \"alpha\", \"grid_column\": \"beta\", "
                     "\"grid\": \"AAAAAAAA4D8AAAAAAADwPwAAAAAAAOg/\"");
  g_autoptr (FewProjectComparison) comparison = read_compared (json);
  g_assert_cmpstr (comparison->methods[1], ==, "of tomorrow");
  g_assert_cmpuint (comparison->shots[1], ==, 4);
  g_assert_cmpstr (comparison->names[1], ==, "b");
  g_assert_cmpuint (comparison->class_ids[0], ==, 7);
  g_assert_true (comparison->n == 2 && comparison->ids[0] == 5 && comparison->ids[1] == 9);
  g_assert_true (comparison->labels[0] == 0 && comparison->labels[1] == 1);
  const FewProjectCompared *found = (gconstpointer) comparison->found->data;
  g_assert_cmpuint (comparison->found->len, ==, 2);
  g_assert_true (found[0].n_test == 2 && found[0].right == 1 && found[0].most_shots == 3);
  g_assert_true (found[0].predicted[0] == 1 && found[0].predicted[1] == 1);
  g_assert_cmpstr (found[0].chosen, ==, "c=1");
  g_assert_cmpuint (found[0].parameters, ==, 6);
  g_assert_true (found[0].too_few && isnan (found[0].map));
  g_assert_cmpstr (found[1].reason, ==, "No.");
  g_autoptr (FewCompared) one = few_compared_restore (comparison, &found[0]);
  g_assert_cmpfloat (one->result->accuracy[FEW_ROLE_TEST], ==, .5);
  g_assert_cmpfloat (one->result->test.low, <, .5);
  g_assert_true (one->n == 2 && one->result->predicted[0] == 1 && one->ids[1] == 9);
  const FewGrid *grid = &one->result->grid;
  g_assert_true (grid->rows == 1 && grid->columns == 1 && grid->row_values[0] == .5);
  g_assert_true (grid->column_values[0] == 1 && grid->accuracy[0] == .75);
  g_assert_cmpstr (grid->column_name, ==, "beta");
  g_autoptr (FewCompared) none = few_compared_restore (comparison, &found[1]);
  g_assert_null (none->result);
  g_assert_cmpstr (none->reason, ==, "No.");
}

static double *
copy_doubles (const double *values, gsize n)
{
  return g_memdup2 (values, n * sizeof *values);
}

/* Three pictures, of which the last two are tested on; settings were chosen by a grid. */
static FewCompared *
make_one (void)
{
  static const double ROWS[] = { .25, .5 };
  static const double ACCURACY[] = { 0, 1, NAN, .5, .25, .125 };
  static const double COLUMNS[] = { 1, 2, 3 };
  static const guint32 IDS[] = { 4, 8, 6 };
  static const guint32 LABELS[] = { 0, 1, 0 };
  static const guint32 SAID[] = { 1, 1, 1 };
  static const guint8 ROLES[] = { FEW_ROLE_TRAIN, FEW_ROLE_TEST, FEW_ROLE_TEST };
  FewCompared *one = few_compared_new ();
  one->shots = 4;
  one->seed = 1;
  one->n = G_N_ELEMENTS (IDS);
  one->ids = g_memdup2 (IDS, sizeof IDS);
  one->labels = g_memdup2 (LABELS, sizeof LABELS);
  one->roles = g_memdup2 (ROLES, sizeof ROLES);
  one->result = g_new0 (FewMethodResult, 1);
  one->result->predicted = g_memdup2 (SAID, sizeof SAID);
  one->result->test = (FewScores) { .n = 2, .right = 1 };
  one->result->grid = (FewGrid) { "a",
                                  "b",
                                  G_N_ELEMENTS (ROWS),
                                  G_N_ELEMENTS (COLUMNS),
                                  copy_doubles (ROWS, G_N_ELEMENTS (ROWS)),
                                  copy_doubles (COLUMNS, G_N_ELEMENTS (COLUMNS)),
                                  copy_doubles (ACCURACY, G_N_ELEMENTS (ACCURACY)) };
  return one;
}

/* What a method found goes into a project and comes out of its file. */
static void
test_compared_kept (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *bare = make_compared ("", "AAAAAAEAAAA=", "");
  g_autoptr (FewProject) project = parse (bare, &error);
  g_assert_no_error (error);
  FewProjectComparison *comparison = project->comparison;
  g_array_set_size (comparison->found, 0);
  comparison->n = 0;
  g_clear_pointer (&comparison->ids, g_free);
  g_clear_pointer (&comparison->labels, g_free);
  g_autoptr (FewCompared) one = make_one ();
  few_project_comparison_add (comparison, 1, one, TRUE);
  g_autofree char *json = few_project_to_json (project, NULL);
  g_autoptr (FewProject) again = parse (json, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->comparison->found->len, ==, 1);
  g_autoptr (FewCompared) back = few_compared_restore (
      again->comparison, &g_array_index (again->comparison->found, FewProjectCompared, 0));
  g_assert_true (back->method == 1 && back->shots == 4 && back->seed == 1 && back->n == 2);
  g_assert_true (back->ids[0] == 8 && back->ids[1] == 6 && back->labels[0] == 1);
  g_assert_true (back->result->predicted[1] == 1 && back->roles[0] == FEW_ROLE_TEST);
  const FewGrid *grid = &back->result->grid;
  const FewGrid *before = &one->result->grid;
  g_assert_true (grid->rows == 2 && grid->columns == 3);
  g_assert_cmpstr (grid->row_name, ==, "a");
  g_assert_cmpmem (grid->row_values, 2 * sizeof (double), before->row_values, 2 * sizeof (double));
  g_assert_cmpmem (grid->column_values, 3 * sizeof (double), before->column_values,
                   3 * sizeof (double));
  g_assert_cmpmem (grid->accuracy, 6 * sizeof (double), before->accuracy, 6 * sizeof (double));
}

/* The first picture is of both, the second of none; the method says the second class of each. */
static void
test_compared_sets (void)
{
  g_autofree char *json = make_compared ("\"labels\": \"any\",", "AgAAAAAAAAAAAAAAAQAAAA==",
                                         ", \"map\": 0.75, \"says\": \"AQAAAAEAAAABAAAAAQAAAA==\"");
  guint n;
  g_autoptr (FewProjectComparison) comparison = read_compared (json);
  const FewProjectCompared *found = (gconstpointer) comparison->found->data;
  g_assert_true (comparison->any && few_label_sets_hold (comparison->sets, 0, 0));
  few_label_sets_get (comparison->sets, 1, &n);
  g_assert_cmpuint (n, ==, 0);
  g_assert_true (few_label_sets_hold (found[0].said, 1, 1));
  g_assert_false (few_label_sets_hold (found[0].said, 1, 0));
  g_autoptr (FewCompared) one = few_compared_restore (comparison, &found[0]);
  g_assert_cmpfloat (one->result->several_test->map, ==, .75);
  g_assert_true (isnan (one->result->several_test->macro_f1));
  g_assert_true (few_label_sets_hold (one->said, 0, 1) && one->sets->n == 2);
}

/* Where too much was said of too many pictures to be kept, the numbers are. */
static void
test_compared_bare (void)
{
  g_autofree char *json = make_compared ("", "", ", \"test\": 2, \"right\": 1");
  g_auto (GStrv) halves = g_strsplit (json, "BQAAAAkAAAA=", 2);
  g_autofree char *bare = g_strconcat (halves[0], halves[1], NULL);
  g_autoptr (FewProjectComparison) comparison = read_compared (bare);
  g_assert_true (comparison->n == 0 && comparison->found->len == 2);
  g_autoptr (FewCompared) one =
      few_compared_restore (comparison, &g_array_index (comparison->found, FewProjectCompared, 0));
  g_assert_true (one->n == 0 && !one->ids && one->result->test.right == 1);
}

/* One that cannot be used goes: the project opens, and a copy of its file is asked for. */
static void
test_compared_damaged (void)
{
  static const char *const cases[][3] = {
    { "", "AAAAAAIAAAA=", "" },                              /* a class that is not there */
    { "", "AAAAAA==", "" },                                  /* of one picture */
    { "", "AAAAAAEAAAA=", ", \"says\": \"AQAAAA==\"" },      /* of one picture */
    { "", "AAAAAAEAAAA=", ", \"right\": 3, \"test\": 2" },   /* more than all */
    { "", "AAAAAAEAAAA=", ", \"seconds\": -1" },
    { "", "AAAAAAEAAAA=", "}, {\"method\": 2" },
    { "", "AAAAAAEAAAA=", "}, {\"seed\": 3" },
    { "\"methods\": [], ", "AAAAAAEAAAA=", "}], \"methods\": [], \"more\": [{" },
    { "", "AAAAAAEAAAA=", "}], \"shots\": [4, 1], \"more\": [{" },
    { "", "AAAAAAEAAAA=", "}], \"shots\": [0, 1], \"more\": [{" },
    { "", "AAAAAAEAAAA=", "}], \"shots\": [], \"more\": [{" },
    { "", "AAAAAAEAAAA=", "}], \"shots\": [1, 100001], \"more\": [{" },
    { "", "AAAAAAEAAAA=", "}, {\"shots\": 100001" },
    { "\"labels\": \"any\",", "AgAAAAAAAAAAAAAA", "" },      /* a label is missing */
    { "\"labels\": \"any\",", "/////wAAAAAAAAAA", "" },      /* so many are not there */
    { "\"labels\": \"any\",", "AAAAAAAAAAAAAAAA", "" },      /* one too many */
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *json = make_compared (cases[i][0], cases[i][1], cases[i][2]);
      g_autoptr (FewProject) project = parse (json, &error);
      g_assert_no_error (error);
      if (project->comparison || !project->repaired)
        g_error ("%s is taken", json);
    }
}

/* Both halves of a character are one; weights of another size are forgotten, not refused. */
static void
test_taken (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FewProject) whole =
      parse ("{\"fewshot\": 1, \"template\": \"{} \\ud83d\\ude00\"}", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (whole->template_text, ==, "{} 😀");
  g_autoptr (FewProject) project = parse (
      "{\"fewshot\": 1, \"runs\": [{\"dim\": 2, \"hidden\": 2, \"weights\": \"AACAPwAAAEA=\"}]}",
      &error);
  g_assert_no_error (error);
  g_assert_null (((FewProjectRun *) project->runs->pdata[0])->weights);
  /* nor lost: a copy of the file is asked for, and they are written as they were */
  g_autofree char *json = few_project_to_json (project, NULL);
  g_assert_true (project->repaired);
  g_assert_nonnull (strstr (json, "AACAPwAAAEA="));
}

/* What could not be read again is not written: the old weights go first, then it is a sentence. */
static void
test_too_large (void)
{
  enum { PROMPT = 60 << 20, SIDE = 2800 };
  g_autofree char *folder = g_dir_make_tmp ("fewshot-projects-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "p.fewshot", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (FewProject) project = parse (WHOLE, NULL);
  FewProjectClass *klass = project->classes->pdata[0];
  FewProjectRun *run = project->runs->pdata[0];
  g_free (klass->prompt);
  klass->prompt = g_strnfill (PROMPT, 'p');
  g_free (run->weights);
  run->weights = g_new0 (float, 2 * SIDE * SIDE);
  run->dim = SIDE;
  run->hidden = SIDE;
  g_assert_true (few_project_save (project, path, &error));
  g_autoptr (FewProject) again = few_project_load (path, &error);
  g_assert_no_error (error);
  g_assert_null (((FewProjectRun *) again->runs->pdata[0])->weights);
  GStatBuf before, after;
  g_assert_cmpint (g_stat (path, &before), ==, 0);
  g_free (klass->prompt);
  klass->prompt = g_strnfill (130 << 20, 'p');
  g_assert_false (few_project_save (project, path, &error));
  g_assert_nonnull (strstr (error->message, "too large"));
  g_assert_cmpint (g_stat (path, &after), ==, 0);
  g_assert_cmpuint (before.st_ino, ==, after.st_ino);
  g_unlink (path);
  g_rmdir (folder);
}

/* A save that cannot be is a sentence and leaves the old file. */
static void
test_save (void)
{
  g_autofree char *folder = g_dir_make_tmp ("fewshot-projects-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "p.fewshot", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (FewProject) project = parse (WHOLE, NULL);
  g_assert_true (few_project_save (project, path, &error));
  g_autoptr (FewProject) again = few_project_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->pictures->len, ==, 3);
  g_assert_false (few_project_save (project, "/nonexistent/folder/p.fewshot", &error));
  g_assert_nonnull (strstr (error->message, "/nonexistent/folder/p.fewshot"));
  g_clear_error (&error);
  g_assert_null (few_project_load ("/nonexistent/p.fewshot", &error));
  g_assert_nonnull (strstr (error->message, "/nonexistent/p.fewshot"));
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/projects/round-trip", test_round_trip);
  g_test_add_func ("/projects/refused", test_refused);
  g_test_add_func ("/projects/long", test_long);
  g_test_add_func ("/projects/compared", test_compared);
  g_test_add_func ("/projects/compared-kept", test_compared_kept);
  g_test_add_func ("/projects/compared-sets", test_compared_sets);
  g_test_add_func ("/projects/compared-bare", test_compared_bare);
  g_test_add_func ("/projects/compared-damaged", test_compared_damaged);
  g_test_add_func ("/projects/taken", test_taken);
  g_test_add_func ("/projects/too-large", test_too_large);
  g_test_add_func ("/projects/save", test_save);
  return g_test_run ();
}
