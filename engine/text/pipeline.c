/* SPDX-License-Identifier: MIT */
/* The order of the steps, and the symbols that are found before them. */
#include "text/pipeline.h"
#include <string.h>

static void
clear_step (gpointer data)
{
  FewStep *step = data;
  g_clear_pointer (&step->charsmap, few_charsmap_free);
  g_clear_pointer (&step->pattern, g_regex_unref);
  g_free (step->text);
  g_free (step->with);
}

static void
clear_split (gpointer data)
{
  g_free (((FewSplit *) data)->text);
}

static void
clear_added (gpointer data)
{
  g_free (((FewAdded *) data)->text);
}

FewPipeline *
few_pipeline_new (void)
{
  FewPipeline *pipeline = g_new0 (FewPipeline, 1);
  pipeline->steps = g_array_new (FALSE, TRUE, sizeof (FewStep));
  g_array_set_clear_func (pipeline->steps, clear_step);
  pipeline->splits = g_array_new (FALSE, TRUE, sizeof (FewSplit));
  g_array_set_clear_func (pipeline->splits, clear_split);
  pipeline->added = g_array_new (FALSE, TRUE, sizeof (FewAdded));
  g_array_set_clear_func (pipeline->added, clear_added);
  pipeline->before = g_array_new (FALSE, FALSE, sizeof (gint32));
  pipeline->after = g_array_new (FALSE, FALSE, sizeof (gint32));
  return pipeline;
}

void
few_pipeline_free (FewPipeline *pipeline)
{
  g_array_unref (pipeline->steps);
  g_array_unref (pipeline->splits);
  g_array_unref (pipeline->added);
  g_array_unref (pipeline->before);
  g_array_unref (pipeline->after);
  g_clear_pointer (&pipeline->pieces, few_pieces_free);
  g_free (pipeline->lead);
  g_free (pipeline);
}

FewStep *
few_pipeline_add_step (FewPipeline *pipeline, FewStepKind kind)
{
  guint n = pipeline->steps->len;
  g_array_set_size (pipeline->steps, n + 1);
  FewStep *step = &g_array_index (pipeline->steps, FewStep, n);
  step->kind = kind;
  return step;
}

FewSplit *
few_pipeline_add_split (FewPipeline *pipeline, FewSplitKind kind, const char *text)
{
  guint n = pipeline->splits->len;
  g_array_set_size (pipeline->splits, n + 1);
  FewSplit *split = &g_array_index (pipeline->splits, FewSplit, n);
  *split = (FewSplit) { kind, g_strdup (text), FEW_PREFIX_ALWAYS, TRUE };
  return split;
}

FewAdded *
few_pipeline_add_symbol (FewPipeline *pipeline, const char *text, gint32 id, gboolean left)
{
  FewAdded added = { .text = g_strdup (text), .id = id, .left = left };
  g_array_append_val (pipeline->added, added);
  return &g_array_index (pipeline->added, FewAdded, pipeline->added->len - 1);
}

void
few_pipeline_finish (FewPipeline *pipeline)
{
  for (guint i = 0; i < pipeline->added->len; i++)
    {
      FewAdded *added = &g_array_index (pipeline->added, FewAdded, i);
      char *text = added->normalized ? few_steps_apply (pipeline->steps, added->text) : NULL;
      if (!text)
        continue;
      g_free (added->text);
      added->text = text;
    }
}

/* ---- symbols in a text */

static gboolean
is_word (gunichar c)
{
  return g_unichar_isalnum (c) || g_unichar_ismark (c)
         || g_unichar_type (c) == G_UNICODE_CONNECT_PUNCTUATION;
}

static gboolean
stands_alone (const char *text, const char *at, const char *end)
{
  return !(at > text && is_word (g_utf8_get_char (g_utf8_prev_char (at))))
         && !(*end && is_word (g_utf8_get_char (end)));
}

/* The longest symbol that begins at `at`. */
static const FewAdded *
match_at (const GArray *list, gboolean normalized, const char *text, const char *at)
{
  const FewAdded *best = NULL;
  gsize most = 0;
  for (guint i = 0; i < list->len; i++)
    {
      const FewAdded *added = &g_array_index (list, FewAdded, i);
      gsize n = *at == *added->text ? strlen (added->text) : 0;
      if (!added->hidden && added->normalized == normalized && n > most
          && strncmp (at, added->text, n) == 0)
        {
          best = added;
          most = n;
        }
    }
  return best && (!best->word || stands_alone (text, at, at + most)) ? best : NULL;
}

typedef void (*PartFunc) (const FewPipeline *pipeline, const char *part, gboolean first,
                          FewIds *ids);

static void
pass (const FewPipeline *pipeline, const char *start, const char *end, gboolean first,
      PartFunc func, FewIds *ids)
{
  if (end <= start)
    return;
  g_autofree char *part = g_strndup (start, (gsize) (end - start));
  func (pipeline, part, first, ids);
}

/* Calls `func` with what lies between the symbols. */
static void
cut_out (const FewPipeline *pipeline, gboolean normalized, const char *text, gboolean first,
         PartFunc func, FewIds *ids)
{
  const char *start = text;
  const char *p = text;
  while (*p)
    {
      const FewAdded *found = match_at (pipeline->added, normalized, text, p);
      if (!found)
        {
          p = g_utf8_next_char (p);
          continue;
        }
      const char *end = p;
      while (found->left && end > start
             && few_character_is_white (g_utf8_get_char (g_utf8_prev_char (end))))
        end = g_utf8_prev_char (end);
      pass (pipeline, start, end, first && start == text, func, ids);
      g_array_append_val (ids, found->id);
      p += strlen (found->text);
      while (found->right && *p && few_character_is_white (g_utf8_get_char (p)))
        p = g_utf8_next_char (p);
      start = p;
    }
  pass (pipeline, start, p, first && start == text, func, ids);
}

static void
encode_words (const FewPipeline *pipeline, const char *part, gboolean first, FewIds *ids)
{
  g_autoptr (GPtrArray) words = few_splits_apply (pipeline->splits, part, first);
  for (guint i = 0; i < words->len; i++)
    {
      const char *word = words->pdata[i];
      if (*word)
        pipeline->pieces->kind->encode (pipeline->pieces, word, strlen (word), ids);
    }
}

static void
encode_part (const FewPipeline *pipeline, const char *part, gboolean first, FewIds *ids)
{
  g_autofree char *text = few_steps_apply (pipeline->steps, part);
  cut_out (pipeline, TRUE, text, first, encode_words, ids);
}

void
few_pipeline_encode (const FewPipeline *pipeline, const char *text, FewIds *ids)
{
  guint before = ids->len;
  g_autofree char *led = g_strconcat (pipeline->lead ? pipeline->lead : "", text, NULL);
  cut_out (pipeline, FALSE, led, TRUE, encode_part, ids);
  if (pipeline->lead && ids->len - before >= pipeline->n_lead)
    g_array_remove_range (ids, before, pipeline->n_lead);
}
