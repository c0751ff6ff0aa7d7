/* SPDX-License-Identifier: MIT */
/* How a text becomes words. */
#include "text/bert-characters.h"
#include "text/pipeline.h"
#include <string.h>

static void
add_word (GPtrArray *words, const char *start, const char *end)
{
  if (end > start)
    g_ptr_array_add (words, g_strndup (start, (gsize) (end - start)));
}

static void
split_spaces (const char *text, gboolean at_punctuation, GPtrArray *words)
{
  const char *start = text;
  const char *p = text;
  while (*p)
    {
      gunichar c = g_utf8_get_char (p);
      const char *next = g_utf8_next_char (p);
      gboolean white = few_character_is_white (c);
      gboolean alone = !white && at_punctuation && few_bert_is_punctuation (c);
      if (white || alone)
        {
          add_word (words, start, p);
          add_word (words, p, alone ? next : p);
          start = next;
        }
      p = next;
    }
  add_word (words, start, p);
}

static char *
mark_spaces (const FewSplit *split, const char *text, gboolean first)
{
  g_auto (GStrv) parts = g_strsplit (text, " ", -1);
  g_autofree char *marked = g_strjoinv (split->text, parts);
  gboolean prefix =
      (split->prefix == FEW_PREFIX_ALWAYS || (split->prefix == FEW_PREFIX_FIRST && first))
      && !g_str_has_prefix (marked, split->text);
  return g_strconcat (prefix ? split->text : "", marked, NULL);
}

/* Each mark begins a word. */
static void
split_marks (const FewSplit *split, const char *text, gboolean first, GPtrArray *words)
{
  g_autofree char *marked = mark_spaces (split, text, first);
  const char *start = marked;
  const char *p = marked;
  gsize n = strlen (split->text);
  while (*p)
    {
      gboolean here = split->split && strncmp (p, split->text, n) == 0;
      if (here)
        {
          add_word (words, start, p);
          start = p;
        }
      p = here ? p + n : g_utf8_next_char (p);
    }
  add_word (words, start, p);
}

/* Each `text` ends a word. */
static void
split_behind (const FewSplit *split, const char *text, GPtrArray *words)
{
  const char *start = text;
  gsize n = strlen (split->text);
  for (const char *p = text; n > 0 && (p = strstr (p, split->text));)
    {
      p += n;
      add_word (words, start, p);
      start = p;
    }
  add_word (words, start, start + strlen (start));
}

static GPtrArray *
apply (const FewSplit *split, const GPtrArray *words, gboolean first)
{
  GPtrArray *made = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < words->len; i++)
    {
      const char *word = words->pdata[i];
      if (split->kind == FEW_SPLIT_METASPACE)
        split_marks (split, word, first && i == 0, made);
      else if (split->kind == FEW_SPLIT_TEXT)
        split_behind (split, word, made);
      else
        split_spaces (word, split->kind == FEW_SPLIT_BERT, made);
    }
  return made;
}

GPtrArray *
few_splits_apply (const GArray *splits, const char *text, gboolean first)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (words, g_strdup (text));
  for (guint i = 0; i < splits->len; i++)
    {
      GPtrArray *next = apply (&g_array_index (splits, FewSplit, i), words, first);
      g_ptr_array_unref (words);
      words = next;
    }
  return words;
}
