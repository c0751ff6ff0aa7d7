/* SPDX-License-Identifier: MIT */
/* Tags among keywords: what a mark says was written here may change; all else stays where it is. */
#include "metadata/keywords.h"
#include <math.h>
#include <string.h>

static const char LETTERS[FEW_KEYWORD_LISTS + 1] = "sht";
enum { SUBJECT, HIERARCHY, TREE };

/* "Fewshot|birds|owl": the root's levels, then the label, which is one level whatever it holds. */
static char *
path_of (const char *root, const char *label)
{
  g_autoptr (GString) path = g_string_new (NULL);
  g_auto (GStrv) levels = g_strsplit_set (root ? root : "", "/|", -1);
  for (char **level = levels; *level; level++)
    if (*g_strstrip (*level))
      g_string_append_printf (path, "%s|", *level);
  g_autofree char *last = g_strdelimit (g_strdup (label), "|", '/');
  g_string_append (path, last);
  return g_string_free (g_steal_pointer (&path), FALSE);
}

/* What a mark's tag is in a list. digiKam has a slash between levels, and none in them. */
static char *
value_in (const FewMark *mark, guint list)
{
  if (list == SUBJECT)
    return g_strdup (mark->members[FEW_MARK_LABEL]);
  g_autofree char *path = g_strdup (mark->members[FEW_MARK_PATH]);
  if (list == HIERARCHY)
    return g_steal_pointer (&path);
  for (char *p = path; *p; p++)
    if (*p == '/')
      *p = '|';
    else if (*p == '|')
      *p = '/';
  return g_steal_pointer (&path);
}

static void
set_member (FewMark *mark, FewMarkMember member, const char *text)
{
  g_free (mark->members[member]);
  mark->members[member] = g_utf8_make_valid (text, -1);
}

static FewMark *
mark_of (const FewTag *tag, const FewTagOptions *options, const char *of)
{
  FewMark *mark = few_mark_new ();
  g_autofree char *path = path_of (options->root, tag->label);
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (digits, sizeof digits, "%.4f",
                   isfinite (tag->probability) ? tag->probability : 0);
  set_member (mark, FEW_MARK_LABEL, tag->label);
  set_member (mark, FEW_MARK_PATH, path);
  set_member (mark, FEW_MARK_PROBABILITY, digits);
  set_member (mark, FEW_MARK_MODEL, options->model ? options->model : "");
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
  set_member (mark, FEW_MARK_DATE, options->date ? options->date : date);
  set_member (mark, FEW_MARK_OF, of);
  return mark;
}

static FewMark *
copy_mark (const FewMark *mark)
{
  FewMark *copy = few_mark_new ();
  for (guint m = 0; m < FEW_MARK_MEMBERS; m++)
    set_member (copy, m, mark->members[m]);
  return copy;
}

/* The date and where it was written are no reason to write again. */
static gboolean
says_the_same (const FewMark *a, const FewMark *b)
{
  for (guint m = FEW_MARK_LABEL; m <= FEW_MARK_MODEL; m++)
    if (!g_str_equal (a->members[m], b->members[m]))
      return FALSE;
  return TRUE;
}

static gboolean
is_mine (const FewMark *mark, const char *of)
{
  const char *owner = mark->members[FEW_MARK_OF];
  return *of == '\0' || *owner == '\0' || g_str_equal (owner, of);
}

static gboolean
finds (const GPtrArray *list, const char *value, guint *index)
{
  return g_ptr_array_find_with_equal_func ((GPtrArray *) list, value, g_str_equal, index);
}

/* Another picture's mark says the same: it stays, and belongs to that one now. */
static gboolean
hand_over (const GPtrArray *kept, const char *value, guint list)
{
  for (guint i = 0; i < kept->len; i++)
    {
      FewMark *mark = kept->pdata[i];
      g_autofree char *other = value_in (mark, list);
      if (!g_str_equal (other, value))
        continue;
      if (!strchr (mark->members[FEW_MARK_WROTE], LETTERS[list]))
        {
          g_autofree char *wrote =
              g_strdup_printf ("%s%c", mark->members[FEW_MARK_WROTE], LETTERS[list]);
          set_member (mark, FEW_MARK_WROTE, wrote);
        }
      return TRUE;
    }
  return FALSE;
}

static void
take_out (FewKeywords *keywords, const FewMark *mark)
{
  for (guint l = 0; l < FEW_KEYWORD_LISTS; l++)
    {
      guint index;
      g_autofree char *value = value_in (mark, l);
      if (strchr (mark->members[FEW_MARK_WROTE], LETTERS[l])
          && finds (keywords->lists[l], value, &index) && !hand_over (keywords->marks, value, l))
        g_ptr_array_remove_index (keywords->lists[l], index);
    }
}

/* Takes the mark. */
static void
put_in (FewKeywords *keywords, FewMark *mark)
{
  g_autoptr (GString) wrote = g_string_new (NULL);
  for (guint l = 0; l < FEW_KEYWORD_LISTS; l++)
    {
      guint index;
      g_autofree char *value = value_in (mark, l);
      if (finds (keywords->lists[l], value, &index))
        continue;
      g_ptr_array_add (keywords->lists[l], g_steal_pointer (&value));
      g_string_append_c (wrote, LETTERS[l]);
    }
  set_member (mark, FEW_MARK_WROTE, wrote->str);
  g_ptr_array_add (keywords->marks, mark);
}

/* In which order is no difference. */
static gboolean
are_there (const GPtrArray *old, const GPtrArray *new)
{
  guint found = 0;
  for (guint i = 0; i < new->len && old->len == new->len; i++)
    for (guint k = 0; k < old->len; k++)
      if (says_the_same (new->pdata[i], old->pdata[k]))
        {
          found++;
          break;
        }
  return old->len == new->len &&found == new->len;
}

FewKeywords *
few_keywords_merge (const FewKeywords *before, const FewTag *tags, guint n_tags,
                    const FewTagOptions *options, const char *of, FewTagsOutcome *outcome)
{
  g_autoptr (FewKeywords) after = few_keywords_new ();
  g_autoptr (GPtrArray) old = g_ptr_array_new_with_free_func (few_mark_free);
  g_autoptr (GPtrArray) new = g_ptr_array_new_with_free_func (few_mark_free);
  for (guint l = 0; l < FEW_KEYWORD_LISTS; l++)
    for (guint i = 0; i < before->lists[l]->len; i++)
      g_ptr_array_add (after->lists[l], g_strdup (before->lists[l]->pdata[i]));
  for (guint i = 0; i < before->marks->len; i++)
    {
      const FewMark *mark = before->marks->pdata[i];
      g_ptr_array_add (is_mine (mark, of) ? old : after->marks, copy_mark (mark));
    }
  for (guint i = 0; i < n_tags; i++)
    g_ptr_array_add (new, mark_of (&tags[i], options, of));
  *outcome = FEW_TAGS_SAME;
  if (are_there (old, new))
    return NULL;
  *outcome = new->len == 0 ? FEW_TAGS_REMOVED : FEW_TAGS_CHANGED;
  if (old->len == 0)
    *outcome = FEW_TAGS_NEW;
  for (guint i = 0; i < old->len; i++)
    take_out (after, old->pdata[i]);
  while (new->len > 0)
    put_in (after, g_ptr_array_steal_index (new, 0));
  return g_steal_pointer (&after);
}
