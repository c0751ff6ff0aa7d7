/* SPDX-License-Identifier: MIT */
/* What happens to a text before it is split. Nothing here depends on the locale. */
#include "text/bert-characters.h"
#include "text/clean.h"
#include "text/codepoints.h"
#include "text/pipeline.h"
#include <string.h>

static const char mark[] = "▁"; /* SentencePiece's for a space */

/* Bytes that a step gives at most: a prompt has some hundred, and each step could double them. */
enum { MOST = 1 << 18 };

gboolean
few_character_is_white (gunichar c)
{
  return few_codepoint_is_space (c) && !(c >= 0x1c && c <= 0x1f);
}

/* ---- SentencePiece (its normalizer.cc, as behaviour) */

static void
append_marked (GString *out, const char *text, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (text[i] == ' ')
      g_string_append (out, mark);
    else
      g_string_append_c (out, text[i]);
}

static void
trim_marks (GString *out)
{
  gsize n = strlen (mark);
  while (out->len >= n && memcmp (out->str + out->len - n, mark, n) == 0)
    g_string_truncate (out, out->len - n);
}

static void
apply_sentencepiece (const FewStep *step, const char *text, GString *out)
{
  gsize left = strlen (text);
  gboolean after_space = step->squeeze;
  gboolean begun = FALSE;
  while (left > 0 && out->len < MOST)
    {
      gsize used;
      gsize n;
      const char *next = few_charsmap_longest (step->charsmap, text, left, &used, &n);
      gboolean space = n == 1 && *next == ' ';
      text += used;
      left -= used;
      if (!begun && step->squeeze && space)
        continue;
      if (!begun && step->prefix)
        g_string_append (out, mark);
      begun = TRUE;
      while (after_space && n > 0 && *next == ' ')
        {
          next++;
          n--;
        }
      append_marked (out, next, n);
      if (n > 0)
        after_space = step->squeeze && next[n - 1] == ' ';
    }
  if (step->squeeze)
    trim_marks (out);
}

/* ---- the others */

static void
apply_characters (FewStepKind kind, const char *text, GString *out)
{
  for (const char *p = text; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gboolean clean = kind == FEW_STEP_BERT_CLEAN;
      if (kind == FEW_STEP_LOWER)
        few_text_add_lower (out, c);
      else if (kind == FEW_STEP_STRIP_MARKS && g_unichar_ismark (c))
        continue;
      else if (kind == FEW_STEP_BERT_MARKS && few_bert_is_mark (c))
        continue;
      else if (clean && (few_bert_is_control (c) || c == 0xfffd))
        continue;
      else if (clean && few_character_is_white (c))
        g_string_append_c (out, ' ');
      else
        g_string_append_unichar (out, c);
    }
}

static void
apply_chinese (const char *text, GString *out)
{
  for (const char *p = text; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gboolean chinese = few_bert_is_chinese (c);
      g_string_append (out, chinese ? " " : "");
      g_string_append_unichar (out, c);
      g_string_append (out, chinese ? " " : "");
    }
}

static void
apply_strip (const FewStep *step, const char *text, GString *out)
{
  const char *end = text + strlen (text);
  while (step->left && *text && few_character_is_white (g_utf8_get_char (text)))
    text = g_utf8_next_char (text);
  while (step->right && end > text
         && few_character_is_white (g_utf8_get_char (g_utf8_prev_char (end))))
    end = g_utf8_prev_char (end);
  g_string_append_len (out, text, end - text);
}

static void
apply_replace (const FewStep *step, const char *text, GString *out)
{
  if (step->pattern)
    {
      g_autofree char *made =
          g_regex_replace_literal (step->pattern, text, -1, 0, step->with, 0, NULL);
      g_string_append (out, made ? made : text);
      return;
    }
  for (gsize n = strlen (step->text); *text && out->len < MOST;)
    {
      gboolean here = n > 0 && strncmp (text, step->text, n) == 0;
      const char *next = here ? text + n : g_utf8_next_char (text);
      if (here)
        g_string_append (out, step->with);
      else
        g_string_append_len (out, text, next - text);
      text = next;
    }
}

static void
apply_form (const FewStep *step, const char *text, GString *out)
{
  g_autofree char *made = g_utf8_normalize (text, -1, step->form);
  g_string_append (out, made ? made : text);
}

static void
apply (const FewStep *step, const char *text, GString *out)
{
  switch (step->kind)
    {
    case FEW_STEP_CHARSMAP:
      few_charsmap_apply (step->charsmap, text, out);
      break;
    case FEW_STEP_SENTENCEPIECE:
      apply_sentencepiece (step, text, out);
      break;
    case FEW_STEP_LOWER:
    case FEW_STEP_STRIP_MARKS:
    case FEW_STEP_BERT_MARKS:
    case FEW_STEP_BERT_CLEAN:
      apply_characters (step->kind, text, out);
      break;
    case FEW_STEP_COMPOSE:
      apply_form (step, text, out);
      break;
    case FEW_STEP_STRIP:
      apply_strip (step, text, out);
      break;
    case FEW_STEP_REPLACE:
      apply_replace (step, text, out);
      break;
    case FEW_STEP_PREPEND:
      g_string_append (out, *text ? step->with : "");
      g_string_append (out, text);
      break;
    case FEW_STEP_BERT_CJK:
      apply_chinese (text, out);
      break;
    default:
      g_assert_not_reached ();
    }
}

char *
few_steps_apply (const GArray *steps, const char *text)
{
  g_autofree char *now = g_strdup (text);
  for (guint i = 0; i < steps->len; i++)
    {
      GString *out = g_string_new (NULL);
      apply (&g_array_index (steps, FewStep, i), now, out);
      if (out->len > MOST)
        g_string_truncate (out, (gsize) (g_utf8_prev_char (out->str + MOST + 1) - out->str));
      g_free (now);
      now = g_string_free (out, FALSE);
    }
  return g_steal_pointer (&now);
}
