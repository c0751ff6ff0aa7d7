/* SPDX-License-Identifier: MIT */
/* Keywords to and from XMP. */
#include "metadata/keywords.h"
#include "base/error.h"
#include <string.h>

enum { MOST_MARKS = 10000 };

static const char *const LISTS[FEW_KEYWORD_LISTS] = { "Xmp.dc.subject",
                                                      "Xmp.lr.hierarchicalSubject",
                                                      "Xmp.digiKam.TagsList" };
static const char MARKS[] = "Xmp.fewshot.Tags";
static const char *const MEMBERS[FEW_MARK_MEMBERS] = { "Label", "Path", "Probability", "Model",
                                                       "Date",  "Of",   "Wrote" };

void
few_mark_free (gpointer data)
{
  FewMark *mark = data;
  for (guint i = 0; i < FEW_MARK_MEMBERS; i++)
    g_free (mark->members[i]);
  g_free (mark);
}

FewMark *
few_mark_new (void)
{
  FewMark *mark = g_new0 (FewMark, 1);
  for (guint i = 0; i < FEW_MARK_MEMBERS; i++)
    mark->members[i] = g_strdup ("");
  return mark;
}

FewKeywords *
few_keywords_new (void)
{
  FewKeywords *keywords = g_new0 (FewKeywords, 1);
  for (guint l = 0; l < FEW_KEYWORD_LISTS; l++)
    keywords->lists[l] = g_ptr_array_new_with_free_func (g_free);
  keywords->marks = g_ptr_array_new_with_free_func (few_mark_free);
  return keywords;
}

void
few_keywords_free (FewKeywords *keywords)
{
  for (guint l = 0; l < FEW_KEYWORD_LISTS; l++)
    g_ptr_array_unref (keywords->lists[l]);
  g_ptr_array_unref (keywords->marks);
  g_free (keywords);
}

static char *
member_name (guint number, guint member)
{
  return g_strdup_printf ("%s[%u]/fewshot:%s", MARKS, number, MEMBERS[member]);
}

FewKeywords *
few_keywords_read (FewXmp *xmp, GError **error)
{
  g_autoptr (FewKeywords) keywords = few_keywords_new ();
  for (guint l = 0; l < FEW_KEYWORD_LISTS; l++)
    {
      g_auto (GStrv) values = few_xmp_get_list (xmp, LISTS[l]);
      if (few_xmp_has_members (xmp, LISTS[l]))
        {
          few_fail (error, UNSUPPORTED,
                    "Its list of keywords %s has more to it than words, which would be lost: it is "
                    "left as it is.",
                    LISTS[l]);
          return NULL;
        }
      for (char **value = values; *value; value++)
        g_ptr_array_add (keywords->lists[l], g_strdup (*value));
    }
  for (guint number = 1;; number++)
    {
      g_autofree char *label_name = member_name (number, FEW_MARK_LABEL);
      g_autofree char *label = few_xmp_get_text (xmp, label_name);
      if (!label)
        return g_steal_pointer (&keywords);
      if (number > MOST_MARKS)
        break;
      FewMark *mark = few_mark_new ();
      for (guint m = 0; m < FEW_MARK_MEMBERS; m++)
        {
          g_autofree char *name = member_name (number, m);
          char *text = few_xmp_get_text (xmp, name);
          if (text)
            {
              g_free (mark->members[m]);
              mark->members[m] = text;
            }
        }
      g_ptr_array_add (keywords->marks, mark);
    }
  few_fail (error, LIMIT, "There are more than %d marks of Fewshot.", MOST_MARKS);
  return NULL;
}

/* ---- writing */

static gboolean
is_same_list (const GPtrArray *a, const GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    if (!g_str_equal (a->pdata[i], b->pdata[i]))
      return FALSE;
  return TRUE;
}

gboolean
few_keywords_equal (const FewKeywords *a, const FewKeywords *b)
{
  gboolean same = a->marks->len == b->marks->len;
  for (guint l = 0; l < FEW_KEYWORD_LISTS; l++)
    same = same && is_same_list (a->lists[l], b->lists[l]);
  for (guint i = 0; same && i < a->marks->len; i++)
    for (guint m = 0; m < FEW_MARK_MEMBERS; m++)
      same = same
             && g_str_equal (((const FewMark *) a->marks->pdata[i])->members[m],
                             ((const FewMark *) b->marks->pdata[i])->members[m]);
  return same;
}

static gboolean
write_marks (const GPtrArray *marks, FewXmp *xmp, GError **error)
{
  if (marks->len == 0)
    few_xmp_remove_bag (xmp, MARKS);
  else if (!few_xmp_begin_bag (xmp, MARKS, error))
    return FALSE;
  for (guint i = 0; i < marks->len; i++)
    for (guint m = 0; m < FEW_MARK_MEMBERS; m++)
      {
        const FewMark *mark = marks->pdata[i];
        g_autofree char *name = member_name (i + 1, m);
        gboolean told = m == FEW_MARK_LABEL || *mark->members[m];
        if (told && !few_xmp_set_text (xmp, name, mark->members[m], error))
          return FALSE;
      }
  return TRUE;
}

gboolean
few_keywords_write (const FewKeywords *keywords, const FewKeywords *before, FewXmp *xmp,
                    GError **error)
{
  for (guint l = 0; l < FEW_KEYWORD_LISTS; l++)
    {
      if (is_same_list (keywords->lists[l], before->lists[l]))
        continue;
      g_autoptr (GPtrArray) values = g_ptr_array_new ();
      g_ptr_array_extend (values, keywords->lists[l], NULL, NULL);
      g_ptr_array_add (values, NULL);
      if (!few_xmp_set_list (xmp, LISTS[l], (const char *const *) values->pdata, error))
        return FALSE;
    }
  return write_marks (keywords->marks, xmp, error);
}
