/* SPDX-License-Identifier: MIT */
/* Two lines: what it is, and what it is taken for. */
#include "widgets/few-tile-words.h"
#include "session/few-said.h"
#include "widgets/few-picture-words.h"
#include <glib/gi18n.h>

/* Two lines: the first, and the others. */
static char *
list_labels (FewPicture *picture)
{
  const GPtrArray *further = few_picture_get_further (picture);
  GString *text = g_string_new (few_class_get_name (few_picture_get_class (picture)));
  for (guint i = 0; further && i < further->len; i++)
    g_string_append_printf (text, "%s%s", i ? ", " : "\n", few_class_get_name (further->pdata[i]));
  return g_string_free (text, FALSE);
}

/* Of the file alone: which part of it is seen on the tile, and spoken. */
static char *
name_file (FewPicture *picture)
{
  return g_filename_display_basename (few_picture_get_path (picture));
}

void
few_tile_words_of_example (FewExamples *examples, FewPicture *picture, char **text, char **spoken)
{
  g_return_if_fail (FEW_IS_EXAMPLES (examples) && FEW_IS_PICTURE (picture) && text && spoken);
  gboolean tested = few_picture_is_test (picture);
  g_autofree char *classes = few_picture_name_classes (picture);
  const char *name = few_picture_get_name (picture);
  *text = few_examples_is_several (examples) ? list_labels (picture) : name_file (picture);
  *spoken = g_strdup_printf ("%s, %s%s%s", name, classes, tested ? ", " : "",
                             tested ? few_picture_words (picture) : "");
}

/* Of any number of labels; nothing is said before it was learned. */
static gboolean
describe_labels (FewView *view, FewPicture *picture, guint row, char **text, char **spoken)
{
  g_autofree char *own = few_picture_name_classes (picture);
  g_autofree char *said = few_said_names (view, row);
  const char *name = few_picture_get_name (picture);
  gboolean fits = !said || few_said_fits (view, row, picture);
  g_autofree char *labels = list_labels (picture);
  if (!said)
    *text = g_steal_pointer (&labels);
  else
    *text = fits ? g_strdup_printf ("✓ %s", labels) : g_strdup_printf ("%s\n→ %s", own, said);
  if (!said)
    *spoken = g_strdup_printf ("%s, %s", name, own);
  else
    /* Translators: file name, its own labels, those given to it */
    *spoken = g_strdup_printf (
        fits ? _ ("%s, %s, recognised as %s") : _ ("%s, %s, mistaken for %s"), name, own, said);
  return fits;
}

gboolean
few_tile_words_of_answer (FewView *view, FewPicture *picture, guint row, char **text, char **spoken)
{
  g_return_val_if_fail (FEW_IS_VIEW (view) && FEW_IS_PICTURE (picture), TRUE);
  g_return_val_if_fail (text && spoken, TRUE);
  if (few_view_is_several (view))
    return describe_labels (view, picture, row, text, spoken);
  FewSnapshot *snapshot = few_view_get_snapshot (view);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  guint best = few_view_get_predicted (view)[row];
  FewClass *guess = few_view_get_class (view, best);
  gboolean right = guess == few_picture_get_class (picture); /* as it is now */
  const char *name = few_class_get_name (guess);
  g_autofree char *own = few_picture_name_classes (picture);
  g_autofree float *cosines = g_new (float, info->n_classes);
  few_lens_cosines (snapshot, row, few_view_get_alpha (view), cosines);
  *text = right ? g_strdup_printf ("✓ %s\n%.3f", name, cosines[best])
                : g_strdup_printf ("%s\n→ %s", own, name);
  /* Translators: file name, its own class, the class predicted for it */
  *spoken = g_strdup_printf (right ? _ ("%s, %s, recognised as %s") : _ ("%s, %s, mistaken for %s"),
                             few_picture_get_name (picture), own, name);
  return right;
}
