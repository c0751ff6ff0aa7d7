/* SPDX-License-Identifier: MIT */
/* Which keywords the pictures below a folder have, and those of them that a person takes for
 * classes. */
#include <fewshot/labels.h>
#include "base/error.h"
#include "base/words.h"
#include "task/dataset.h"
#include <fewshot/tags.h>
#include <fewshot/walk.h>
#include <string.h>

enum { MOST_NOTES = 20 };

typedef struct
{
  char *path;
  GStrv words;
} Tagged;

struct FewKeywordSurvey
{
  char *folder;        /* for sentences */
  GPtrArray *pictures; /* Tagged *: those that have some */
  GPtrArray *list;     /* FewKeyword * */
  GPtrArray *notes;    /* char * */
  guint unread;
};

static void
tagged_free (gpointer data)
{
  Tagged *tagged = data;
  g_free (tagged->path);
  g_strfreev (tagged->words);
  g_free (tagged);
}

static void
keyword_free (gpointer data)
{
  FewKeyword *keyword = data;
  g_free (keyword->word);
  g_free (keyword);
}

void
few_keyword_survey_free (FewKeywordSurvey *survey)
{
  g_free (survey->folder);
  g_ptr_array_unref (survey->pictures);
  g_ptr_array_unref (survey->list);
  g_ptr_array_unref (survey->notes);
  g_free (survey);
}

const GPtrArray *
few_keyword_survey_list (const FewKeywordSurvey *survey)
{
  g_return_val_if_fail (survey != NULL, NULL);
  return survey->list;
}

static int
by_count (gconstpointer a, gconstpointer b)
{
  const FewKeyword *one = *(FewKeyword *const *) a;
  const FewKeyword *two = *(FewKeyword *const *) b;
  return one->n == two->n ? strcmp (one->word, two->word) : (one->n < two->n) - (one->n > two->n);
}

static void
count_words (FewKeywordSurvey *survey, GHashTable *counts, const Tagged *tagged)
{
  for (char **word = tagged->words; *word; word++)
    {
      FewKeyword *keyword = g_hash_table_lookup (counts, *word);
      if (!keyword)
        {
          keyword = g_new (FewKeyword, 1);
          *keyword = (FewKeyword) { g_strdup (*word), 0 };
          g_ptr_array_add (survey->list, keyword);
          g_hash_table_insert (counts, keyword->word, keyword);
        }
      keyword->n++;
    }
}

static void
look_at (FewKeywordSurvey *survey, GHashTable *counts, char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *mine = path;
  g_auto (GStrv) words = few_tags_read (mine, &error);
  if (!words)
    {
      survey->unread++;
      if (survey->notes->len < MOST_NOTES)
        g_ptr_array_add (survey->notes, g_strdup (error->message));
    }
  else if (words[0])
    {
      Tagged *tagged = g_new (Tagged, 1);
      *tagged = (Tagged) { g_steal_pointer (&mine), g_steal_pointer (&words) };
      g_ptr_array_add (survey->pictures, tagged);
      count_words (survey, counts, tagged);
    }
}

FewKeywordSurvey *
few_keyword_survey_new (const char *folder, void (*progress) (gpointer user, guint done),
                        gpointer user, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (folder != NULL, NULL);
  if (!few_tags_available (error))
    return NULL;
  g_autoptr (FewKeywordSurvey) survey = g_new0 (FewKeywordSurvey, 1);
  g_autoptr (FewWalk) walk = few_walk_new (folder, NULL);
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) local = NULL;
  survey->folder = g_filename_display_name (folder);
  survey->pictures = g_ptr_array_new_with_free_func (tagged_free);
  survey->list = g_ptr_array_new_with_free_func (keyword_free);
  survey->notes = g_ptr_array_new_with_free_func (g_free);
  char *name;
  for (guint done = 0; (name = few_walk_next (walk, &local)); done++)
    {
      g_autofree char *mine = name;
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (progress)
        progress (user, done);
      look_at (survey, counts, g_build_filename (folder, mine, NULL));
    }
  g_ptr_array_sort (survey->list, by_count);
  if (!local && survey->list->len == 0)
    few_fail (&local, INPUT, "No picture below %s has a keyword.", survey->folder);
  if (!local)
    return g_steal_pointer (&survey);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* labels [words]: those of the chosen words that a picture has; how many. */
static guint
find_matches (const Tagged *tagged, GHashTable *chosen, guint32 *labels)
{
  guint n = 0;
  for (char **word = tagged->words; *word; word++)
    {
      gpointer value;
      if (g_hash_table_lookup_extended (chosen, *word, NULL, &value))
        labels[n++] = GPOINTER_TO_UINT (value);
    }
  return n;
}

static int
by_bytes (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static void
note_picture (FewDataset *dataset, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);
  dataset->left_out++;
  if (dataset->notes->len < MOST_NOTES)
    g_ptr_array_add (dataset->notes,
                     g_strdup_printf (_ ("%s has several classes and is left out."), shown));
}

static gboolean
add_tagged (FewDataset *dataset, GHashTable *chosen, const Tagged *tagged, GError **error)
{
  g_autofree guint32 *labels = g_new (guint32, g_strv_length (tagged->words) + 1);
  guint n = find_matches (tagged, chosen, labels);
  if (dataset->any)
    return few_dataset_add_any (dataset, g_strdup (tagged->path), labels, n, FEW_ROLE_TRAIN, error);
  if (n == 1)
    return few_dataset_add (dataset, g_strdup (tagged->path), labels[0], FEW_ROLE_TRAIN, error);
  if (n > 1)
    {
      dataset->several++;
      note_picture (dataset, tagged->path);
    }
  return TRUE;
}

static FewDataset *
choose (const FewKeywordSurvey *survey, const char *const *words, gboolean any, GError **error)
{
  g_autoptr (FewDataset) dataset = few_dataset_new ();
  g_autoptr (GHashTable) chosen = g_hash_table_new (g_str_hash, g_str_equal);
  dataset->any = any;
  for (; *words; words++)
    if (g_hash_table_add (chosen, (char *) *words))
      g_ptr_array_add (dataset->classes, g_strdup (*words));
  g_ptr_array_sort (dataset->classes, by_bytes);
  for (guint i = 0; i < dataset->classes->len; i++)
    g_hash_table_replace (chosen, dataset->classes->pdata[i], GUINT_TO_POINTER (i));
  for (guint i = 0; i < survey->notes->len; i++)
    g_ptr_array_add (dataset->notes, g_strdup (survey->notes->pdata[i]));
  dataset->left_out = survey->unread;
  for (guint i = 0; i < survey->pictures->len; i++)
    if (!add_tagged (dataset, chosen, survey->pictures->pdata[i], error))
      return NULL;
  return g_steal_pointer (&dataset);
}

FewDataset *
few_keyword_survey_choose (const FewKeywordSurvey *survey, const char *const *words, GError **error)
{
  g_return_val_if_fail (survey != NULL && words != NULL, NULL);
  g_autoptr (FewDataset) dataset = choose (survey, words, FALSE, error);
  if (!dataset || dataset->pictures->len > 0)
    return g_steal_pointer (&dataset);
  few_fail (error, INPUT, "No picture below %s has exactly one of these keywords.", survey->folder);
  return NULL;
}

FewDataset *
few_keyword_survey_choose_any (const FewKeywordSurvey *survey, const char *const *words,
                               GError **error)
{
  g_return_val_if_fail (survey != NULL && words != NULL, NULL);
  g_autoptr (FewDataset) dataset = choose (survey, words, TRUE, error);
  for (guint i = 0; dataset && i < dataset->pictures->len; i++)
    if (((FewDataPicture *) dataset->pictures->pdata[i])->n_labels > 0)
      return g_steal_pointer (&dataset);
  if (dataset)
    few_fail (error, INPUT, "No picture below %s has one of these keywords.", survey->folder);
  return NULL;
}
