/* SPDX-License-Identifier: MIT */
/* Folders of labelled pictures for other programs. */
#include "common/labelled.h"
#include "common/crop-file.h"
#include "common/csv.h"
#include "common/keep-private.h"
#include "common/labelled-card.h"
#include "common/markdown.h"
#include "common/sorter.h"
#include <config.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

enum { SPLITS = 3 };

typedef struct
{
  const FewDataset *set;
  const char *output;
  guint8 *roles;                /* [pictures] */
  const char *const *names;     /* [SPLITS] of folders, as FewRole counts */
  FewSorter *sorters[SPLITS];
  GString *tables[SPLITS];      /* metadata.csv or .jsonl; NULL: none */
  guint counts[SPLITS];
  void (*progress) (gpointer user, guint done);
  gpointer user;
  GCancellable *cancellable;
  FewLabelledDone *done;
  gboolean link;
  char *cuts; /* a folder for parts of pictures on their way; NULL: there was none */
} Writing;

const char *
few_labelled_format_name (FewLabelledFormat format)
{
  static const char *const names[] = { "yolo", "huggingface", "coco" };
  return format < FEW_LABELLED_FORMATS ? names[format] : NULL;
}

FewLabelledFormat
few_labelled_format_find (const char *name)
{
  FewLabelledFormat format = 0;
  g_return_val_if_fail (name, FEW_LABELLED_FORMATS);
  while (format < FEW_LABELLED_FORMATS && !g_str_equal (few_labelled_format_name (format), name))
    format++;
  return format;
}

static gboolean
tell (Writing *w, guint i, GError **error)
{
  if (w->progress)
    w->progress (w->user, i);
  return !g_cancellable_set_error_if_cancelled (w->cancellable, error);
}

/* ---- what is for what */

/* Parts of one picture stay on one side of what is drawn; where one is pinned all are tested on. */
static gboolean
keep_parts_together (Writing *w, const guint32 *labels, const guint8 *pinned, GError **error)
{
  guint n = w->set->pictures->len;
  g_autofree guint32 *groups = g_try_new (guint32, MAX (n, 1));
  g_autofree const char **paths = g_try_new0 (const char *, (gsize) n + 1);
  for (guint i = 0; paths && i < n; i++)
    paths[i] = ((const FewDataPicture *) w->set->pictures->pdata[i])->path;
  g_autofree guint8 *tested = g_try_new0 (guint8, MAX (n, 1)); /* by the groups' numbers */
  if (!groups || !paths || !tested)
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_MEMORY,
                   _ ("There is not enough memory for %u pictures."), n);
      return FALSE;
    }
  if (!few_split_spread_parts (paths, pinned, n, FALSE, w->roles, error)
      || !few_groups_of_files (paths, labels, n, 0, w->cancellable, groups, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (pinned[i])
      tested[groups[i]] = TRUE;
  for (guint i = 0; i < n; i++)
    if (tested[groups[i]])
      w->roles[i] = FEW_ROLE_TEST;
  return few_split_keep_together (groups, n, FALSE, w->roles, NULL, error);
}

static gboolean
split_several (Writing *w, const guint8 *pinned, GError **error)
{
  const FewShares shares = { FEW_SHARE_USUAL, FEW_SHARE_USUAL };
  g_autoptr (FewLabelSets) sets = few_dataset_sets (w->set, error);
  return sets
         && few_split_several (sets, w->set->classes->len, pinned, 0, shares, 1, w->roles, error);
}

static gboolean
draw_split (Writing *w, GError **error)
{
  const FewDataset *set = w->set;
  guint n = set->pictures->len;
  g_autofree guint32 *labels = g_try_new (guint32, MAX (n, 1));
  g_autofree guint8 *pinned = g_try_new0 (guint8, MAX (n, 1)); /* test pictures of a person */
  w->roles = g_try_new0 (guint8, MAX (n, 1));
  if (!labels || !pinned || !w->roles)
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_MEMORY,
                   _ ("There is not enough memory for %u pictures."), n);
      return FALSE;
    }
  for (guint i = 0; i < n; i++)
    {
      const FewDataPicture *picture = set->pictures->pdata[i];
      labels[i] = picture->label;
      w->roles[i] = (guint8) picture->role;
    }
  w->done->split_drawn = !set->has_roles;
  for (guint i = 0; i < n; i++)
    pinned[i] = w->roles[i] == FEW_ROLE_TEST;
  if (set->has_roles)
    return TRUE;
  gboolean drawn = set->any
                       ? split_several (w, pinned, error)
                       : few_split (labels, pinned, n, set->classes->len, 0, 1, w->roles, error);
  return drawn && keep_parts_together (w, labels, pinned, error);
}

/* ---- pictures */

/* Where an earlier run had another split, a picture would be learned from and tested on. */
static gboolean
check_elsewhere (const Writing *w, const char *path, const char *class_name, guint role,
                 GError **error)
{
  for (guint s = 0; s < SPLITS; s++)
    {
      g_autofree char *other = s == role ? NULL : few_sorter_find (w->sorters[s], path, class_name);
      if (!other)
        continue;
      g_autofree char *shown = g_filename_display_name (other);
      g_set_error (
          error, FEW_ERROR, FEW_ERROR_INPUT,
          /* Translators: a file */
          _ ("%s is there from another split: choose an empty folder, or no picture that is "
             "tested on would be new to what learns."),
          shown);
      return FALSE;
    }
  return TRUE;
}

/* A part of a picture as a file, to be copied and removed; NULL: it is a whole one, or an error. */
static char *
cut_part (Writing *w, const char *address, GError **error)
{
  if (!few_address_has_crop (address))
    return NULL;
  if (w->link)
    {
      /* as the command line alone can ask for */
      g_set_error (
          error, FEW_ERROR, FEW_ERROR_INPUT,
          "Parts of pictures are cut out, and there is nothing to link to: leave the links "
          "out.");
      return NULL;
    }
  if (!w->cuts && !(w->cuts = g_dir_make_tmp ("fewshot-parts-XXXXXX", error)))
    return NULL;
  return few_crop_file_write (address, w->cuts, error);
}

/* The line about a picture that was copied to `name` below its split's folder. */
static void
put_line (Writing *w, GString *table, const FewDataPicture *picture, const char *name)
{
  const GPtrArray *classes = w->set->classes;
  if (!w->set->any)
    {
      few_csv_plain (table, name, ",");
      few_csv_plain (table, classes->pdata[picture->label], "\r\n");
      return;
    }
  g_string_append (table, "{\"file_name\":");
  few_keep_quote (table, name);
  g_string_append (table, ",\"labels\":[");
  for (guint l = 0; l < picture->n_labels; l++)
    {
      g_string_append (table, l ? "," : "");
      few_keep_quote (table, classes->pdata[picture->labels[l]]);
    }
  g_string_append (table, "]}\n");
}

static gboolean
copy_picture (Writing *w, guint i, GError **error)
{
  const FewDataPicture *picture = w->set->pictures->pdata[i];
  guint role = w->roles[i];
  const char *class_name = w->set->any ? "images" : w->set->classes->pdata[picture->label];
  g_autofree char *made = NULL;
  if (role >= SPLITS)
    return TRUE; /* of no use to anybody */
  g_autofree char *cut = cut_part (w, picture->path, error);
  const char *path = cut ? cut : picture->path;
  if (!cut && few_address_has_crop (path))
    return FALSE;
  FewSortOutcome outcome = FEW_SORT_FAILED;
  if (check_elsewhere (w, path, class_name, role, error))
    outcome = few_sorter_copy_to (w->sorters[role], path, class_name, &made, w->cancellable, error);
  if (cut)
    g_unlink (cut);
  if (outcome == FEW_SORT_FAILED)
    return FALSE;
  w->done->copied += outcome == FEW_SORT_COPIED;
  w->done->there += outcome == FEW_SORT_THERE;
  w->counts[role]++;
  if (!w->tables[role])
    return TRUE;
  g_autofree char *split = g_build_filename (w->output, w->names[role], NULL);
  g_autofree char *shown = g_filename_display_name (made + strlen (split) + 1);
  put_line (w, w->tables[role], picture, shown);
  return TRUE;
}

static gboolean
copy_pictures (Writing *w, gboolean link, GError **error)
{
  for (guint s = 0; s < SPLITS; s++)
    {
      g_autofree char *folder = g_build_filename (w->output, w->names[s], NULL);
      w->sorters[s] = few_sorter_new (folder);
      few_sorter_set_link (w->sorters[s], link);
    }
  for (guint i = 0; i < w->set->pictures->len; i++)
    if (!tell (w, i, error) || !copy_picture (w, i, error))
      return FALSE;
  return TRUE;
}

/* ---- Hugging Face */

/* What load_dataset goes by: which files, and that labels are classes. A string of YAML may be one
 * of JSON. */
static void
put_config (GString *card, const Writing *w)
{
  g_string_append (card, "configs:\n- config_name: default\n  features:\n  - name: image\n"
                         "    dtype: image\n");
  g_string_append_printf (card, "  - name: %s:\n      class_label:\n        names:\n",
                          w->set->any ? "labels\n    sequence" : "label\n    dtype");
  for (guint k = 0; k < w->set->classes->len; k++)
    {
      g_string_append_printf (card, "          '%u': ", k);
      few_keep_quote (card, w->set->classes->pdata[k]);
      g_string_append_c (card, '\n');
    }
  g_string_append (card, "  data_files:\n");
  for (guint s = 0; s < SPLITS; s++)
    if (w->counts[s] > 0)
      g_string_append_printf (card, "  - split: %s\n    path: %s/**\n", w->names[s], w->names[s]);
}

static void
put_counts (GString *card, const Writing *w)
{
  g_autofree guint *counts = g_new0 (guint, w->set->classes->len * SPLITS + 1);
  for (guint i = 0; i < w->set->pictures->len; i++)
    {
      const FewDataPicture *picture = w->set->pictures->pdata[i];
      const guint32 *labels = w->set->any ? picture->labels : &picture->label;
      guint n = w->set->any ? picture->n_labels : 1;
      for (guint l = 0; w->roles[i] < SPLITS && l < n; l++)
        counts[(gsize) labels[l] * SPLITS + w->roles[i]]++;
    }
  g_string_append (card, "| class | train | validation | test |\n|---|---|---|---|\n");
  for (guint k = 0; k < w->set->classes->len; k++)
    {
      g_autofree char *name = few_markdown_quote (w->set->classes->pdata[k]);
      const guint *of = counts + (gsize) k * SPLITS;
      g_string_append_printf (card, "| %s | %u | %u | %u |\n", name, of[FEW_ROLE_TRAIN],
                              of[FEW_ROLE_VALIDATION], of[FEW_ROLE_TEST]);
    }
}

static char *
describe_set (const Writing *w)
{
  GString *card = g_string_new ("---\ntask_categories:\n- image-classification\n");
  g_string_append (card, w->set->any ? "task_ids:\n- multi-label-image-classification\n" : "");
  put_config (card, w);
  g_string_append_printf (
      card,
      "---\n\n# Labelled pictures\n\n%u pictures %s %u %s, written by "
      "Fewshot %s. %s\n\n",
      w->counts[0] + w->counts[1] + w->counts[2], w->set->any ? "with any number of" : "of",
      w->set->classes->len, w->set->any ? "labels" : "classes", FEW_VERSION,
      w->done->split_drawn ? "The split was drawn by Fewshot with seed 1, a fifth of each class "
                             "to validate and a fifth to test on where there are enough: no "
                             "result was measured on it yet."
                           : "The split is the one that the labels came with, or that was trained "
                             "and tested on.");
  put_counts (card, w);
  g_string_append (card, "\nWhose the pictures are, how they were gathered and under which licence "
                         "they may be used is not told here: whoever publishes them has to say "
                         "it.\n\n```python\nfrom datasets import load_dataset\n"
                         "pictures = load_dataset(\".\")  # the folder\n```\n");
  return g_string_free (card, FALSE);
}

static gboolean
write_text (const char *folder, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return few_file_write (path, text, strlen (text), error);
}

/* A table is in UTF-8: what has another name on the disk would not be found by it. Parts of
 * pictures get names of their own. */
static gboolean
check_names (const Writing *w, GError **error)
{
  for (guint i = 0; i < w->set->pictures->len; i++)
    {
      const char *path = ((const FewDataPicture *) w->set->pictures->pdata[i])->path;
      g_autofree char *name = g_path_get_basename (path);
      if (w->roles[i] >= SPLITS || g_utf8_validate (name, -1, NULL) || few_address_has_crop (path))
        continue;
      g_autofree char *shown = few_text_shown (path);
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                   /* Translators: a picture's file */
                   _ ("The name of %s is not in UTF-8, as names in a data set’s table are: rename "
                      "the file."),
                   shown);
      return FALSE;
    }
  return TRUE;
}

/* The card last. */
static gboolean
finish_hugging_face (Writing *w, GError **error)
{
  const char *table = w->set->any ? "metadata.jsonl" : "metadata.csv";
  for (guint s = 0; s < SPLITS; s++)
    {
      g_autofree char *folder = g_build_filename (w->output, w->names[s], NULL);
      if (w->counts[s] > 0 && !write_text (folder, table, w->tables[s]->str, error))
        return FALSE;
    }
  g_autofree char *card = describe_set (w);
  return few_labelled_card_write (w->output, card, w->done->card_kept, sizeof w->done->card_kept,
                                  error);
}

/* ---- COCO */

static int
compare_pictures (gconstpointer a, gconstpointer b)
{
  const FewDataPicture *const *one = a;
  const FewDataPicture *const *other = b;
  return strcmp ((*one)->path, (*other)->path);
}

/* An annotation a label; a picture without one is named all the same. */
static gboolean
add_labels (const FewDataPicture *picture, FewKeptAnswer *answer, FewKeeper *keeper, GError **error)
{
  answer->unasked = picture->n_labels == 0;
  if (answer->unasked)
    return few_keeper_add (keeper, answer, error);
  for (guint l = 0; l < picture->n_labels; l++)
    {
      answer->order = picture->labels + l;
      if (!few_keeper_add (keeper, answer, error))
        return FALSE;
    }
  return TRUE;
}

/* Those of one file follow one another. */
static gboolean
add_to_coco (Writing *w, FewKeeper *keeper, GError **error)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  g_autofree char *last = NULL;
  g_ptr_array_extend (sorted, w->set->pictures, NULL, NULL);
  g_ptr_array_sort (sorted, compare_pictures);
  for (guint i = 0; i < sorted->len; i++)
    {
      const FewDataPicture *picture = sorted->pdata[i];
      FewCrop crop;
      double box[4];
      g_autofree char *path = few_address_split (picture->path, &crop);
      few_crop_box (&crop, box);
      FewKeptAnswer answer = { .path = path, .box = box, .n = 1, .order = &picture->label };
      if (!tell (w, i, error)
          || (w->set->any ? !add_labels (picture, &answer, keeper, error)
                          : !few_keeper_add (keeper, &answer, error)))
        return FALSE;
      w->done->copied += g_strcmp0 (path, last) != 0;
      g_free (last);
      last = g_steal_pointer (&path);
    }
  return TRUE;
}

static gboolean
write_coco (Writing *w, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_ptr_array_extend (names, w->set->classes, NULL, NULL);
  g_ptr_array_add (names, NULL);
  const FewKeepOptions options = { .format = FEW_KEEP_COCO,
                                   .output = w->output,
                                   .classes = (const char *const *) names->pdata,
                                   .classifier = "Labelled pictures, written by Fewshot" };
  g_autoptr (FewKeeper) keeper = few_keeper_new (&options, error);
  guint64 left_out = 0;
  if (!keeper || !add_to_coco (w, keeper, error) || !few_keeper_finish (keeper, &left_out, error))
    return FALSE;
  w->done->left_out = (guint) left_out;
  w->done->elsewhere = (guint) few_keeper_count_elsewhere (keeper);
  w->done->copied -= w->done->left_out;
  return TRUE;
}

/* ---- the door */

static gboolean
write_folders (Writing *w, FewLabelledFormat format, gboolean link, GError **error)
{
  static const char *const yolo[] = { "train", "val", "test" };
  static const char *const hugging_face[] = { "train", "validation", "test" };
  gboolean tables = format == FEW_LABELLED_HUGGING_FACE;
  w->names = tables ? hugging_face : yolo;
  for (guint s = 0; tables && s < SPLITS; s++)
    w->tables[s] = g_string_new (w->set->any ? "" : "file_name,label\r\n");
  return (!tables || few_labelled_card_check (w->output, error)) && draw_split (w, error)
         && (!tables || check_names (w, error)) && copy_pictures (w, link, error)
         && (!tables || finish_hugging_face (w, error));
}

gboolean
few_labelled_write (const FewDataset *set, FewLabelledFormat format, const char *output,
                    gboolean link, void (*progress) (gpointer user, guint done), gpointer user,
                    GCancellable *cancellable, FewLabelledDone *done, GError **error)
{
  g_return_val_if_fail (set && output && done, FALSE);
  g_autofree char *whole = g_canonicalize_filename (output, NULL);
  Writing w = { .set = set,
                .output = whole,
                .progress = progress,
                .user = user,
                .cancellable = cancellable,
                .link = link,
                .done = done };
  *done = (FewLabelledDone) { 0 };
  gboolean ok = format == FEW_LABELLED_COCO ? write_coco (&w, error)
                                            : write_folders (&w, format, link, error);
  for (guint s = 0; s < SPLITS; s++)
    {
      g_clear_pointer (&w.sorters[s], few_sorter_free);
      if (w.tables[s])
        g_string_free (w.tables[s], TRUE);
    }
  if (w.cuts)
    g_rmdir (w.cuts);
  g_free (w.cuts);
  g_free (w.roles);
  return ok;
}
