/* SPDX-License-Identifier: MIT */
/* A sentence for each thing that happened. */
#include "pages/examples/few-added-words.h"
#include <glib/gi18n.h>

static char *
describe_pictures (const FewAdded *added)
{
  if (added->classes == 0)
    return g_strdup_printf (
        ngettext ("%u picture is none of these", "%u pictures are none of these", added->pictures),
        added->pictures);
  g_autofree char *what =
      g_strdup_printf (ngettext ("%u picture", "%u pictures", added->pictures), added->pictures);
  /* Translators: "12 pictures added to 3 classes" */
  return g_strdup_printf (
      ngettext ("%s added to %u class", "%s added to %u classes", added->classes), what,
      added->classes);
}

static char *
describe_labels (guint labelled)
{
  return g_strdup_printf (ngettext ("%u picture that was there got labels",
                                    "%u pictures that were there got labels", labelled),
                          labelled);
}

static char *
describe_left_out (guint files)
{
  return g_strdup_printf (ngettext ("%u file was left out", "%u files were left out", files),
                          files);
}

char *
few_added_words (const FewAdded *added)
{
  g_return_val_if_fail (added != NULL, NULL);
  g_auto (GStrv) parts = g_new0 (char *, 4);
  guint n = 0;
  if (added->pictures > 0)
    parts[n++] = describe_pictures (added);
  if (added->labelled > 0)
    parts[n++] = describe_labels (added->labelled);
  if (added->left_out > 0)
    parts[n++] = describe_left_out (added->left_out);
  g_autofree char *text = g_strjoinv (". ", parts);
  return n > 1 ? g_strconcat (text, ".", NULL) : g_steal_pointer (&text);
}
