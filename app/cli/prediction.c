/* SPDX-License-Identifier: MIT */
/* predict, a batch at a time: pictures to parts, parts to features, features to answers. */
#include "cli/prediction.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_PARTS = 4096 };

static void
take_encoded (gpointer user, guint index, const float *feature, const guint8 *hash G_GNUC_UNUSED,
              gboolean from_cache G_GNUC_UNUSED, const GError *error)
{
  Prediction *p = user;
  p->done++;
  if (feature)
    memcpy (p->features + (gsize) index * p->length, feature, p->length * sizeof *feature);
  else
    p->refusals[index] = g_error_copy (error);
  if (!isatty (STDERR_FILENO))
    return;
  double seconds = (double) (g_get_monotonic_time () - p->started) / G_USEC_PER_SEC;
  g_autofree char *line = g_strdup_printf ("%" G_GUINT64_FORMAT " pictures, %.0f a second", p->done,
                                           (double) p->done / MAX (seconds, 1e-3));
  cli_put_progress (line);
}

/* A map that cannot be drawn is told and counted; FALSE when it was stopped. */
static gboolean
draw_heat (Prediction *p, const CliAnswer *answer, GError **error)
{
  const PredictOptions *o = p->options;
  g_autofree char *address = cli_answer_address (answer);
  g_autoptr (GError) local = NULL;
  if (cli_heat_draw (&o->heat, p->cli, o->given.model, o->given.classifier, o->given.alpha, address,
                     answer->order[0], &local))
    return TRUE;
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  p->undrawn++;
  cli_complain ("no heat map:", local->message);
  return TRUE;
}

/* What is known of one picture, or a part of it. */
static gboolean
tell_answer (Prediction *p, const CliAnswer *answer, GError **error)
{
  p->none_of_these += answer->refused;
  if (!cli_acts_do (&p->acts, answer, p->cli->cancellable, error))
    return FALSE;
  if (p->options->heat.folder && !draw_heat (p, answer, error))
    return FALSE;
  gboolean kept = p->info->thresholds ? cli_keep_add_labels (p->keeper, answer, error)
                                      : cli_keep_add (p->keeper, answer, p->judge.top, error);
  return kept && cli_answers_add (p->answers, answer, error);
}

/* Once a picture, whatever was to be cut out of it. */
static gboolean
tell_refusal (Prediction *p, const CliAnswer *answer, GError **error)
{
  if (p->unreadable)
    return TRUE;
  p->unreadable = TRUE;
  p->refused++;
  return cli_keep_add (p->keeper, answer, 0, error) && cli_answers_add (p->answers, answer, error);
}

/* index: of its feature */
static gboolean
answer_part (Prediction *p, const CliPart *part, guint index, GError **error)
{
  CliAnswer answer = { .path = part->path,
                       .box = part->has_box ? part->box : NULL,
                       .found = part->found,
                       .error = part->address ? p->refusals[index] : NULL };
  if (part->first)
    {
      p->unreadable = FALSE;
      p->best.n = 0; /* tiles of a picture that could not be read to its end */
    }
  if (!part->address) /* a detection that is not wanted, or none at all */
    {
      p->empty += part->first && part->last && !part->found;
      return cli_keep_add (p->keeper, &answer, 0, error);
    }
  if (answer.error)
    return tell_refusal (p, &answer, error);
  cli_judge (&p->judge, p->features + (gsize) index * p->length, &answer);
  if (!cli_parts_are_joined (p->cut))
    return tell_answer (p, &answer, error);
  if (p->unreadable)
    return TRUE;
  cli_best_take (&p->best, &answer, part->box);
  if (!part->last || !cli_best_give (&p->best, &answer))
    return TRUE;
  cli_judge_labels (&p->judge, &answer);
  return tell_answer (p, &answer, error);
}

/* One at a time, with the last of its parts: after a kill no more than one is answered again. */
static gboolean
note_answered (Prediction *p, const CliPart *part, GError **error)
{
  return !p->watch || !part->last || ferror (stdout)
         || few_watch_answered (p->watch, part->path, error);
}

static gboolean
predict_batch (Prediction *p, GError **error)
{
  g_autofree char *cache = cli_cache_folder (p->cli);
  guint n = p->paths->len;
  const CliGiven *given = &p->options->given;
  gboolean ok = cli_acts_check (&p->acts, error)
                && few_classifier_encode_files (given->classifier, given->model,
                                                (const char *const *) p->paths->pdata, n, cache,
                                                take_encoded, p, p->cli->cancellable, error);
  cli_progress (NULL, 0, 0, NULL);
  cli_say_notice (given->model);
  guint index = 0;
  for (guint i = 0; i < p->parts->len; i++)
    {
      const CliPart *part = p->parts->pdata[i];
      ok = ok && answer_part (p, part, index, error) && note_answered (p, part, error);
      index += part->address != NULL;
      p->pictures += part->first;
    }
  for (guint i = 0; i < n; i++)
    g_clear_error (&p->refusals[i]);
  g_ptr_array_set_size (p->parts, 0);
  g_ptr_array_set_size (p->paths, 0);
  return ok && (!p->watch || few_watch_done (p->watch, error));
}

/* Takes the path. */
static gboolean
add_picture (Prediction *p, char *path, GError **error)
{
  g_autofree char *own = path;
  g_autoptr (GPtrArray) list = cli_parts_list (p->cut, own);
  if (!list && p->watch)
    {
      cli_log (CLI_INFO, "waits for its boxes:", own);
      g_ptr_array_add (p->held, g_steal_pointer (&own));
      return TRUE;
    }
  p->unknown += list == NULL;
  while (list && list->len > 0)
    {
      CliPart *part = g_ptr_array_steal_index (list, 0);
      g_ptr_array_add (p->parts, part);
      if (part->address)
        g_ptr_array_add (p->paths, part->address);
      gboolean full = p->paths->len == PREDICT_BATCH || p->parts->len >= MOST_PARTS;
      if (full && !predict_batch (p, error))
        return FALSE;
    }
  return TRUE;
}

/* A detector may come behind the camera: what its file did not know is looked for again. */
static gboolean
take_held (Prediction *p, GError **error)
{
  if (p->held->len == 0 || !cli_parts_refresh (p->cut))
    return TRUE;
  g_autoptr (GPtrArray) held = g_steal_pointer (&p->held);
  p->held = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < held->len; i++)
    if (!add_picture (p, g_strdup (held->pdata[i]), error))
      return FALSE;
  return TRUE;
}

static CliSource
next_watched (Prediction *p, gboolean idle, char **path)
{
  gint64 patience = p->held->len > 0 ? G_USEC_PER_SEC : CLI_WATCH_EVER;
  return cli_watch_next (p->watch, idle ? patience : 0, p->cli->cancellable, path);
}

/* Batches are full, unless the next path is not known yet. */
gboolean
cli_prediction_run (Prediction *p, CliSources *sources, GError **error)
{
  CliSource got = CLI_SOURCE_PATH;
  while (got != CLI_SOURCE_END && !ferror (stdout))
    {
      char *path = NULL;
      if (!take_held (p, error))
        return FALSE;
      gboolean idle = p->parts->len == 0;
      got =
          p->watch ? next_watched (p, idle, &path) : cli_sources_next (sources, idle, &path, error);
      if (got == CLI_SOURCE_FAILED || (got == CLI_SOURCE_PATH && !add_picture (p, path, error)))
        return FALSE;
      if (got != CLI_SOURCE_PATH && p->parts->len > 0 && !predict_batch (p, error))
        return FALSE;
    }
  p->cut_off = !p->watch && got != CLI_SOURCE_END;
  return TRUE;
}
