/* SPDX-License-Identifier: MIT */
/* Predictions as they are shown and written. */
#include "cli/answers.h"
#include "common/csv.h"
#include <math.h>

/* One object of JSON is held in memory until the end. */
enum { MOST_NUMBERS = 20 * 1000 * 1000, FLUSHED = 1 << 16 };

struct CliAnswers
{
  CliAnswerOptions options;
  JsonBuilder *builder; /* of --json */
  guint64 numbers;      /* in it */
  FewAtomicFile *file;  /* of --csv */
  GString *csv;         /* not written yet */
};

/* "nut, washer" */
static char *
name_set (const CliAnswerOptions *o, const CliAnswer *a, const char *between)
{
  GString *names = g_string_new (NULL);
  for (guint i = 0; i < a->n_set; i++)
    g_string_append_printf (names, "%s%s", i ? between : "", o->info->classes[a->set[i]]);
  return g_string_free (names, FALSE);
}

/* ---- CSV */

static const char *const BOX_COLUMNS[] = { "box x", "box y", "box width", "box height" };

static void
put_csv_head (const CliAnswers *answers)
{
  const CliAnswerOptions *o = &answers->options;
  few_csv_text (answers->csv, "path");
  few_csv_text (answers->csv, o->info->thresholds ? "labels" : "class");
  few_csv_text (answers->csv, o->info->thresholds ? "probabilities" : "probability");
  if (o->rejects)
    few_csv_text (answers->csv, "refused");
  if (o->sets)
    few_csv_text (answers->csv, "set");
  for (guint i = 0; o->boxes && i < G_N_ELEMENTS (BOX_COLUMNS); i++)
    few_csv_text (answers->csv, BOX_COLUMNS[i]);
  for (guint i = 1; o->top_given && i <= o->top; i++)
    g_string_append_printf (answers->csv, "class %u,probability %u,", i, i);
  few_csv_end (answers->csv);
}

/* "cat;dog" and "0.930000;0.610000": as files of labels have several */
static void
put_csv_labels (GString *csv, const CliAnswerOptions *o, const CliAnswer *a)
{
  g_autofree char *names = name_set (o, a, ";");
  g_autoptr (GString) numbers = g_string_new (NULL);
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  for (guint i = 0; i < a->n_set; i++)
    g_string_append_printf (
        numbers, "%s%s", i ? ";" : "",
        g_ascii_formatd (number, sizeof number, "%.6f", (double) a->probabilities[a->set[i]]));
  few_csv_text (csv, names);
  few_csv_text (csv, numbers->str);
}

static void
put_csv_line (const CliAnswers *answers, const CliAnswer *a)
{
  const CliAnswerOptions *o = &answers->options;
  GString *csv = answers->csv;
  g_autofree char *shown = g_filename_display_name (a->path);
  few_csv_text (csv, shown);
  if (o->info->thresholds)
    put_csv_labels (csv, o, a);
  else
    {
      few_csv_text (csv, a->refused ? "" : o->info->classes[a->order[0]]);
      few_csv_number (csv, a->probabilities[a->order[0]]);
    }
  if (o->rejects)
    few_csv_text (csv, a->refused ? "true" : "false");
  g_autofree char *set = name_set (o, a, ", ");
  if (o->sets)
    few_csv_text (csv, set);
  for (guint i = 0; o->boxes && i < G_N_ELEMENTS (BOX_COLUMNS); i++)
    few_csv_number (csv, a->box ? a->box[i] : NAN);
  for (guint i = 0; o->top_given && i < o->top; i++)
    {
      few_csv_text (csv, o->info->classes[a->order[i]]);
      few_csv_number (csv, a->probabilities[a->order[i]]);
    }
  few_csv_end (csv);
}

static gboolean
flush_csv (CliAnswers *answers, GError **error)
{
  gboolean ok = few_atomic_file_write (answers->file, answers->csv->str, answers->csv->len, error);
  g_string_truncate (answers->csv, 0);
  return ok;
}

/* ---- JSON */

static void
add_numbers (JsonBuilder *builder, const char *name, const float *values, guint n)
{
  cli_json_array (builder, name);
  for (guint i = 0; i < n; i++)
    json_builder_add_double_value (builder, values[i]);
  json_builder_end_array (builder);
}

static void
add_top (JsonBuilder *builder, const CliAnswerOptions *o, const CliAnswer *a)
{
  cli_json_array (builder, "top");
  for (guint i = 0; i < o->top; i++)
    {
      json_builder_begin_object (builder);
      cli_json_string (builder, "class", o->info->classes[a->order[i]]);
      cli_json_number (builder, "probability", a->probabilities[a->order[i]]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/* Those that the picture has: an empty array says that it has none. */
static void
add_labels (JsonBuilder *builder, const CliAnswerOptions *o, const CliAnswer *a)
{
  cli_json_array (builder, "labels");
  for (guint i = 0; i < a->n_set; i++)
    {
      json_builder_begin_object (builder);
      cli_json_string (builder, "label", o->info->classes[a->set[i]]);
      cli_json_number (builder, "probability", (double) a->probabilities[a->set[i]]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/* σ (logit_scale · cosine + logit_bias): as sure as the model is of that class, whatever the
 * others are. */
static double
find_alone (const CliAnswerOptions *o, double cosine)
{
  return 1 / (1 + exp (-(o->info->logit_scale * cosine + o->alone->logit_bias)));
}

static void
add_alone (JsonBuilder *builder, const CliAnswerOptions *o, const CliAnswer *a)
{
  cli_json_array (builder, "alone");
  for (guint c = 0; c < o->info->n_classes; c++)
    json_builder_add_double_value (builder, find_alone (o, a->cosines[c]));
  json_builder_end_array (builder);
}

/* Which part of the picture it is of, and what detected that. */
static void
add_box (JsonBuilder *builder, const CliAnswer *a)
{
  if (!a->box)
    return;
  cli_json_array (builder, "box");
  for (guint i = 0; i < 4; i++)
    json_builder_add_double_value (builder, a->box[i]);
  json_builder_end_array (builder);
  if (a->found)
    cli_json_number (builder, "box_confidence", a->found->confidence);
}

/* The members of one prediction; `index` is of the nearest class even where it is refused. */
static void
add_prediction (JsonBuilder *builder, const CliAnswerOptions *o, const CliAnswer *a)
{
  guint best = a->order[0];
  g_autofree char *shown = g_filename_display_name (a->path);
  if (*a->path)
    cli_json_string (builder, "path", shown);
  add_box (builder, a);
  if (o->info->thresholds)
    add_labels (builder, o, a);
  else
    {
      cli_json_string (builder, "class", a->refused ? "" : o->info->classes[best]);
      cli_json_int (builder, "index", best);
    }
  if (o->rejects)
    {
      json_builder_set_member_name (builder, "refused");
      json_builder_add_boolean_value (builder, a->refused);
    }
  if (o->sets)
    {
      cli_json_array (builder, "set");
      for (guint i = 0; i < a->n_set; i++)
        json_builder_add_string_value (builder, o->info->classes[a->set[i]]);
      json_builder_end_array (builder);
    }
  if (o->top_given)
    add_top (builder, o, a);
}

static gboolean
add_to_object (CliAnswers *answers, const CliAnswer *a, GError **error)
{
  const CliAnswerOptions *o = &answers->options;
  answers->numbers += 2 * (guint64) o->info->n_classes;
  if (answers->numbers > MOST_NUMBERS)
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_LIMIT,
                   "These are too many predictions for one JSON object. Use --json-lines.");
      return FALSE;
    }
  json_builder_begin_object (answers->builder);
  add_prediction (answers->builder, o, a);
  if (!o->info->thresholds)
    add_numbers (answers->builder, "cosines", a->cosines, o->info->n_classes);
  add_numbers (answers->builder, "probabilities", a->probabilities, o->info->n_classes);
  if (o->alone)
    add_alone (answers->builder, o, a);
  json_builder_end_object (answers->builder);
  return TRUE;
}

char *
cli_answer_to_json (const CliAnswerOptions *o, const CliAnswer *a)
{
  g_autoptr (JsonBuilder) builder = cli_json_begin ();
  g_autofree char *shown = g_filename_display_name (a->path);
  if (a->error)
    {
      cli_json_string (builder, "path", shown);
      add_box (builder, a);
      cli_json_string (builder, "error", a->error->message);
    }
  else
    {
      add_prediction (builder, o, a);
      if (!o->info->thresholds)
        {
          cli_json_number (builder, "cosine", a->cosines[a->order[0]]);
          cli_json_number (builder, "probability", a->probabilities[a->order[0]]);
        }
      if (o->alone)
        cli_json_number (builder, "alone", find_alone (o, a->cosines[a->order[0]]));
    }
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

static void
print_json_line (const CliAnswerOptions *o, const CliAnswer *a)
{
  g_autofree char *text = cli_answer_to_json (o, a);
  cli_put_json (text);
}

/* ---- lines */

char *
cli_answer_address (const CliAnswer *a)
{
  FewCrop crop;
  if (!a->box || !few_crop_clip (&crop, a->box[0], a->box[1], a->box[2], a->box[3]))
    return g_strdup (a->path);
  return few_address_new (a->path, &crop);
}

static char *
name_part (const CliAnswer *a)
{
  g_autofree char *address = cli_answer_address (a);
  return a->box ? few_address_shown (address) : g_strdup (a->path);
}

/* "a.jpg: cat (93.0 %), dog (61.0 %)" */
static void
print_labels (const CliAnswerOptions *o, const CliAnswer *a)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *address = name_part (a);
  g_autofree char *file = few_text_shown (address);
  for (guint i = 0; i < a->n_set; i++)
    {
      g_autofree char *name = few_text_shown (o->info->classes[a->set[i]]);
      g_string_append_printf (line, "%s%s (%.1f %%)", i ? ", " : "", name,
                              100 * (double) a->probabilities[a->set[i]]);
    }
  if (a->n_set == 0)
    {
      g_autofree char *name = few_text_shown (o->info->classes[a->order[0]]);
      g_string_append_printf (line, "none of the labels (nearest %s, %.1f %%)", name,
                              100 * (double) a->probabilities[a->order[0]]);
    }
  g_print ("%s: %s\n", file, line->str);
}

static void
print_line (const CliAnswerOptions *o, const CliAnswer *a)
{
  guint best = a->order[0];
  if (o->info->thresholds)
    {
      print_labels (o, a);
      return;
    }
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *address = name_part (a);
  g_autofree char *file = few_text_shown (address);
  g_autofree char *name = few_text_shown (o->info->classes[best]);
  if (a->refused)
    g_string_append_printf (line, "%s: none of these (nearest %s, cosine %.3f)", file, name,
                            a->cosines[best]);
  else
    g_string_append_printf (line, "%s: %s (cosine %.3f, probability %.1f %%)", file, name,
                            a->cosines[best], 100 * a->probabilities[best]);
  if (o->alone)
    g_string_append_printf (line, ", alone %.1f %%", 100 * find_alone (o, a->cosines[best]));
  for (guint i = 1; i < o->top; i++)
    {
      g_autofree char *other = few_text_shown (o->info->classes[a->order[i]]);
      g_string_append_printf (line, ", %s (%.1f %%)", other, 100 * a->probabilities[a->order[i]]);
    }
  g_autofree char *set = name_set (o, a, ", ");
  g_autofree char *set_shown = few_text_shown (set);
  if (o->sets && !a->refused)
    g_string_append_printf (line, a->n_set > 1 ? "; one of: %s" : "; no other than %s", set_shown);
  g_print ("%s\n", line->str);
}

/* ---- all of them */

CliAnswers *
cli_answers_new (const CliAnswerOptions *options, GError **error)
{
  g_autoptr (FewAtomicFile) file = NULL;
  if (options->csv && !(file = few_atomic_file_new (options->csv, error)))
    return NULL;
  CliAnswers *answers = g_new0 (CliAnswers, 1);
  answers->options = *options;
  answers->file = g_steal_pointer (&file);
  answers->csv = g_string_new (NULL);
  put_csv_head (answers);
  if (!options->json)
    return answers;
  answers->builder = cli_json_begin ();
  cli_json_number (answers->builder, "alpha", options->alpha);
  cli_json_array (answers->builder, "classes");
  for (guint i = 0; i < options->info->n_classes; i++)
    json_builder_add_string_value (answers->builder, options->info->classes[i]);
  json_builder_end_array (answers->builder);
  cli_json_array (answers->builder, "predictions");
  return answers;
}

gboolean
cli_answers_add (CliAnswers *answers, const CliAnswer *answer, GError **error)
{
  const CliAnswerOptions *o = &answers->options;
  if (answer->error)
    {
      cli_complain ("refused:", answer->error->message);
      if (o->json_lines)
        print_json_line (o, answer);
      return TRUE;
    }
  if (o->json_lines)
    print_json_line (o, answer);
  else if (!o->json)
    print_line (o, answer);
  if (o->json && !add_to_object (answers, answer, error))
    return FALSE;
  if (!answers->file)
    return TRUE;
  put_csv_line (answers, answer);
  return answers->csv->len < FLUSHED || flush_csv (answers, error);
}

gboolean
cli_answers_finish (CliAnswers *answers, const CliAnswerCount *counts, GError **error)
{
  JsonBuilder *builder = g_steal_pointer (&answers->builder);
  if (answers->file
      && (!flush_csv (answers, error) || !few_atomic_file_commit (answers->file, error)))
    {
      g_clear_object (&builder);
      return FALSE;
    }
  if (!builder)
    return TRUE;
  json_builder_end_array (builder);
  for (; counts->name; counts++)
    cli_json_int (builder, counts->name, (gint64) counts->n);
  cli_json_end (builder);
  return TRUE;
}

void
cli_answers_free (CliAnswers *answers)
{
  g_clear_object (&answers->builder);
  g_clear_pointer (&answers->file, few_atomic_file_free);
  g_string_free (answers->csv, TRUE);
  g_free (answers);
}
