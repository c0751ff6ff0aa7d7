/* SPDX-License-Identifier: MIT */
/* The door to the formats that answers are kept in. */
#include "common/keep-private.h"
#include <stdio.h>
#include <string.h>

const char *
few_keep_format_name (FewKeepFormat format)
{
  static const char *const names[] = { "timelapse", "camtrap-dp", "coco" };
  return format < FEW_KEEP_FORMATS ? names[format] : NULL;
}

FewKeepFormat
few_keep_format_find (const char *name)
{
  FewKeepFormat format = 0;
  g_return_val_if_fail (name, FEW_KEEP_FORMATS);
  while (format < FEW_KEEP_FORMATS && !g_str_equal (few_keep_format_name (format), name))
    format++;
  return format;
}

/* ---- the answers of one picture: what is written depends on all of them */

/* What a copy points to is in one piece with it. */
typedef struct
{
  FewKeptAnswer answer; /* first */
  double box[4];
  FewBoxFound found;
} Copy;

static FewKeptAnswer *
copy_answer (const FewKeptAnswer *answer)
{
  Copy *copy = g_new0 (Copy, 1);
  gsize n = answer->error ? 0 : answer->n;
  copy->answer = *answer;
  copy->answer.path = g_strdup (answer->path);
  copy->answer.error = g_strdup (answer->error);
  copy->answer.n = (guint) n;
  copy->answer.order = g_memdup2 (answer->order, n * sizeof *answer->order);
  copy->answer.probabilities = g_memdup2 (answer->probabilities, n * sizeof *answer->probabilities);
  if (answer->box)
    copy->answer.box = memcpy (copy->box, answer->box, sizeof copy->box);
  if (answer->found)
    {
      copy->found = *answer->found;
      copy->answer.found = &copy->found;
    }
  return &copy->answer;
}

static void
free_copy (gpointer data)
{
  FewKeptAnswer *answer = data;
  g_free ((char *) answer->path);
  g_free ((char *) answer->error);
  g_free ((guint *) answer->order);
  g_free ((double *) answer->probabilities);
  g_free (answer);
}

/* Of the picture that answers come of; NULL: none did. */
static const FewKeptAnswer *
get_first (const FewKeeper *keeper)
{
  return keeper->answers->len > 0 ? keeper->answers->pdata[0] : NULL;
}

static void
hold_answer (FewKeeper *keeper, const FewKeptAnswer *answer)
{
  const FewKeptAnswer *first = get_first (keeper);
  if (first && first->error)
    return;
  if (answer->error)
    g_ptr_array_set_size (keeper->answers, 0);
  g_ptr_array_add (keeper->answers, copy_answer (answer));
}

static gboolean
end_picture (FewKeeper *keeper, GError **error)
{
  gboolean ok = keeper->answers->len == 0 || keeper->kind->add (keeper, keeper->answers, error);
  g_ptr_array_set_size (keeper->answers, 0);
  return ok;
}

/* ---- life */

FewKeeper *
few_keeper_new (const FewKeepOptions *options, GError **error)
{
  static const FewKeepKind *const kinds[] = { &few_keep_timelapse, &few_keep_camtrap,
                                              &few_keep_coco };
  g_return_val_if_fail (options && options->output && options->classes, NULL);
  g_return_val_if_fail (options->format < FEW_KEEP_FORMATS, NULL);
  g_autoptr (FewKeeper) keeper = g_new0 (FewKeeper, 1);
  g_autofree char *whole = g_canonicalize_filename (options->output, NULL);
  gboolean folder = options->format == FEW_KEEP_CAMTRAP;
  keeper->options = *options;
  keeper->kind = kinds[options->format];
  keeper->folder = folder ? g_strdup (whole) : g_path_get_dirname (whole);
  keeper->seen = g_new0 (guint8, g_strv_length ((char **) options->classes) + 1);
  keeper->places = g_ptr_array_new_with_free_func (few_keep_place_free);
  keeper->answers = g_ptr_array_new_with_free_func (free_copy);
  for (guint i = 0; i < FEW_KEEP_FILES; i++)
    keeper->text[i] = g_string_new (NULL);
  return keeper->kind->begin (keeper, error) ? g_steal_pointer (&keeper) : NULL;
}

gboolean
few_keeper_add (FewKeeper *keeper, const FewKeptAnswer *answer, GError **error)
{
  g_return_val_if_fail (keeper && answer && answer->path, FALSE);
  g_return_val_if_fail (answer->error || answer->unasked || answer->n > 0, FALSE);
  const FewKeptAnswer *first = get_first (keeper);
  if (first && !g_str_equal (first->path, answer->path) && !end_picture (keeper, error))
    return FALSE;
  hold_answer (keeper, answer);
  return TRUE;
}

gboolean
few_keeper_finish (FewKeeper *keeper, guint64 *left_out, GError **error)
{
  g_return_val_if_fail (keeper, FALSE);
  if (!end_picture (keeper, error) || !keeper->kind->finish (keeper, error))
    return FALSE;
  if (left_out)
    *left_out = keeper->left_out;
  for (guint i = 0; i < FEW_KEEP_FILES; i++)
    if (keeper->files[i] && !few_atomic_file_commit (keeper->files[i], error))
      return FALSE;
  return TRUE;
}

guint64
few_keeper_count_elsewhere (const FewKeeper *keeper)
{
  g_return_val_if_fail (keeper, 0);
  return keeper->elsewhere;
}

void
few_keeper_free (FewKeeper *keeper)
{
  for (guint i = 0; i < FEW_KEEP_FILES; i++)
    {
      g_clear_pointer (&keeper->files[i], few_atomic_file_free);
      g_string_free (keeper->text[i], TRUE);
    }
  if (keeper->second)
    fclose (keeper->second);
  g_free (keeper->folder);
  g_free (keeper->seen);
  g_ptr_array_unref (keeper->places);
  g_ptr_array_unref (keeper->answers);
  g_free (keeper);
}
